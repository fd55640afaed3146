#!/bin/bash
# bench-scan.sh: what ksmd pays for a page, natively (ARCH=um), without and with
# the topic scan in turns, and a table and a chart over memory size. Environment:
#   SIZES="256 1024 4096 8192"      MiB of mergeable memory
#   LOADS="unique settled half same zero use-zero volatile"
#   ROUNDS=5                        each figure is the median of so many runs
# Every run is a line of build/bench-scan/runs.csv; those that are there already
# are not run again, so one that was interrupted goes on where it was.
. "$(dirname "$0")/../lib.sh"

sizes=${SIZES:-256 1024 4096 8192}
loads=${LOADS:-unique settled half same zero use-zero volatile}
rounds=${ROUNDS:-5}
out=$BUILD/bench-scan
declare -A kernel=([base]=$("$ROOT/tools-testing/kernel.sh" um base --path)
		   [scan]=$("$ROOT/tools-testing/kernel.sh" um scan --path))
# load: what scanload makes: passes: knobs
declare -A what=(
	[unique]='unique 6 smart_scan=0'
	[settled]='unique 120 smart_scan=1'
	[half]='half 3 smart_scan=0'
	[same]='same 3 smart_scan=0'
	[zero]='zero 3 smart_scan=0 use_zero_pages=0'
	[use-zero]='zero 3 smart_scan=0 use_zero_pages=1'
	[volatile]='volatile 4 smart_scan=0'
)

[[ $sizes =~ ^[0-9\ ]+$ ]] || die "SIZES=\"$sizes\" is not a list of MiB"
[[ $rounds =~ ^[1-9][0-9]?$ ]] || die "ROUNDS=$rounds is not a number of runs"
for load in $loads; do
	[[ ${what[$load]:-} ]] || die "LOADS: there is no load '$load'; there are: ${!what[*]}"
done
lock bench-scan
mkdir -p "$out"
gcc -O2 -Wall -static -o "$out/scanload" "$ROOT/tools-testing/scan/scanload.c" -lxxhash
most=$(tr ' ' '\n' <<< "$sizes" | sort -n | tail -n 1)
# um keeps the guest's memory in a file, which has to be in memory for it to be
# as fast as memory is.
((most * 9 / 8 + 512 <= $(df -Pm /dev/shm | awk 'NR == 2 { print $4 }') &&
  most * 9 / 8 + 1024 <= $(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo))) ||
	die "$most MiB do not fit into this machine's memory; set SIZES to less"

runs=$out/runs.csv
[[ -s $runs ]] || echo 'kernel,load,mib,round,key,n,value,visited' > "$runs"
key() { sha256sum "${kernel[$1]}" "$out/scanload" | cut -c1-12 | paste -sd -; }
declare -A id=([base]=$(key base) [scan]=$(key scan))

# run KERNEL LOAD MIB ROUND
run() {
	local load passes knobs log=$out/log
	read -r load passes knobs <<< "${what[$2]}"
	grep -q "^${id[$1]},$2,$3,$4,status,0,0," "$runs.$1" 2> /dev/null && return
	# shellcheck disable=SC2086 # the knobs are words
	TMPDIR=/dev/shm setsid -w timeout -k 5 1800 "${kernel[$1]}" mem=$(($3 * 9 / 8 + 256))M \
		root=/dev/root rootfstype=hostfs rootflags=/ rw con=null con0=null,fd:1 quiet panic=-1 \
		init="$out/scanload" -- "$load" "$3" "$passes" $knobs < /dev/null > "$log" 2>&1 || true
	grep -q '^status 0' "$log" || { cat "$log" >&2; die "the $1 kernel did not end the load $2 with $3 MiB"; }
	awk -v OFS=, -v run="${id[$1]},$2,$3,$4" '{ sub(/\r$/, "") }
		$1 == "floor" { print run, "floor", 0, $2, 0 }
		$1 == "pass" { print run, "pass", $2, $3, $4 }
		$1 == "end" { print run, $2, 0, $3, 0 }
		$1 == "status" { print run, "status", 0, $2, 0 }' "$log" >> "$runs.$1"
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
