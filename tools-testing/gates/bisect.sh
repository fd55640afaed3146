#!/bin/bash
# build: the series up to it boots, and passes the tests that the tree then has
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/scratch.sh"

lock test-builds
kept=$BUILD/test/bisect/passed-$({ kgit rev-parse base; kgit diff-tree -r base "$commit" -- ':!Documentation' ':!MAINTAINERS' ':!samples'
	cat "$ROOT"/configs/{test,x86_64,kunit}.config "$ROOT"/tools-testing/{guest/*,run.sh,selftests.sh,complaints}; } | sha256sum | cut -c1-32)
[[ ! -e $kept ]] || verdict PASS "$(cat "$kept")"
pristine "$commit"
export SRC=$SCRATCH_TREE OUT=test/bisect
"$ROOT/tools-testing/kernel.sh" > "$scratch/log" 2>&1 || verdict FAIL "$(grep -m 1 '^error' "$scratch/log")"
kernel=$("$ROOT/tools-testing/kernel.sh" --path)
export OUT=test/bisect-tests
"$ROOT/tools-testing/selftests.sh" > "$scratch/log" 2>&1 || verdict FAIL "$(grep -m 1 '^error' "$scratch/log")"
# What the tree does not have yet, it does not build; the archive may hold a later one.
programs=()
for name in ksm_functional_tests ksm_madvise ksm_advisor; do
	[[ ! -e $SCRATCH_TREE/tools/testing/selftests/mm/$name.c ]] || programs+=("$name")
done
status=0
VIRTUAL=1 NAME=bisect QUIET=1 TIMEOUT=1200 APPEND="numa=fake=2 kunit.enable=1 kunit.filter_glob=ksm" \
	INITRD=$("$ROOT/tools-testing/selftests.sh" --path) QEMU_ARGS="-drive driver=null-co,size=1G,read-zeroes=on,if=virtio,readonly=on" \
	"$ROOT/tools-testing/run.sh" "$kernel" "
		mount -t debugfs none /sys/kernel/debug; results=/sys/kernel/debug/kunit/ksm/results
		[ ! -e \$results ] || { grep '^    \(not \)\?ok' \$results; ! grep -q '^not ok' \$results; } || exit 1
		words='swap thp=madvise'
		for program in ${programs[*]}; do kselftest \$words \$program || exit 1; words=; done" 2> "$scratch/log" || status=$?
output=$BUILD/run/bisect/output
grep -E '^(# |    )not ok' "$output" >> "$complaints" || true
((status == 0)) || complain "the guest ended with status $status: $(head -n 1 "$scratch/log")"
passed=$(grep -cE '^(# |    )ok' "$output" || true)
((passed > 0)) || complain "no test ran"
[[ -s $complaints ]] || echo "$passed cases pass" > "$kept"
judge "$passed cases pass"
