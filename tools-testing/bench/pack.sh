#!/bin/bash
# pack.sh ROOT OUTPUT.cpio.gz FILE...: of what packages.sh has unpacked in ROOT these
# files alone, named from ROOT, and the libraries that they need, as an archive for
# the guest: all else would take the guests' memory.
. "$(dirname "$0")/../lib.sh"

root=$(realpath "$1") out=$(realpath -m "$2")
shift 2
libs=usr/lib/x86_64-linux-gnu keep=$root.keep
trap 'rm -rf "$keep" "$out.new"' EXIT
trap 'exit 130' INT TERM HUP
cd "$root"
mkdir "$keep"
cp -a --parents "$libs/ld-linux-x86-64.so.2" lib lib64 usr/lib64 "$@" "$keep"
# One library of QEMU's has another in a directory of its own.
for file; do
	"$libs/ld-linux-x86-64.so.2" --library-path "$root/$libs:$root/$libs/pulseaudio" --list "$file" 2> /dev/null |
		sed -n "s|.*=> $root/\([^ ]*\).*|\1|p" || :	# not all are programs
done | sort -u | xargs cp -L --parents -t "$keep"
cd "$keep"
find . -print0 | sort -z | cpio --null -o -H newc -R 0:0 --reproducible --quiet | gzip -n -1 > "$out.new"
mv "$out.new" "$out"
say "${out##*/}: $(du -sm --apparent-size . | cut -f 1) MiB of programs for the guests"
