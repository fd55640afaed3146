#!/bin/bash
# demo.sh: the same fleet of real services in a guest, three times: with ksmd
# run by each of the advisors. Three services run while memory is plenty,
# seven more arrive, half of all leave and come back. It is all in virtual time, so
# that a slow or busy machine shows the same. MODES= runs only some of them.
#
# Leaves build/demo/report.html (a chart), timeline.csv (all samples).
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../batch.sh"

here=$ROOT/tools-testing/demo
out=$BUILD/demo
PREFIX=demo
seconds=155
kernel=$("$ROOT/tools-testing/kernel.sh" --path)
# The one that takes longest starts first.
read -r -a modes <<< "${MODES:-scan-time none watermark}"
lock demo
rm -rf "$out"/work.?????? "$out"/userland.cpio.gz.??????	# what a kill may have left

"$here/userland.sh" "$out/userland.cpio.gz"
"$ROOT/tools-testing/initramfs.sh" "$BUILD/guest/root.cpio.gz"
scratch=$(mktemp -d "$out/work.XXXXXX")
at_end() { rm -rf "$scratch"; }
trap at_end EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$scratch"/root/{bin,srv}
for name in ksmrun sampler; do
	gcc -static -O2 -Wall -Wextra -Werror -I "$ROOT/tools-testing/guest" \
		-o "$scratch/root/bin/$name" "$here/$name.c"
done
install -m 755 "$here/fleet.sh" "$scratch/root/bin/fleet"
cp "$here"/{app.py,report.pl,fill.pl} "$scratch/root/srv"
(cd "$scratch/root" && find . -print0 | cpio --null -o -H newc -R 0:0 --quiet) | gzip -n -1 > "$scratch/fleet.cpio.gz"

guest() {
	# A fixed seed and date: the guest draws the same random numbers every time.
	NAME=$PREFIX-$1 MEM=768M VIRTUAL=1 QUIET=1 TIMEOUT=1800 QEMU_ARGS="-seed 1 -rtc base=2026-01-01,clock=vm" \
		INITRD="$out/userland.cpio.gz $scratch/fleet.cpio.gz" \
		exec "$ROOT/tools-testing/run.sh" "$kernel" "exec fleet $1 $seconds"
}

# As measured: services that start and ksmd are work, all else is idle.
work() {
	local t=0 spent=0 points="0 14 25 28 35 57 100 66 115 69 122 88 $seconds 95"
	[[ $1 != scan-time ]] || points="0 14 25 45 35 80 100 98 115 119 122 139 $seconds 158"
	# shellcheck disable=SC2086 # pairs of guest time and time spent
	set -- "$2" $points
	while (($# > 3 && $1 > $2)); do
		t=$2 spent=$3
		set -- "$1" "${@:4}"
	done
	echo $(($2 > t ? spent + ($3 - spent) * ($1 - t) / ($2 - t) : $3))
}

say "a fleet of 10 services (python3, perl, redis) in a guest of 768 MiB, under: ${modes[*]}"
batch "$seconds" "${modes[@]}"
"$here/report.py" "$out" "${modes[@]/#/$BUILD/run/$PREFIX-}"
say
say "chart:    $out/report.html"
say "samples:  $out/timeline.csv"
