#!/bin/bash
# mutants.sh [NAME]...: puts the faults of the file "list" into mm/ksm.c, one at
# a time, and shows which test notices. A fault that none notices fails, and so
# does the code without a fault if a test complains about it. The results are in
# build/mutants/results; what is there for the same code and tests is not run again.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/faults.sh"

here=$ROOT/tools-testing/mutants
out=$BUILD/mutants
results=$out/results
lock mutants
mkdir -p "$out/images"
touch "$results"

faults_tree "$out/linux"

# key NAME SUBSTITUTION [SET]: stands for the code, the fault and the tests; "early"
# leaves out those that have their turn after the others: the advisor's and behaviour.
key() {
	{
		printf '%s\n' "$1" "$2"
		# The code, not the commit: messages and the order of patches change nothing.
		kgit ls-tree ksm | grep -v $'\ttools$'
		if [[ ${3:-} ]]; then
			kgit ls-tree ksm:tools/testing/selftests/mm | grep -v $'\tksm_advisor.c$'
		else
			kgit ls-tree ksm:tools/testing/selftests/mm
			cat "$ROOT/tools-testing/tests/60-behaviour.sh"
		fi
		cat "$here"/guest.sh "$ROOT"/tools-testing/guest/* "$ROOT/configs/test.config"
	} | sha256sum | cut -c1-16
}
# early BY: whether one of the early tests noticed
early() { [[ $1 =~ ^(kunit|ksm_madvise|ksm_functional_tests|the\ compiler): ]]; }
# caught NAME SUBSTITUTION: by what, when that is known
caught() {
	awk -F'\t' -v whole="$(key "$@")" -v early="$(key "$@" early)" \
		'$1 == whole || $1 == early { what = $4 } END { print what }' "$results"
}
# found KEY EARLY-KEY NAME DESCRIPTION BY
found() {
	local key=$1
	! early "$5" || key=$2
	printf '%s\t%s\t%s\t%s\n' "$key" "${@:3}" >> "$results"
	printf '%s  %-22s %s\n' "$(clock $(($(date +%s) - started)))" "$3" "$5"
}

# judge KEY EARLY-KEY NAME DESCRIPTION IMAGE: boots the kernel and says who noticed.
judge() {
	local result='' setting name=$3 image=$5
	# In virtual time, which two can share a machine in; then, for what one
	# processor does not show, on two.
	for setting in VIRTUAL=1 SMP=2; do
		local status=0
		env "$setting" NAME="mutant-$name" QUIET=1 TIMEOUT=900 \
			APPEND="numa=fake=2 kunit.enable=1 kunit.filter_glob=ksm" INITRD="$tests" \
			"$ROOT/tools-testing/run.sh" "$image" "$(cat "$here/guest.sh")" 2> "$image.err" || status=$?
		result=$(sed -n 's/^caught //p' "$BUILD/run/mutant-$name/output")
		# Killed with this script, or the emulator's fault: that says nothing.
		if grep -q 'without a verdict' "$image.err"; then
			say "$name: $(cat "$image.err")" >&2
			return
		fi
		if [[ ! $result && $status != 0 ]]; then
			result="the guest: $(sed '1!d; s| (see .*||; s|, see .*||; s|^error: ||' "$image.err")"
		fi
		[[ ! $result ]] || break
	done
	# The slow ones, only where the others are blind, and one at a time.
	if [[ ! $result ]]; then
		result=$(IMAGE=$image flock "$out/.behaviour" "$ROOT/tools-testing/tests/60-behaviour.sh" 2> "$image.err" |
			sed -n '/^not ok - /{s//behaviour: /p;q}') || :
	fi
	found "${@:1:4}" "${result:-nobody}"
	rm -f "$image"
}

# build_all: builds what is not known yet, and hands the arguments of judge on.
build_all() {
	local i keys
	export SRC=$src OUT=mutants/kernel
	for ((i = 0; i < ${#list[@]}; i += 3)); do
		[[ ! $(caught "${list[i]}" "${list[i + 2]}") ]] || continue
		keys=("$(key "${list[i]}" "${list[i + 2]}")" "$(key "${list[i]}" "${list[i + 2]}" early)")
		put_fault "${list[i + 2]}"
		if "$ROOT/tools-testing/kernel.sh" > "$out/build.log" 2>&1; then
			cp "$("$ROOT/tools-testing/kernel.sh" --path)" "$out/images/${list[i]}"
			printf '%s\0' "${keys[@]}" "${list[i]}" "${list[i + 1]}" "$out/images/${list[i]}"
		else
			found "${keys[@]}" "${list[i]}" "${list[i + 1]}" \
				"the compiler: $(grep -m 1 'error:' "$out/build.log" || tail -n 1 "$out/build.log")" >&2
		fi
	done
}

wanted=" $* "
mapfile -d '' -t all < <(faults "$here/list")
list=(no-fault "the code as it is" '')
for ((i = 0; i < ${#all[@]}; i += 3)); do
	[[ ! $* || $wanted == *" ${all[i]} "* ]] || continue
	list+=("${all[@]:i:3}")
	fault_fits "${all[i]}" "${all[i + 2]}" "$here/list"
done
total=$((${#list[@]} / 3))
((total > 1)) || die "there is no fault named $*; the names are in $here/list"
"$ROOT/tools-testing/selftests.sh" >&2
tests=$("$ROOT/tools-testing/selftests.sh" --path)
started=$(date +%s)
export -f judge found early clock say
export ROOT BUILD out results tests started here
say "$total kernels, about a minute each after the first; the rest is in $results"
build_all | xargs -0 -r -n 5 -P "$(nproc)" bash -euo pipefail -c 'judge "$@"' -

say ''
bad=0
for ((i = 0; i < ${#list[@]}; i += 3)); do
	by=$(caught "${list[i]}" "${list[i + 2]}")
	printf '%-22s %s\n%24s%s\n' "${list[i]}" "${list[i + 1]}" '' "-> ${by:-no result}"
	# A fault has to be noticed, and no fault must not be.
	if [[ ${list[i + 2]} ]]; then [[ $by && $by != nobody ]]; else [[ $by == nobody ]]; fi || bad=$((bad + 1))
done
say "$((total - bad)) as they should be, $bad not"
((bad == 0))
