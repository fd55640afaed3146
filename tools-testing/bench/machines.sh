#!/bin/bash
# machines.sh OUTPUT.cpio.gz: QEMU from this machine's own Debian release, for the guest
# to run machines of its own, and what they boot: the kernel without the series, and
# Debian's python3. Done once; remove the archive to have it made again.
. "$(dirname "$0")/../lib.sh"

here=$ROOT/tools-testing/bench
out=$(realpath -m "$1")
"$ROOT/tools-testing/tree.sh" base
"$ROOT/tools-testing/kernel.sh" base
kernel=$("$ROOT/tools-testing/kernel.sh" --path base)
[[ ! -e $out || $out -ot $0 || $out -ot $kernel || $out -ot $here/machine.sh ||
	$out -ot $ROOT/tools-testing/demo/app.py ]] || exit 0
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
"$ROOT/tools-testing/initramfs.sh" "$BUILD/guest/root.cpio.gz"
"$ROOT/tools-testing/demo/userland.sh" "$BUILD/demo/userland.cpio.gz"
"$ROOT/tools-testing/packages.sh" "$work/root" qemu-system-x86
mkdir -p "$work/root/machine" "$work/top/srv"
cp "$kernel" "$work/root/machine/kernel"
cp "$here/machine.sh" "$work/top/cmd"
cp "$ROOT/tools-testing/demo/app.py" "$work/top/srv"
(cd "$work/top" && find . -print0 | cpio --null -o -H newc -R 0:0 --quiet) > "$work/cmd.cpio"
cat "$work/cmd.cpio" "$BUILD/guest/root.cpio.gz" "$BUILD/demo/userland.cpio.gz" > "$work/root/machine/initrd"
"$here/pack.sh" "$work/root" "$out" usr/bin/qemu-system-x86_64 \
	usr/lib/x86_64-linux-gnu/qemu/accel-tcg-x86_64.so machine/{kernel,initrd} \
	usr/share/seabios/bios-256k.bin usr/share/qemu/{linuxboot_dma,kvmvapic}.bin
