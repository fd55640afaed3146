#!/bin/bash
# bench-scan.sh: what ksmd pays for a page, natively (ARCH=um), without and with
# the topic scan in turns: a table, and a chart over memory size. Environment:
#   SIZES="256 1024 4096 8192"      MiB of mergeable memory
#   LOADS="unique settled half same zero use-zero volatile volatile-end collide"
#   ROUNDS=5                        each figure is the median of so many runs
#   SCAN=file                       another um kernel than that with all the topic,
#                                   such as one built at one of its patches:
#                                   SRC=tree OUT=name tools-testing/kernel.sh um
# Every run is in build/bench-scan/runs.csv; what is there already is not run
# again, so one that was interrupted goes on where it was.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/um.sh"

sizes=${SIZES:-256 1024 4096 8192}
loads=${LOADS:-unique settled half same zero use-zero volatile volatile-end collide}
rounds=${ROUNDS:-5}
out=$BUILD/bench-scan
runs=$out/runs.csv
declare -A kernel=([base]=$("$ROOT/tools-testing/kernel.sh" um base --path)
		   [scan]=${SCAN:-$("$ROOT/tools-testing/kernel.sh" um scan --path)})
# load: what scanload makes, passes without and with the topic, knobs
declare -A what=(
	[unique]='unique 4 4 smart_scan=0'
	# smart_scan has its longest intervals after 16 passes, and they are 9; the
	# longest rest begins after 16 + 8 + 16 + 32 and takes 64.
	[settled]='unique 45 300 smart_scan=1'
	[half]='half 4 4 smart_scan=0'
	[same]='same 4 4 smart_scan=0'
	[zero]='zero 4 4 smart_scan=0 use_zero_pages=0'
	[use-zero]='zero 4 4 smart_scan=0 use_zero_pages=1'
	[volatile]='volatile 4 4 smart_scan=0'
	[volatile-end]='volatile-end 4 4 smart_scan=0'
	[collide]='collide 4 4 smart_scan=0'
)

[[ $sizes =~ ^[0-9\ ]+$ ]] || die "SIZES=\"$sizes\" is not a list of MiB"
[[ $rounds =~ ^[1-9][0-9]?$ ]] || die "ROUNDS=$rounds is not a number of runs"
for load in $loads; do
	[[ ${what[$load]:-} ]] || die "LOADS: there is no load '$load'; there are: ${!what[*]}"
done
[[ -x ${kernel[scan]} ]] || die "SCAN=${kernel[scan]} is no kernel that runs"
lock bench-scan
um_prepare "$out" "$(tr ' ' '\n' <<< "$sizes" | sort -n | tail -n 1)"

key() { sha256sum "${kernel[$1]}" "$out/scanload" | cut -c1-12 | paste -sd -; }
declare -A id=([base]=$(key base) [scan]=$(key scan))

# run KERNEL LOAD MIB ROUND
run() {
	local load passes knobs
	local -A count
	read -r load 'count[base]' 'count[scan]' knobs <<< "${what[$2]}"
	passes=${count[$1]}
	if grep -qs "^${id[$1]},$1,$2,$3,$4,status,0,0$" "$runs"; then return; fi
	# shellcheck disable=SC2086 # the knobs are words
	um_scan "$out" "${kernel[$1]}" "$load" "$3" "$passes" $knobs
	awk -v OFS=, -v run="${id[$1]},$1,$2,$3,$4" '
		$1 == "floor" { print run, "floor", 0, $2 }
		$1 == "pass" { print run, "pass", $2, $3 }
		$1 == "end" { print run, $2, 0, $3 }
		$1 == "status" { print run, "status", 0, $2 }' "$out/log" > "$out/log.csv"
	cat "$out/log.csv" >> "$runs"
}

total=0 n=0 started=$SECONDS
for _ in $loads; do for _ in $sizes; do total=$((total + 2 * rounds)); done; done
for ((round = 1; round <= rounds; round++)); do
	for size in $sizes; do
		for load in $loads; do
			for k in base scan; do
				run "$k" "$load" "$size" "$round"
				n=$((n + 1))
			done
			say "  $n of $total runs, $(clock $((SECONDS - started))): $load, $size MiB"
		done
	done
done
python3 "$ROOT/tools-testing/scan/report.py" "$runs" "${id[base]}" "${id[scan]}" "$out" |
	tee "$out/table.txt"
