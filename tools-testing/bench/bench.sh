#!/bin/bash
# bench.sh: every peer under every load, each in a guest of its own, in virtual
# time, and a report. A case that has been run for the same kernel, load and peer
# is not run again. Environment:
#   PEER="..." LOAD="..."   names of files in peers/ and loads/; all by default
#   QUICK=1                 one load, and the peers that need no long one
# Leaves build/bench/LOAD/PEER.csv, figures.json, report.html.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../batch.sh"

here=$ROOT/tools-testing/bench
out=$BUILD/bench
PREFIX=bench
lock bench
read -r -a loads <<< "${LOAD:-${QUICK:+wave-60}}"
read -r -a peers <<< "${PEER:-${QUICK:+base-none base-ksmtuned watermark}}"
[[ ${loads[*]} ]] || read -r -a loads <<< "$(cd "$here/loads" && echo *)"
[[ ${peers[*]} ]] || read -r -a peers <<< "$(cd "$here/peers" && echo *)"
# known KIND NAME...: each must be a file of that directory
known() {
	local kind=$1 name
	shift
	for name; do
		[[ -f $here/$kind/$name ]] || die "there is none of the $kind called '$name'; there are: $(cd "$here/$kind" && echo *)"
	done
}
known loads "${loads[@]}"
known peers "${peers[@]}"

mkdir -p "$out"
"$here/userland.sh" "$out/userland.cpio.gz"
"$ROOT/tools-testing/initramfs.sh" "$BUILD/guest/root.cpio.gz"

value() { sed -n "s/^$2=//p" "$here/$1"; }
# The kernel that a peer is for
kernel() {
	local which=base
	[[ $(value "peers/$1" kernel) == base ]] || which=
	# shellcheck disable=SC2086 # nothing, or a word
	"$ROOT/tools-testing/kernel.sh" --path $which
}
# key LOAD PEER: stands for all that a case depends on
key() {
	cat "$here/loads/$1" "$here/peers/$2" "$here/guest.sh" "$ROOT/tools-testing/guest/ksmload.c" \
		"$ROOT/tools-testing/guest/sample.h" "$(kernel "$2")" | sha256sum | cut -c1-16
}

guest() {
	local load=${1%:*} peer=${1#*:} work=$out/$1.root
	mkdir -p "$work/bench"
	cp "$here/loads/$load" "$work/bench/load"
	cp "$here/peers/$peer" "$work/bench/peer"
	install -m 755 "$here/guest.sh" "$work/bench/guest.sh"
	(cd "$work" && find . -print0 | cpio --null -o -H newc -R 0:0 --quiet) | gzip -n -1 > "$work.cpio.gz"
	rm -rf "$work"
	# A fixed seed and date: the guest draws the same random numbers every time.
	NAME=$PREFIX-$1 VIRTUAL=1 QUIET=1 TIMEOUT=7200 QEMU_ARGS="-seed 1 -rtc base=2026-01-01,clock=vm" \
		INITRD="$out/userland.cpio.gz $work.cpio.gz" \
		"$ROOT/tools-testing/run.sh" "$(kernel "$peer")" "exec /bench/guest.sh" || return
	rm -f "$work.cpio.gz"
	mkdir -p "$out/$load"
	{ echo "# key $(key "$load" "$peer")"; cat "$BUILD/run/$PREFIX-$1/output"; } > "$out/$load/$peer.csv.new"
	mv "$out/$load/$peer.csv.new" "$out/$load/$peer.csv"
}
# As measured: what a guest of 300 s of wave takes; a peer that never rests takes longer.
work() {
	local rate=8
	case $1 in
	*:base-hand | *:base-scan-time) rate=2 ;;
	idle:*) rate=40 ;;
	esac
	echo $((10 + $2 / rate))
}
length() { value "loads/${1%:*}" seconds; }

cases=()
for load in "${loads[@]}"; do
	for peer in "${peers[@]}"; do
		[[ $(head -n 1 "$out/$load/$peer.csv" 2> /dev/null) == "# key $(key "$load" "$peer")" ]] ||
			cases+=("$load:$peer")
	done
done
((${#cases[@]} == 0)) || batch 0 "${cases[@]}"
"$here/figures.py" "$out" "${loads[@]}"
"$here/report.py" "$out"
say "report:   $out/report.html"
