#!/bin/bash
# the series applies to a pristine tree with git am, quilt and b4
. "$(dirname "$0")/../checks.sh"

want=$(kgit rev-parse 'ksm^{tree}')
count=$(kgit rev-list --count base..ksm)
mapfile -t patches < <(series_names | sed "s|^|$ROOT/patches/|")
same_tree() { [[ $(sgit rev-parse 'HEAD^{tree}') == "$want" && $(sgit rev-list --count base..HEAD) == "$count" ]]; }

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

	mails=$(grep -c '^Subject: \[PATCH' "$mbox")
	check "$topic: cover letter and patches are numbered" test "$mails" = $((count + 1)) -a \
		"$(grep -c "^Subject: \[PATCH 0*[0-9]*/$count\]" "$mbox")" = "$mails"
	check "$topic: all go to the maintainers" test "$(grep -c '^Cc: ' "$mbox")" -ge "$mails"
done

pristine base
for topic in $(series_topics); do sgit am -q --empty=drop "$scratch/mail/ksm-$topic.mbox" || fail "$topic: git am, after the others"; done
check "the mailboxes one after the other give the tree of branch ksm" test "$(sgit rev-parse 'HEAD^{tree}')" = "$all"

# refuses TEXT SENDER: the sender has to be one
refuses() {
	local out
	if out=$(SENDER=$2 "$ROOT/tools-testing/mbox.sh" "$scratch/bad" 2>&1) ||
	   [[ $(wc -l <<< "$out") != 1 || $out != error:*SENDER* || -e $scratch/bad ]]; then
		fail "$1"
	else
		pass "$1"
	fi
	say "$out" >&2
}
refuses "no sender is an error" ''
refuses "a name alone is an error" 'Nobody'
refuses "an address alone is an error" 'nobody@example.org'

pristine base
finish
