#!/bin/bash
# mutants.sh [NAME]...: puts the faults of the file "list" into mm/ksm.c, one at
# a time, and shows which test notices. A fault that none notices fails, and so
# does the code without a fault if a test complains about it. The results are in
# build/mutants/results; what is there for the same code and tests is not run again.
. "$(dirname "$0")/../lib.sh"

here=$ROOT/tools-testing/mutants
out=$BUILD/mutants
src=$out/linux
lock mutants
mkdir -p "$out"

# The name, the description and the substitution of each fault, each ended by a
# NUL.
mutants() {
	perl -00 -ne 'next if /^#/; /^([a-z0-9-]+): (.*)\n([\s\S]*?)\n*$/ or die "list: what is this?\n$_";
		print "$1\0$2\0$3\0"' "$here/list"
}

if ! git -C "$src" rev-parse -q --verify HEAD > /dev/null 2>&1; then
	rm -rf "$src"
	kgit worktree prune
	kgit worktree add -q -f -f --detach "$src" ksm
fi
# git gives what changed a new time, and only that: so little is built again.
clean() { git -C "$src" reset -q --hard && git -C "$src" checkout -q --detach "$(kgit rev-parse ksm)"; }
trap clean EXIT
trap 'exit 130' INT TERM
clean
"$ROOT/tools-testing/selftests.sh" >&2

# The first test that notices, from the quickest to the slowest, as a line.
# shellcheck disable=SC2016 # the guest expands it
in_guest='
mount -t debugfs none /sys/kernel/debug
caught() { echo "caught $*"; exit 0; }
case=$(grep -m 1 "^    not ok" /sys/kernel/debug/kunit/ksm/results) && caught "kunit: ${case#*not ok * }"
grep -q "^    ok" /sys/kernel/debug/kunit/ksm/results || caught "kunit: no result"
for test in "ksm_advisor" "swap ksm_madvise"; do
	kselftest $test > /tmp/tap || caught "${test#swap }: $(grep -m 1 "^# not ok" /tmp/tap | sed "s/# not ok [0-9]* //")"
done
echo none'
notice() {
	local image result status=0
	# shellcheck disable=SC2030
	export SRC=$src OUT=mutants/kernel
	if ! "$ROOT/tools-testing/kernel.sh" > "$out/build.log" 2>&1; then
		say "the compiler: $(grep -m 1 'error:' "$out/build.log" || tail -n 1 "$out/build.log")"
		return
	fi
	image=$("$ROOT/tools-testing/kernel.sh" --path)
	NAME=mutant QUIET=1 TIMEOUT=600 SMP=2 APPEND="numa=fake=2 kunit.enable=1 kunit.filter_glob=ksm" \
		INITRD="$(OUT='' SRC='' "$ROOT/tools-testing/selftests.sh" --path)" \
		"$ROOT/tools-testing/run.sh" "$image" "$in_guest" 2> "$out/run.err" || status=$?
	result=$(sed -n 's/^caught //p' "$BUILD/run/mutant/output")
	if [[ $result ]]; then
		say "$result"
	elif [[ $status != 0 ]]; then
		say "the guest: $(head -n 1 "$out/run.err" | sed "s| (see .*||; s|, see .*||; s|^error: ||")"
	else
		# The slow ones, only where the others are blind.
		KERNEL=$image "$ROOT/tools-testing/tests/60-behaviour.sh" 2> "$out/run.err" |
			sed -n 's/^not ok - /behaviour: /p' > "$out/behaviour"
		head -n 1 "$out/behaviour"
	fi
}

results=$out/results
touch "$results"
# one NAME DESCRIPTION SUBSTITUTION
one() {
	local key caught start=$SECONDS
	key=$(printf '%s\n' "$1" "$3" "$(kgit rev-parse ksm)" | cat - "$here/mutants.sh" \
		"$ROOT"/tools-testing/guest/* "$ROOT/configs/test.config" | sha256sum | cut -c1-16)
	if ! grep -q "^$key	" "$results"; then
		clean
		if [[ $3 ]] && ! perl -0777 -i -pe "$3 or die qq(error: the fault $1 does not fit mm/ksm.c any more\n)" "$src/mm/ksm.c"; then
			return 1
		fi
		caught=$(notice)
		printf '%s\t%s\t%s\t%s\n' "$key" "$1" "$2" "${caught:-nobody}" >> "$results"
	fi
	caught=$(grep "^$key	" "$results" | tail -n 1 | cut -f4)
	n=$((n + 1))
	printf '%2d of %d  %-22s %s  (%s)\n' "$n" "$total" "$1" "$caught" "$(clock $((SECONDS - start)))"
	# A fault has to be noticed, and no fault must not be.
	if [[ $3 ]]; then [[ $caught != nobody ]]; else [[ $caught == nobody ]]; fi || bad=$((bad + 1))
}

n=0 bad=0 wanted=" $* "
mapfile -d '' -t all < <(mutants)
list=()
for ((i = 0; i < ${#all[@]}; i += 3)); do
	[[ ! $* || $wanted == *" ${all[i]} "* ]] || continue
	list+=("${all[@]:i:3}")
done
((${#list[@]})) || die "there is no fault named $*; the names are in $here/list"
total=$((${#list[@]} / 3 + 1))
say "$total kernels, some minutes each"
one no-fault "the code as it is" ''
for ((i = 0; i < ${#list[@]}; i += 3)); do
	one "${list[@]:i:3}" || bad=$((bad + 1))
done
say "$((total - bad)) as they should be, $bad not"
((bad == 0))
