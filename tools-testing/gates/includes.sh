#!/bin/bash
# build: each header that it adds or changes compiles by itself
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/scratch.sh"
. "$ROOT/tools-testing/matrix.sh"

# KUnit tests of what is static are a part of the file that includes them.
mapfile -t headers < <(changed 'include/linux/*.h' 'mm/*.h' ':!mm/tests')
((${#headers[@]})) || verdict PASS "no header is concerned"
lock test-builds
pristine "$commit"
out=$BUILD/test/ksm
build_one "$commit" ksm > "$scratch/log" 2>&1 || verdict FAIL "it does not build"
# In the place of a file that is compiled anyway
for header in "${headers[@]}"; do
	printf '#include "%s"\n#include "%s"\n' "$SCRATCH_TREE/$header"{,} > "$SCRATCH_TREE/mm/init-mm.c"
	kmake "$SCRATCH_TREE" "$out" -s ARCH=x86_64 mm/init-mm.o > "$scratch/log" 2>&1 ||
		complain "$header: $(grep -m 1 'error:' "$scratch/log")"
done
pristine "$commit"
judge "${#headers[@]} headers"
