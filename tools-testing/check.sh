#!/bin/bash
# check.sh [DIR]: what reviewers and robots try on each patch, the scripts in gates/, as
# a table: patches down, gates across. What each said is in build/check/ or DIR.
# Environment:
#   ONLY="gate ..."     these alone
#   RANGE=base..ksm     the commits of build/linux that are looked at
. "$(dirname "$0")/lib.sh"

out=${1:-$BUILD/check}
range=${RANGE:-base..ksm}
gates=$ROOT/tools-testing/gates
# The quick ones first; the second line of each tells its kind.
kind() { sed -n '2s/^# \(patch\|build\|series\): .*/\1/p' "$gates/$1.sh"; }
all=$(for file in "$gates"/*.sh; do basename "$file" .sh; done |
	while read -r name; do say "$(kind "$name" | sed "s|patch|1|;s|series|2|;s|build|3|") $name"; done | sort | cut -d' ' -f2 | paste -sd ' ')
read -r -a names <<< "${ONLY:-$all}"
for name in "${names[@]}"; do
	[[ -x $gates/$name.sh ]] || die "ONLY: there is no gate '$name'; there are: $all"
done
mapfile -t commits < <(kgit rev-list --reverse "$range")
[[ ${#commits[@]} != 0 ]] || die "$range: no commits"
lock check
rm -rf "$out"
mkdir -p "$out"

# run GATE COMMIT NUMBER: leaves what it said in GATE.NUMBER
run() {
	local log=$out/$1.$3 start=$SECONDS
	"$gates/$1.sh" "$2" > "$log" 2>&1 || echo "FAIL the gate ended with status $?" >> "$log"
	tail -n 1 "$log" | grep -qE '^(PASS|WARN|FAIL|SKIP)( |$)' || echo "FAIL it gave no verdict" >> "$log"
	echo $((SECONDS - start)) > "$log.seconds"
}
export -f run
export gates out

# A gate for each patch is fast and runs side by side; one for all of them, or one
# that builds, has the machine for itself.
for name in "${names[@]}"; do
	start=$SECONDS jobs=1
	[[ $(kind "$name") != patch ]] || jobs=$(nproc)
	if [[ $(kind "$name") == series ]]; then
		run "$name" "${commits[-1]}" series
	else
		for i in "${!commits[@]}"; do printf '%s\0%s\0%02d\0' "$name" "${commits[i]}" $((i + 1)); done |
			xargs -0 -n 3 -P "$jobs" bash -euc 'run "$@"' -
	fi
	bad=$(find "$out" -name "$name.*" ! -name '*.seconds' -exec tail -q -n 1 {} + | grep -c '^FAIL' || true)
	say "  $name: $(clock $((SECONDS - start)))$( ((bad == 0)) || echo ", $bad failed")"
done

# The table: a letter for each verdict, and below it what is not a PASS.
word() { tail -n 1 "$1" 2> /dev/null | cut -d' ' -f1; }
{
	printf '%-44s' ''
	printf ' %s' "${names[@]}"
	printf '\n'
	for i in "${!commits[@]}"; do
		n=$(printf '%02d' $((i + 1)))
		printf '%s %-41.41s' "$n" "$(kgit show -s --format=%s "${commits[i]}")"
		for name in "${names[@]}"; do printf " %${#name}s" "$(word "$out/$name.$n")"; done
		printf '\n'
	done
	printf '%-44s' 'the series'
	for name in "${names[@]}"; do printf " %${#name}s" "$(word "$out/$name.series")"; done
	printf '\n'
	printf '%-44s' 'seconds'
	for name in "${names[@]}"; do printf " %${#name}s" "$(cat "$out/$name".*.seconds | awk '{ s += $1 } END { print s }')"; done
	printf '\n'
} | sed 's/ *$//' > "$out/table.txt"
cat "$out/table.txt"
# What is the same for many is said once.
for log in "$out"/*.*; do
	case $log in *.seconds | *.txt) continue ;; esac
	line=$(tail -n 1 "$log")
	name=$(basename "$log")
	[[ $line == PASS* ]] || printf '%s\t%s\t%s\t%s\n' "${line%% *}" "${name%.*}" "${name##*.}" "${line#* }"
done | awk -F'\t' '{
	key = $1 FS $2 FS $4
	if (!(key in n)) order[++keys] = key
	n[key]++; first[key] = first[key] ? first[key] : $3; last[key] = $3
} END {
	for (i = 1; i <= keys; i++) {
		split(order[i], part)
		which = first[order[i]]
		if (n[order[i]] > 1) which = which " to " last[order[i]] " (" n[order[i]] ")"
		print part[1] ": " part[2] ", " which ": " part[3]
	}
}' | tee "$out/said.txt"
! grep -q '^FAIL' "$out/said.txt"
