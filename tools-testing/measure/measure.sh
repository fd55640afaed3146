#!/bin/bash
# measure.sh: runs ksmload under each way to set ksmd's rate, in virtual time,
# and prints what it cost and how soon it helped. Environment:
#   MODES="none hand scan-time watermark"   hand: none with pages_to_scan 5000
#   LOADS="60 20"   percent of each process that is the same in all processes
#   BASE=1          on the kernel without the series
#   SECS=300        how long each run is; the wave comes at 60
# The samples stay in build/measure/MODE-LOAD.csv, the figures in figures.json.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../batch.sh"

kernel=$("$ROOT/tools-testing/kernel.sh" --path ${BASE:+base})
out=$BUILD/measure
PREFIX=measure
secs=${SECS:-300}
lock measure

cases=()
for load in ${LOADS:-60 20}; do
	[[ $load =~ ^[1-9]?[0-9]$ ]] || die "LOADS: $load is not a percentage below 100"
	for mode in ${MODES:-none hand scan-time watermark}; do
		[[ $mode =~ ^(none|hand|scan-time|watermark)$ ]] || die "MODES: there is no mode '$mode'"
		[[ ! ${BASE:-} || $mode != watermark || ! ${MODES:-} ]] || die "MODES: the kernel without the series has no watermark"
		[[ ${BASE:-} && $mode == watermark ]] || cases+=("$mode-$load")
	done
done

guest() {
	local mode=${1%-*} set
	case $mode in
	none) set=: ;;
	hand) set='echo 5000 > pages_to_scan' ;;
	*) set="echo $mode > advisor_mode" ;;
	esac
	# A fixed seed and date: the guest draws the same random numbers every time.
	NAME=$PREFIX-$1 VIRTUAL=1 QUIET=1 TIMEOUT=1800 QEMU_ARGS="-seed 1 -rtc base=2026-01-01,clock=vm" \
		exec "$ROOT/tools-testing/run.sh" "$kernel" "cd /sys/kernel/mm/ksm || exit
			echo \"# release \$(uname -r)\"
			$set && echo 1 > run && exec ksmload same=${1##*-} end=$secs"
}

batch "$secs" "${cases[@]}"
mkdir -p "$out"
for name in "${cases[@]}"; do
	mv "$BUILD/run/$PREFIX-$name/output" "$out/$name.csv"
done
"$ROOT/tools-testing/measure/figures.py" "$out/figures.json" "${cases[@]/#/$out/}"
