#!/bin/bash
# patch: checkpatch --strict and codespell have nothing to say
. "$(dirname "$0")/../gate.sh"

# Sign-offs are the sender's (make mbox). The tree has no history in which a commit
# that a patch names could be looked up. New files are another gate's matter.
ignore=MISSING_SIGN_OFF,NO_AUTHOR_SIGN_OFF,UNKNOWN_COMMIT_ID,FILE_PATH_CHANGES
# Where Debian has the words; checkpatch looks elsewhere.
words=/usr/lib/python3/dist-packages/codespell_lib/data/dictionary.txt
[[ -f $words ]] || verdict FAIL "codespell is missing: run tools-testing/deps.sh"
kgit format-patch -q -1 --stdout "$commit" > "$scratch/patch"
cd "$TREE"
status=0
perl scripts/checkpatch.pl --strict --terse --showfile --codespell --codespellfile "$words" --show-types --color=never \
	--ignore "$ignore" "$scratch/patch" > "$scratch/all" || status=$?
[[ $status == 0 || ($status == 1 && -s $scratch/all) ]] || complain "checkpatch ended with status $status"
# It does not know the layout that all TRACE_EVENTs have.
grep -vE '^total: |^include/trace/events/.*(OPEN_ENDED_LINE|PARENTHESIS_ALIGNMENT)' "$scratch/all" >> "$complaints" || true
judge "checkpatch --strict is silent"
