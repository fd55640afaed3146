#!/bin/bash
# mbox.sh [DIR]: each topic of the series as a mailbox ksm-TOPIC.mbox in DIR (build/), on top of the
# base alone, cover letter first, from SENDER="Name <mail>" and signed off by them; copies
# to whom the kernel's get_maintainer.pl names. TRAILERS="Tested-by: ...;
# Reviewed-by: ..." go in front of the sign-off. TOPICS="NAME ...": only these. The
# single mails stay next to the mailbox, for git send-email.
. "$(dirname "$0")/lib.sh"

target=${1:-$BUILD}
sender=${SENDER:-}
[[ $sender ]] || die "who sends it? make mbox SENDER=\"Name <mail>\""
[[ $sender =~ ^([^\<\>@]*[^\<\>@[:space:]])\ +\<([^[:space:]\<\>@]+@[^[:space:]\<\>@]+)\>$ ]] ||
	die "SENDER=\"$sender\" is not of the form \"Name <mail>\""
name=${BASH_REMATCH[1]//\"/} mail=${BASH_REMATCH[2]}
sender="$name <$mail>"
[[ -f $ROOT/cover-letter.txt ]] || die "there is no cover-letter.txt"

[[ $(series_names) ]] || die "series names no patches"
read -r -a topics <<< "${TOPICS:-$(series_topics | paste -sd ' ')}"
series_topic "${topics[@]}"

lock mbox
lock tree
trap 'rm -rf "$target"/ksm-*.tmp' EXIT
mkdir -p "$target"

# mailbox TOPIC
mailbox() {
	local mbox=$target/ksm-$1.mbox new=$target/ksm-$1.tmp dir=$target/ksm-$1 tip line file
	local -a cc=() base=() trailers=()

	rm -rf "$new"
	mkdir -p "$new"
	[[ $(cover_text "$1") ]] || die "cover-letter.txt has no part '== topic $1 =='"
	# git am takes what follows for a patch.
	! cover_text "$1" | grep -qx -e '---' || die "cover-letter.txt has a line of just three dashes, which ends a mail's text"
	apply_series "$1"
	while read -r line; do
		[[ $line == *"$mail"* ]] || cc+=("--cc=$line")
	done < <(series_names "$1" | sed "s|^|$ROOT/patches/|" | (cd "$TREE" && xargs -d '\n' \
		perl scripts/get_maintainer.pl --no-git --no-git-fallback --no-rolestats 2> /dev/null))
	[[ ${#cc[@]} != 0 ]] || die "get_maintainer.pl names nobody for these patches"

	# A base that others have is worth naming; Debian's tree is a commit of ours.
	case $(cat "$TREE/.git/ksm-source" 2> /dev/null) in *' at '*) base=(--base="$(kgit rev-parse base)") ;; esac

	# The text becomes a branch's description: git takes the cover letter's
	# subject and body from there, and adds the shortlog and the diffstat itself.
	kgit branch -q -f "mbox-$1" "$tip"
	GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$mail \
		kgit -c "branch.mbox-$1.description=$(cover_text "$1")" format-patch -q -o "$new" \
		--cover-letter --cover-from-description=subject --from="$sender" "${cc[@]}" "${base[@]}" \
		-n --thread=shallow --zero-commit --stat=72 --diff-algorithm=myers \
		--indent-heuristic -M --no-notes --encode-email-headers --suffix=.patch "base..mbox-$1"
	kgit branch -q -D "mbox-$1"

	# git 2.39 leaves the cover letter's subject unencoded, and b4 0.12 fails on
	# a subject that git folded.
	perl -MEncode -pi -e 's/(\S*[^\x00-\x7f]\S*)/encode("MIME-Q", decode("UTF-8", $1))/ge if /^Subject: / && 1 .. /^$/' \
		"$new"/0000-*.patch
	perl -0 -pi -e '1 while s/\A((?:.+\n)*?Subject: .*)\n[ \t]+/$1 /' "$new"/*.patch

	while IFS= read -r line; do
		[[ ! $line ]] || trailers+=(--trailer "$line")
	done < <(tr ';' '\n' <<< "${TRAILERS:-}" | sed 's/^ *//; s/ *$//')
	trailers+=(--trailer "Signed-off-by: $sender")
	for file in "$new"/*.patch; do
		[[ $file == */0000-* ]] || kgit interpret-trailers --in-place --where end \
			--if-exists addIfDifferent "${trailers[@]}" "$file"
	done

	rm -rf "$dir"
	cat "$new"/*.patch > "$mbox.tmp"
	mv "$new" "$dir"
	mv "$mbox.tmp" "$mbox"
	say "$mbox: $(series_names "$1" | wc -l) patches and the cover letter"
	say "apply it with 'b4 shazam -m $mbox' or 'git am --empty=drop $mbox';"
	say "mail it with 'git send-email --suppress-cc=all --to=... $dir/*.patch' (the copies are in the mails)"
}
for topic in "${topics[@]}"; do mailbox "$topic"; done
