#!/bin/bash
# demo.sh: the same fleet of real services in a guest, three times: with ksmd
# run by each of the advisors. Three services run while memory is plenty,
# seven more arrive, half of all leave and come back. It is all in virtual time:
# repeatable, and the same on a slow machine. MODES= runs only some of them.
#
# Leaves build/demo/report.html (a chart), timeline.csv (all samples).
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tools-testing/measure/batch.sh"

here=$ROOT/tools-testing/demo
out=$BUILD/demo
PREFIX=demo
seconds=155
kernel=$("$ROOT/tools-testing/kernel.sh" --path)
# The one that takes longest starts first.
read -r -a modes <<< "${MODES:-scan-time none watermark}"
lock demo

"$here/userland.sh" "$out/userland.cpio.gz"
"$ROOT/tools-testing/initramfs.sh" "$BUILD/guest/root.cpio.gz"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$work"/root/{bin,srv}
for name in ksmrun sampler; do
	gcc -static -O2 -Wall -Wextra -Werror -I "$ROOT/tools-testing/guest" \
		-o "$work/root/bin/$name" "$here/$name.c"
done
install -m 755 "$here/fleet.sh" "$work/root/bin/fleet"
cp "$here"/{app.py,report.pl,fill.pl} "$work/root/srv"
(cd "$work/root" && find . -print0 | cpio --null -o -H newc -R 0:0 --quiet) | gzip -n -1 > "$work/fleet.cpio.gz"

guest() {
	# A fixed seed: the same random numbers, so the same run, every time.
	NAME=$PREFIX-$1 MEM=768M VIRTUAL=1 QUIET=1 TIMEOUT=1800 QEMU_ARGS="-seed 1" \
		INITRD="$out/userland.cpio.gz $work/fleet.cpio.gz" \
		exec "$ROOT/tools-testing/run.sh" "$kernel" "exec fleet $1 $seconds"
}

say "a fleet of 10 services (python3, perl, redis) in a guest of 768 MiB, under: ${modes[*]}"
batch "$seconds" "${modes[@]}"
"$here/report.py" "$out" "${modes[@]/#/$BUILD/run/$PREFIX-}"
say
say "chart:    $out/report.html"
say "samples:  $out/timeline.csv"
