#!/bin/bash
# mbox.sh [DIR]: each topic of the series as a mailbox ksm-TOPIC.mbox in DIR (build/), on top of the
# base alone, cover letter first, from SENDER="Name <mail>" and signed off by them, to the
# maintainers whom the kernel's get_maintainer.pl names, with copies to all others whom
# it names. TRAILERS="Tested-by: ...; Reviewed-by: ..." go in front of the sign-off.
# VERSION=2: [PATCH v2 ...]. SINCE=TAG: what changed since that commit of this repository
# is told in the cover letter. TOPICS="NAME ...": only these. The single mails stay next
# to the mailbox, for git send-email.
. "$(dirname "$0")/lib.sh"

target=${1:-$BUILD}
sender=${SENDER:-}
[[ $sender ]] || die "who sends it? make mbox SENDER=\"Name <mail>\""
[[ $sender =~ ^([^\<\>@]*[^\<\>@[:space:]])\ +\<([^[:space:]\<\>@]+@[^[:space:]\<\>@]+)\>$ ]] ||
	die "SENDER=\"$sender\" is not of the form \"Name <mail>\""
name=${BASH_REMATCH[1]//\"/} mail=${BASH_REMATCH[2]}
sender="$name <$mail>"
version=${VERSION:-} since=${SINCE:-}
[[ ! $version || $version =~ ^[1-9][0-9]?$ ]] || die "VERSION=\"$version\" is not a whole number from 1 to 99"
[[ -f $ROOT/cover-letter.txt ]] || die "there is no cover-letter.txt"

[[ $(series_names) ]] || die "series names no patches"
read -r -a topics <<< "${TOPICS:-$(series_topics | paste -sd ' ')}"
series_topic "${topics[@]}"
# Before the tree is locked here, for that locks it, too.
declare -A posted=()
for topic in "${topics[@]}"; do
	[[ ! $since ]] || posted[$topic]=$("$ROOT/tools-testing/range-diff.sh" --tip "$since" "$topic") || exit 1
done

lock mbox
lock tree
trap 'rm -rf "$target"/ksm-*.tmp "$TREE/.git/ksm-apply"' EXIT
mkdir -p "$target"

# named TOPIC OPTION...: whom get_maintainer.pl names for the patches
named() {
	series_names "$1" | sed "s|^|$PATCHES/|" | (cd "$TREE" && xargs -d '\n' \
		perl scripts/get_maintainer.pl --no-git --no-git-fallback --no-rolestats "${@:2}" 2> /dev/null)
}
# recipients TOPIC TIP: as options of format-patch, each of them once and not the
# sender. Some are named as maintainer and as reviewer.
recipients() {
	{
		named "$1" --no-l --no-r | sed 's/^/--to=/'
		named "$1" | sed 's/^/--cc=/'
		# MAINTAINERS does not tell who wants to see new files in sysfs.
		kgit diff --quiet base "$2" -- Documentation/ABI || say "--cc=linux-api@vger.kernel.org"
	} | awk -v sender="$mail" '
		BEGIN { seen[tolower(sender)] = 1 }
		{ address = tolower($0); sub(/^--..=/, "", address); sub(/.*</, "", address); sub(/>.*/, "", address) }
		!seen[address]++'
}

# mailbox TOPIC
mailbox() {
	local mbox=$target/ksm-$1.mbox new=$target/ksm-$1.tmp dir=$target/ksm-$1 tip line file
	local -a people=() base=() trailers=()

	rm -rf "$new"
	mkdir -p "$new"
	[[ $(cover_text "$1") ]] || die "cover-letter.txt has no part '== topic $1 =='"
	# git am takes what follows for a patch.
	! cover_text "$1" | grep -qx -e '---' || die "cover-letter.txt has a line of just three dashes, which ends a mail's text"
	apply_series "$1"
	mapfile -t people < <(recipients "$1" "$tip")
	[[ ${people[*]} == *--to=*--cc=* ]] || die "get_maintainer.pl names no maintainer, or nobody else, for these patches"

	# A base that others have is worth naming; Debian's tree is a commit of ours.
	case $(cat "$TREE/.git/ksm-source" 2> /dev/null) in *' at '*) base=(--base="$(kgit rev-parse base)") ;; esac

	# The text becomes a branch's description: git takes the cover letter's
	# subject and body from there, and adds the shortlog and the diffstat itself.
	kgit branch -q -f "mbox-$1" "$tip"
	GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$mail \
		kgit -c "branch.mbox-$1.description=$(cover_text "$1")" format-patch -q -o "$new" \
		--cover-letter --cover-from-description=subject --from="$sender" "${people[@]}" "${base[@]}" \
		${version:+-v"$version"} ${posted[$1]:+--range-diff="base..${posted[$1]}"} \
		-n --thread=shallow --zero-commit --stat=72 --diff-algorithm=myers \
		--indent-heuristic -M --no-notes --encode-email-headers --suffix=.patch "base..mbox-$1"
	kgit branch -q -D "mbox-$1"

	# git 2.39 leaves the cover letter's subject unencoded, and b4 0.12 fails on
	# a subject that git folded.
	perl -MEncode -pi -e 's/(\S*[^\x00-\x7f]\S*)/encode("MIME-Q", decode("UTF-8", $1))/ge if /^Subject: / && 1 .. /^$/' \
		"$new"/*0000-cover-letter.patch
	perl -0 -pi -e '1 while s/\A((?:.+\n)*?Subject: .*)\n[ \t]+/$1 /' "$new"/*.patch

	while IFS= read -r line; do
		[[ ! $line ]] || trailers+=(--trailer "$line")
	done < <(tr ';' '\n' <<< "${TRAILERS:-}" | sed 's/^ *//; s/ *$//')
	trailers+=(--trailer "Signed-off-by: $sender")
	for file in "$new"/*.patch; do
		[[ $file == *0000-cover-letter.patch ]] || kgit interpret-trailers --in-place --where end \
			--if-exists addIfDifferent "${trailers[@]}" "$file"
	done

	rm -rf "$dir"
	cat "$new"/*.patch > "$mbox.tmp"
	mv "$new" "$dir"
	mv "$mbox.tmp" "$mbox"
	say "$mbox: $(series_names "$1" | wc -l) patches and the cover letter"
	say "apply it with 'b4 shazam -m $mbox' or 'git am --empty=drop $mbox';"
	say "mail it with 'git send-email --to-cmd=true --suppress-cc=self $dir/*.patch' (to whom is in the mails)"
}
for topic in "${topics[@]}"; do mailbox "$topic"; done
