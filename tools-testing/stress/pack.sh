#!/bin/bash
# pack.sh [ng]: the storms as an archive for the guests, build/stress/storm.cpio.gz, and
# with ng Debian's stress-ng beside it. Nothing is done when no source is newer.
. "$(dirname "$0")/../lib.sh"

here=$ROOT/tools-testing/stress
out=$BUILD/stress
mkdir -p "$out"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
if [[ ! -e $out/storm.cpio.gz ||
      $(find "$here/storm" "$here/guest.sh" "$0" "$ROOT"/tools-testing/guest/*.h -newer "$out/storm.cpio.gz" -print -quit) ]]; then
	mkdir -p "$work/root/bin"
	gcc -static -O2 -Wall -Wextra -Werror -pthread -o "$work/root/bin/storm" "$here"/storm/*.c
	install -m 755 "$here/guest.sh" "$work/root/bin/storm-guest"
	(cd "$work/root" && find . -print0 | sort -z | cpio --null -o -H newc -R 0:0 --reproducible --quiet) |
		gzip -n -1 > "$work/storm"
	mv "$work/storm" "$out/storm.cpio.gz"
fi
if [[ ${1:-} == ng && ! -e $out/stress-ng.cpio.gz ]]; then
	"$ROOT/tools-testing/packages.sh" "$work/ng" stress-ng
	"$ROOT/tools-testing/bench/pack.sh" "$work/ng" "$out/stress-ng.cpio.gz" usr/bin/stress-ng
fi
