#!/bin/bash
# each gate of make check stops a patch that was made bad for it, and none that is good
. "$(dirname "$0")/../checks.sh"

# LONG=1: also the gates that build, boot or look at the series as a whole

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
	if [[ ! ${LONG:-} ]] && ! sed -n 2p "$gate" | grep -q '^# patch: '; then continue; fi
	# Nobody has smatch.
	if [[ $name == smatch ]] && ! command -v smatch > /dev/null; then continue; fi
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
commit "$message" mm/ksm.c < <(more '\n/* That was re''cieved. */\n'); stops checkpatch 'TYPO_SPELLING'
commit "$message" mm/ksm_more.c <<< 'int ksm_more;'; stops spdx 'mm/ksm_more.c begins with: int ksm_more;'
commit "$message" drivers/nobody/knows.c <<< '// SPDX-License-Identifier: GPL-2.0'; stops maintainers 'drivers/nobody/knows.c has no maintainer'
commit "$message" mm/ksm.c < <(more '\n/**\n * ksm_more() - less\n * @what: is not there\n */\nint ksm_more(int why)\n{\n\treturn why;\n}\n')
stops kernel-doc "'why' not described"

# One without a C source has nothing that these could build.
commit "$message" Documentation/mm/ksm.rst < <(kgit show ksm:Documentation/mm/ksm.rst; printf '\nMore.\n')
for name in gcc clang sparse size; do
	check "$name: a patch without C passes" test "$("$gates/$name.sh" "$tip" 2>&1 | tail -n 1)" = "PASS no C source is concerned"
done

long() {
	commit "$message" mm/ksm.c < <(more '\nint ksm_test(void);\nint ksm_test(void)\n{\n\tint x;\n\n\tx = 1;\n\treturn 0;\n}\n')
	stops gcc 'set but not used'
	stops clang 'set but not used'
	commit "$message" mm/ksm.c < <(more '\nint ksm_test;\n')
	stops sparse "symbol 'ksm_test' was not declared"
	commit "$message" mm/ksm.c < <(more '\nvoid ksm_test(void *p);\nvoid ksm_test(void *p)\n{\n\tif (p)\n\t\tkfree(p);\n}\n')
	stops coccicheck 'NULL check before some freeing functions is not needed'
	commit "$message" mm/ksm_more.h <<< 'static inline u64 ksm_more(void) { return 0; }'
	stops includes "mm/ksm_more.h"
	commit "$message" mm/ksm.c < <(more '\nvoid ksm_test(char *p);\nvoid ksm_test2(void);\nvoid ksm_test2(void)\n{\n\tchar c[600];\n\n\tksm_test(c);\n}\n')
	stops size 'ksm_test2 has'
	commit "$message" mm/ksm.c < <(more '\n#ifndef CONFIG_SYSFS\n#error no sysfs\n#endif\n')
	CONFIGS='ksm no-sysfs' stops configs 'no-sysfs: '
	check "and says nothing about a configuration where it is good" test "$(grep -c '^ksm: ' "$scratch/said")" = 0
	commit "$message" mm/ksm.c < <(more '\n#ifdef CONFIG_MMU\n#error no MMU\n#endif\n')
	SEEDS=1 stops randconfig 'seed 1: '
	commit "$message" Documentation/admin-guide/mm/ksm.rst < <(kgit show ksm:Documentation/admin-guide/mm/ksm.rst; printf '\nToo short\n=====\n\nText.\n')
	stops docs 'Title underline too short'
	commit "$message" Documentation/ABI/testing/sysfs-kernel-mm-ksm < <(kgit show ksm:Documentation/ABI/testing/sysfs-kernel-mm-ksm | grep -v 'ksm/run$')
	stops abi '/sys/kernel/mm/ksm/run is not in the ABI file'
	commit "$message" Documentation/ABI/testing/sysfs-kernel-mm-ksm < <(kgit show ksm:Documentation/ABI/testing/sysfs-kernel-mm-ksm | sed 's|ksm/run$|&\nWhat:\t\t/sys/kernel/mm/ksm/more|')
	stops abi '/sys/kernel/mm/ksm/more is in the ABI file, but not in the kernel'
	commit "${message/  Make one/
---
Make one}" mm/ksm.c < <(more '\n/* A comment says why. */\n')
	stops send 'the mails give other messages'
	commit "$message" mm/ksm.c < <(more '\nstatic int __init ksm_test(void)\n{\n\treturn WARN_ON(1);\n}\nlate_initcall(ksm_test);\n')
	stops bisect 'the kernel complained'
}
[[ ! ${LONG:-} ]] || long

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
