#!/bin/bash
# each gate of make check stops a patch that was made bad for it, and none that is good
. "$(dirname "$0")/../checks.sh"

gates=$ROOT/tools-testing/gates
message='mm/ksm: test what the gates say

Reviewers stop patches like this one.  Make one, and see.'
# commit MESSAGE PATH < CONTENT: one more commit on top of the series, as tip
commit() {
	local blob
	blob=$(kgit hash-object -w --stdin)
	rm -f "$scratch/index"
	GIT_INDEX_FILE=$scratch/index kgit read-tree ksm
	GIT_INDEX_FILE=$scratch/index kgit update-index --add --cacheinfo "100644,$blob,$2"
	tip=$(GIT_AUTHOR_NAME=Test GIT_AUTHOR_EMAIL=test@example.org GIT_COMMITTER_NAME=Test GIT_COMMITTER_EMAIL=test@example.org \
		kgit commit-tree -p ksm -m "$1" "$(GIT_INDEX_FILE=$scratch/index kgit write-tree)")
}
# stops GATE WORDS: FAIL, and a complaint that has these words
stops() {
	"$gates/$1.sh" "$tip" > "$scratch/said" 2>&1 || true
	cat "$scratch/said" >&2
	check "$1: $2" test "$(tail -n 1 "$scratch/said" | cut -d' ' -f1)" = FAIL -a "$(grep -cF -- "$2" "$scratch/said")" -gt 0
}
ksm_c() { kgit show ksm:mm/ksm.c; }
more() { ksm_c; printf '%b' "$1"; }
C='\n/* SPDX */\n'

commit "$message" mm/ksm.c < <(more '\n/* A comment says why. */\n')
for gate in "$gates"/*.sh; do
	name=$(basename "$gate" .sh)
	said=$("$gate" "$tip" 2>&1 | tail -n 1) || true
	check "$name: a good patch passes" test "${said%% *}" = PASS
	say "$name: $said" >&2
done

try_subject() { commit "$1${message#*what the gates say}" mm/ksm.c < <(more "$C"); stops subject "$2"; }
try_subject 'mm/ksm: tested it' "'tested' is not imperative"
try_subject 'mm/ksm: Test it' 'is not in lower case'
try_subject 'mm/ksm: test it.' 'a full stop'
try_subject 'test it' 'no prefix'
try_subject 'ksm: test it' 'is no prefix of what KSM consists of'
try_subject "mm/ksm: test $(printf 'x%.0s' {1..70})" 'more than 75'

try_message() { commit "$1" mm/ksm.c < <(more "$C"); stops message "$2"; }
try_message 'mm/ksm: test it' 'there is no text'
try_message "$message

$(printf 'word %.0s' {1..20})" 'longer than 75'
try_message "$message

Fixes: 12345 (\"too short\")" 'not of the form Fixes:'
try_message "$message

Link: somewhere" 'no address'
try_message "$message

Reported-by: Test <test@example.org>" 'no Closes: follows'
try_message "$message

Signed-off-by: Test <test@example.org>" 'signed off before it is sent'

commit "$message" mm/ksm.c < <(more 'int x; \n'); stops whitespace 'trailing whitespace'
commit "$message" mm/ksm.c < <(more 'int *ksm_test(){ return 0; }\n'); stops checkpatch 'ksm.c'
commit "$message" mm/ksm_more.c <<< 'int ksm_more;'; stops spdx 'mm/ksm_more.c begins with: int ksm_more;'
commit "$message" drivers/nobody/knows.c <<< '// SPDX-License-Identifier: GPL-2.0'; stops maintainers 'drivers/nobody/knows.c has no maintainer'
commit "$message" mm/ksm.c < <(more '\n/**\n * ksm_more() - less\n * @what: is not there\n */\nint ksm_more(int why)\n{\n\treturn why;\n}\n')
stops kernel-doc "'why' not described"

# The runner: one bad patch makes it fail, and the table says which.
commit 'mm/ksm: tested it' mm/ksm.c < <(more "$C")
status=0
ONLY='subject message' RANGE="ksm~..$tip" "$ROOT/tools-testing/check.sh" "$scratch/out" > "$scratch/table" || status=$?
cat "$scratch/table" >&2
check "a bad patch makes check.sh fail" test "$status" = 1
check "its table has both patches" test "$(grep -cE '^0[12] .* (PASS|FAIL) ' "$scratch/table")" = 2
check "and says why" grep -q "^FAIL: subject, 02: 'tested' is not imperative" "$scratch/table"
check "a gate that is not there is an error" test "$(ONLY=nosuch "$ROOT/tools-testing/check.sh" "$scratch/out" 2>&1 | cut -c1-6)" = error:
finish
