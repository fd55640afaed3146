#!/bin/bash
# the series applies to a pristine tree with git am, quilt and b4; its mails and range-diffs are right
. "$(dirname "$0")/../checks.sh"

unset VERSION SINCE TRAILERS TOPICS

want=$(kgit rev-parse 'ksm^{tree}')
count=$(kgit rev-list --count base..ksm)
mapfile -t patches < <(series_names | sed "s|^|$ROOT/patches/|")
same_tree() { [[ $(sgit rev-parse 'HEAD^{tree}') == "$want" && $(sgit rev-list --count base..HEAD) == "$count" ]]; }

pristine base
# What git ignores and another left must not stay.
: > "$SCRATCH_TREE/mm/left.o"
pristine base
check "git am applies patches/" sgit am -q "${patches[@]}"
check "git am gives the tree of branch ksm" same_tree

# On the version whose line numbers the patches have, quilt must not even have
# to look a line further.
pristine base
push() {
	cd "$SCRATCH_TREE"
	QUILT_PATCHES=$ROOT/patches QUILT_SERIES=$ROOT/series quilt --quiltrc - push -a --fuzz=0 > "$scratch/quilt" 2>&1
}
check "quilt push -a applies series without fuzz" push
cat "$scratch/quilt" >&2
if grep -q "line numbers of $(base_version))" "$ROOT/series"; then
	check "and without an offset" test ! "$(grep -E 'offset|fuzz' "$scratch/quilt")"
fi
rm -rf "$SCRATCH_TREE/.pc"
sgit add -f -A
check "quilt gives the tree of branch ksm" test "$(sgit write-tree)" = "$want"

check "make mbox makes a mailbox of each topic" env SENDER='Test R. Sender <sender@example.org>' \
	"$ROOT/tools-testing/mbox.sh" "$scratch/mail"
signed() { [[ $(sgit log --format=%b base..HEAD | grep -c '^Signed-off-by: Test R. Sender <sender@example.org>$') == "$count" ]]; }
authors() { cmp <(kgit log --format='%an <%ae> %s' "base..$tip") <(sgit log --format='%an <%ae> %s' base..HEAD); }
shazam() {
	cd "$SCRATCH_TREE"
	# Its own home, and no look at the archives for a newer version.
	HOME=$scratch GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=Test \
	GIT_CONFIG_KEY_1=user.email GIT_CONFIG_VALUE_1=test@example.org \
		b4 --offline-mode --no-interactive shazam -m "$1"
}

# heads FILE...: the headers of mails, a field a line
heads() { local mail; for mail; do sed '/^$/q' "$mail" | perl -0 -pe 's/\n[ \t]+/ /g'; done; }
# addressed COUNT FILE...: all mails go to the maintainer who takes them and to the lists, none
# to anybody twice, nor to the sender
addressed() {
	local count=$1 abi=0 mail
	shift
	! grep -q '^+++ b/Documentation/ABI/' "$@" || abi=$count
	heads "$@" > "$scratch/heads"
	[[ $(grep -c '^To: .*<akpm@linux-foundation\.org>' "$scratch/heads") == "$count" &&
	   $(grep -c '^Cc: .*linux-mm@kvack\.org' "$scratch/heads") == "$count" &&
	   $(grep -c '^Cc: .*linux-api@vger\.kernel\.org' "$scratch/heads") == "$abi" ]] || return
	for mail; do
		heads "$mail" | sed -n 's/^\(From\|To\|Cc\): //p' | grep -oE '[^ <,]+@[^ >,]+' | sort -f | uniq -di
	done > "$scratch/twice"
	[[ ! -s $scratch/twice ]] || { sort "$scratch/twice" | uniq -c; return 1; }
}
# numbered COUNT PREFIX MBOX: the patches, and the letter in front
numbered() {
	[[ $(grep -c '^Subject: \[PATCH' "$3") == $(($1 + 1)) &&
	   $(grep -c "^Subject: \[$2 0*[0-9]*/$1\]" "$3") == $(($1 + 1)) ]]
}

