#!/usr/bin/env bash
# Builds the guest's root: a static init, busybox and the load generators.
# usage: initramfs.sh OUTPUT.cpio.gz [arm64]
# On arm64 it is without busybox, which Debian has for this machine alone, and
# so without scripts: init runs one program.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$1 cc=gcc busybox=
if [ "${2:-}" = arm64 ]; then
	cc=aarch64-linux-gnu-gcc
else
	busybox=$(command -v busybox) || { echo "error: busybox is missing: run 'make deps'" >&2; exit 1; }
fi

# Nothing to do when no source is newer than the image.
if [ -e "$out" ] && [ -z "$(find "$here/guest" "$0" -newer "$out" -print -quit)" ]; then
	exit 0
fi
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,sbin,dev,proc,sys,tmp,etc}
if [ "$busybox" ]; then
	cp "$busybox" "$root/bin/busybox"
	while read -r applet; do
		ln -sf /bin/busybox "$root/bin/$applet"
	done < <("$busybox" --list | grep -vx busybox)
fi
for src in "$here"/guest/*.c; do
	name=$(basename "$src" .c)
	"$cc" -static -O2 -Wall -Wextra -Werror -o "$root/bin/$name" "$src"
done
mv "$root/bin/init" "$root/init"
for script in "$here"/guest/*.sh; do
	[ "$busybox" ] || break
	install -m 755 "$script" "$root/bin/$(basename "$script" .sh)"
done
# /dev/console must be there before devtmpfs is mounted, or init has no stderr.
mknod -m 600 "$root/dev/console" c 5 1 2>/dev/null || :
(cd "$root" && find . -print0 | sort -z |
	cpio --null -o -H newc -R 0:0 --reproducible --quiet) | gzip -n -1 > "$work/image"
mv "$work/image" "$out"
