#!/bin/bash
# mbox.sh [FILE]: the series as one mailbox, cover letter first, from
# SENDER="Name <mail>" and signed off by them; copies to whom the kernel's
# get_maintainer.pl names. TRAILERS="Tested-by: ...; Reviewed-by: ..." go in
# front of the sign-off. The single mails stay next to it, for git send-email.
. "$(dirname "$0")/lib.sh"

mbox=${1:-$BUILD/ksm-watermark.mbox}
sender=${SENDER:-}
[[ $sender ]] || die "who sends it? make mbox SENDER=\"Name <mail>\""
[[ $sender =~ ^([^\<\>@]*[^\<\>@[:space:]])\ +\<([^[:space:]\<\>@]+@[^[:space:]\<\>@]+)\>$ ]] ||
	die "SENDER=\"$sender\" is not of the form \"Name <mail>\""
name=${BASH_REMATCH[1]//\"/} mail=${BASH_REMATCH[2]}
sender="$name <$mail>"
[[ -f $ROOT/cover-letter.txt ]] || die "there is no cover-letter.txt"

lock mbox
dir=${mbox%.mbox}
new=$dir.tmp
trap 'rm -rf "$new"' EXIT
rm -rf "$new"
mkdir -p "$new"

export_patches "$new/patches"
[[ $(ls "$new/patches") ]] || die "branch ksm of $TREE holds no patches"
cc=()
while read -r line; do
	[[ $line == *"$mail"* ]] || cc+=("--cc=$line")
done < <(cd "$TREE" && perl scripts/get_maintainer.pl --no-git --no-git-fallback --no-rolestats "$new"/patches/*.patch 2>/dev/null)
[[ ${#cc[@]} != 0 ]] || die "get_maintainer.pl names nobody for these patches"

# A base that others have is worth naming; Debian's tree is a commit of ours.
base=()
case $(cat "$TREE/.git/ksm-source" 2>/dev/null) in *' at '*) base=(--base="$(kgit rev-parse base)") ;; esac

# The text becomes the branch's description: git takes the cover letter's
# subject and body from there, and adds the shortlog and the diffstat itself.
GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$mail \
	kgit -c "branch.ksm.description=$(cover_text)" format-patch -q -o "$new" \
	--cover-letter --cover-from-description=subject --from="$sender" "${cc[@]}" "${base[@]}" \
	-n --thread=shallow --zero-commit --stat=72 --diff-algorithm=myers \
	--indent-heuristic -M --no-notes --encode-email-headers --suffix=.patch base..ksm

# git 2.39 leaves the cover letter's subject unencoded, and b4 0.12 fails on a
# subject that git folded.
perl -MEncode -pi -e 's/(\S*[^\x00-\x7f]\S*)/encode("MIME-Q", decode("UTF-8", $1))/ge if /^Subject: / && 1 .. /^$/' \
	"$new"/0000-*.patch
perl -0 -pi -e '1 while s/\A((?:.+\n)*?Subject: .*)\n[ \t]+/$1 /' "$new"/*.patch

trailers=()
while IFS= read -r line; do
	[[ ! $line ]] || trailers+=(--trailer "$line")
done < <(tr ';' '\n' <<< "${TRAILERS:-}" | sed 's/^ *//; s/ *$//')
trailers+=(--trailer "Signed-off-by: $sender")
rm -r "$new/patches"
for file in "$new"/*.patch; do
	[[ $file == */0000-* ]] || kgit interpret-trailers --in-place --where end \
		--if-exists addIfDifferent "${trailers[@]}" "$file"
done

rm -rf "$dir"
cat "$new"/*.patch > "$mbox.tmp"
mv "$new" "$dir"
mv "$mbox.tmp" "$mbox"
say "$mbox: $(kgit rev-list --count base..ksm) patches and the cover letter"
say "apply it with 'b4 shazam -m $mbox' or 'git am --empty=drop $mbox';"
say "mail it with 'git send-email --suppress-cc=all --to=... $dir/*.patch' (the copies are in the mails)"
