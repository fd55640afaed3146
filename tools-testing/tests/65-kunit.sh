#!/bin/bash
# the unit tests of the series, as the tree's kunit.py runs them and in QEMU
. "$(dirname "$0")/../checks.sh"

# ONLY=CASE, with * and ? as in the shell, runs some cases alone.
filter=ksm.${ONLY:-*}
out=$BUILD/kunit
mkdir -p "$out"

# cases NAME: each case in the TAP of NAME counts, and so does that there is one.
cases() {
	local line n=0
	while read -r line; do
		n=$((n + 1))
		case $line in
		*'# SKIP'*) skip "$1, ${line#ok }" ;;
		'ok '*) pass "$1, ${line#ok [0-9]* }" ;;
		*) fail "$1, ${line#not ok [0-9]* }" ;;
		esac
	done < <(sed -nE 's/^(\[[^]]*\] *)? {4}((not )?ok [0-9]+ .*)/\2/p' "$out/$1.tap")
	check "$1: there are cases" test "$n" -gt 0
}

# As developers run it: the kernel as a program of this machine.
lock kunit
kunit() {
	cd "$TREE"
	kenv python3 -B tools/testing/kunit/kunit.py run "$filter" --kunitconfig mm/tests \
		--build_dir "$out/um" --jobs "$(nproc)" --timeout 300 --raw_output=kunit > "$out/um.tap"
}
check "kunit.py runs" kunit
cases um

# In the kernel that the other tests run in, where ksmd is.
"$ROOT/tools-testing/kernel.sh" >&2
qemu() {
	NAME=kunit QUIET=1 TIMEOUT=300 APPEND="kunit.enable=1 kunit.filter_glob=$filter" \
		"$ROOT/tools-testing/run.sh" "$("$ROOT/tools-testing/kernel.sh" --path)" \
		"mount -t debugfs none /sys/kernel/debug && cat /sys/kernel/debug/kunit/ksm/results" &&
		cp "$BUILD/run/kunit/output" "$out/qemu.tap"
}
rm -f "$out/qemu.tap"
check "the guest ends well" qemu
touch "$out/qemu.tap"
cases qemu
finish