all=$want
for topic in $(series_topics); do
	mbox=$scratch/mail/ksm-$topic.mbox
	(apply_series "$topic" && echo "$tip" > "$scratch/tip") || fail "$topic: applies to the base alone"
	tip=$(cat "$scratch/tip")
	want=$(kgit rev-parse "$tip^{tree}") count=$(kgit rev-list --count "base..$tip")
	pristine base
	check "$topic: b4 shazam applies the mailbox" shazam "$mbox"
	check "$topic: b4 shazam gives the tree of the patches" same_tree
	check "$topic: authors and subjects are those of the patches" authors
	check "$topic: every patch is signed off by the sender" signed

	pristine base
	check "$topic: git am applies the mailbox" sgit am -q --empty=drop "$mbox"
	check "$topic: git am of it gives the tree of the patches" same_tree

	check "$topic: cover letter and patches are numbered" numbered "$count" PATCH "$mbox"
	check "$topic: all go to the maintainers and the lists" addressed $((count + 1)) "$scratch/mail/ksm-$topic"/*.patch
done

pristine base
for topic in $(series_topics); do sgit am -q --empty=drop "$scratch/mail/ksm-$topic.mbox" || fail "$topic: git am, after the others"; done
check "the mailboxes one after the other give the tree of branch ksm" test "$(sgit rev-parse 'HEAD^{tree}')" = "$all"

# The last topic, where somebody has included one more header. In a repository that holds
# nothing of the series: one that does finds what to merge with, whatever is in the mails.
(
	SCRATCH_TREE=$scratch/other
	git init -q "$SCRATCH_TREE"
	mapfile -t files < <(kgit diff --name-only --diff-filter=a base "$tip")
	kgit archive base "${files[@]}" | tar -x -C "$SCRATCH_TREE"
	sgit add -f -A
	sgit -c user.name=Test -c user.email=test@example.org commit -q -m base
	sed -i '/^#include <linux\/kthread.h>/a #include <linux/none.h>' "$SCRATCH_TREE/mm/ksm.c"
	sgit -c user.name=Test -c user.email=test@example.org commit -q -a -m other
)
elsewhere() { SCRATCH_TREE=$scratch/other sgit am -q "$@" >&2; }
without() { ! elsewhere --empty=drop "$mbox"; }
check "where the context has changed, git am fails" without
elsewhere --abort || true
check "and git am -3 of the mailbox merges" elsewhere -3 --empty=drop "$mbox"
check "which gives both changes" cmp <(grep -vxF '#include <linux/none.h>' "$scratch/other/mm/ksm.c") <(kgit show "$tip:mm/ksm.c")

sender='SENDER=Test R. Sender <sender@example.org>'
mail() { env "$@" "$ROOT/tools-testing/mbox.sh" "$scratch/bad"; }
range_diff() { "$ROOT/tools-testing/range-diff.sh" "$@"; }
left() { kgit for-each-ref; find "$scratch/bad" "$BUILD/range-diff.tmp" "$TREE/.git/ksm-apply" 2> /dev/null || true; }
left > "$scratch/before"
# refuses TEXT WORD COMMAND...: one error, which names it, and nothing is left behind
refuses() {
	local out text=$1 word=$2
	shift 2
	if out=$("$@" 2>&1 | sed '/^waiting for another run/d') ||
	   [[ $(wc -l <<< "$out") != 1 || $out != error:*"$word"* ]] || ! cmp "$scratch/before" <(left) >&2; then
		fail "$text"
	else
		pass "$text"
	fi
	say "$out" >&2
}
refuses "no sender is an error" SENDER mail SENDER=
refuses "a name alone is an error" SENDER mail SENDER='Nobody'
refuses "an address alone is an error" SENDER mail SENDER='nobody@example.org'
for version in 0 100 02 2.1 -1 two; do refuses "VERSION=$version is an error" "VERSION=\"$version\"" mail "$sender" VERSION="$version"; done
refuses "mails since nothing that is there are an error" SINCE=nosuch mail "$sender" SINCE=nosuch
refuses "so is a range-diff" SINCE=nosuch range_diff nosuch
refuses "and one since nothing" SINCE= range_diff ''
pristine base

[[ $(git -C "$ROOT" rev-parse --show-toplevel 2> /dev/null) == "$ROOT" ]] || { skip "range-diff: this is no git repository"; finish; }
# posted: makes a commit of what is in that directory; nothing else of this repository changes
mkdir "$scratch/posted"
cp -r "$ROOT/patches" "$ROOT/series" "$scratch/posted"
rgit() {
	GIT_INDEX_FILE=$scratch/index git --git-dir="$(git -C "$ROOT" rev-parse --absolute-git-dir)" --work-tree="$scratch/posted" \
		-C "$scratch/posted" -c core.autocrlf=false -c user.name=Test -c user.email=test@example.org "$@"
}
posted() { rgit add -f -A . && rgit commit-tree -m posted "$(rgit write-tree)"; }
# pairs SAME CHANGED FILE: so many patches are, and no more
pairs() {
	[[ $(grep -cE '^ *[0-9]+: +[0-9a-f]+ = +[0-9]+: ' "$3") == "$1" && $(grep -cE '^ *[0-9]+: +[0-9a-f]+ ! +[0-9]+: ' "$3") == "$2" &&
	   $(grep -cE '^ *[0-9-]+: +[0-9a-f-]+ [<=>!] +[0-9-]+: ' "$3") == $(($1 + $2)) ]]
}

range_diff "$(posted)" > "$scratch/diff" || fail "range-diff"
check "range-diff: patches that are the same" pairs "${#patches[@]}" 0 "$scratch/diff"
check "range-diff: no more is said of them" test "$(wc -l < "$scratch/diff")" = "${#patches[@]}"
last=${patches[-1]##*/}
sed -i '0,/^$/s//\nNobody has seen this line.\n/' "$scratch/posted/patches/$last"
since=$(posted)
range_diff "$since" > "$scratch/diff" || fail "range-diff"
check "range-diff: a message that has changed" pairs $((${#patches[@]} - 1)) 1 "$scratch/diff"
check "range-diff: how it has" grep -q '^    - *Nobody has seen this line\.$' "$scratch/diff"

# To somebody whom get_maintainer.pl names, it comes from them.
who=$(heads "$scratch/mail/ksm-$topic"/0000-*.patch | sed -n 's/^To: .*<\([^<>]*\)>$/\1/p')
check "make mbox VERSION=2 SINCE= TRAILERS= makes a mailbox" env SENDER="Test R. Sender <${who^^}>" VERSION=2 SINCE="$since" \
	TRAILERS='Tested-by: Nobody <nobody@example.org>' TOPICS="$topic" "$ROOT/tools-testing/mbox.sh" "$scratch/v2"
mbox=$scratch/v2/ksm-$topic.mbox
check "v2: cover letter and patches are numbered" numbered "$count" 'PATCH v2' "$mbox"
check "v2: the sender gets no copy" addressed $((count + 1)) "$scratch/v2/ksm-$topic"/*.patch
check "v2: every patch has the trailer" test "$(grep -c '^Tested-by: Nobody <nobody@example.org>$' "$mbox")" = "$count"
sed '1,/^Range-diff against v1:$/d' "$scratch/v2/ksm-$topic"/*0000-*.patch > "$scratch/diff"
check "v2: the cover letter tells what has changed" pairs $((count - 1)) 1 "$scratch/diff"
check "v2: git am applies the mailbox" sgit am -q --empty=drop "$mbox"
check "v2: git am gives the tree of the patches" same_tree
pristine base

refuses "a range-diff since a commit without a series is an error" "no series" range_diff "$(rgit commit-tree -m none "$(rgit mktree < /dev/null)")"
sed -i '/^0001-/p' "$scratch/posted/series"
since=$(posted)
refuses "so is one since patches that do not apply" "patches/0001-" range_diff "$since"
refuses "and mails since those" "patches/0001-" mail "$sender" SINCE="$since"
finish
