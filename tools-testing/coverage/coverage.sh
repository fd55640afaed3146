#!/bin/bash
# make coverage: which lines of mm/ksm.c the tests reach: those that the tree had
# before, and all with those of the series. The lines that none reaches are in
# build/coverage/report.txt.
. "$(dirname "$0")/../lib.sh"

out=$BUILD/coverage
"$ROOT/tools-testing/tree.sh" base
"$ROOT/tools-testing/kernel.sh" gcov
"$ROOT/tools-testing/selftests.sh" base
"$ROOT/tools-testing/selftests.sh"
lock coverage
rm -rf "$out"
kernel=$("$ROOT/tools-testing/kernel.sh" gcov --path)
objects=$(dirname "$kernel" | sed 's|/arch/.*||')/mm

# run NAME APPEND TESTS: leaves in NAME/ what gcov makes of a run of the tests of
# an archive.
run() {
	local dir=$out/$1 status=0
	mkdir -p "$dir"
	# The tests are judged elsewhere; here one may fail.
	# shellcheck disable=SC2016 # the guest expands it
	NAME=coverage-$1 VIRTUAL=1 QUIET=1 TIMEOUT=1500 APPEND="numa=fake=2 $2" INITRD=$3 \
		"$ROOT/tools-testing/run.sh" "$kernel" '
		kselftest swap thp=madvise ksm ksm_numa rmap vma_merge > /tmp/tap 2>&1
		cat "$(find /sys/kernel/debug/gcov -name ksm.gcda)"' || status=$?
	((status == 0)) || die "the guest '$1' ended with status $status"
	cp "$BUILD/run/coverage-$1/output" "$dir/ksm.gcda"
	cp "$objects/ksm.gcno" "$dir/"
	(cd "$dir" && gcov --json-format --stdout ksm.gcda > ksm.json)
}
say "running the tests of the tree, before and after (a few minutes)"
export -f run die
export ROOT BUILD out kernel objects
printf '%s\0' before '' "$("$ROOT/tools-testing/selftests.sh" base --path)" \
	after 'kunit.enable=1 kunit.filter_glob=ksm' "$("$ROOT/tools-testing/selftests.sh" --path)" |
	xargs -0 -n 3 -P "$(nproc)" bash -euo pipefail -c 'run "$@"' -
"${0%.sh}.py" "$out/before/ksm.json" "$out/after/ksm.json" > "$out/report.txt"
cat "$out/report.txt"
