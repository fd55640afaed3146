#!/bin/bash
# userland.sh OUTPUT.cpio.gz: ksmtuned and the programs that it calls, from this
# machine's own Debian release, as an archive for the guest. Done once; remove the
# archive to have it made again.
. "$(dirname "$0")/../lib.sh"

out=$(realpath -m "$1")
[[ ! -e $out || $out -ot $0 ]] || exit 0
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
root=$work/root keep=$work/keep libs=usr/lib/x86_64-linux-gnu

"$ROOT/tools-testing/packages.sh" "$root" ksmtuned bash mawk procps coreutils
ln -s mawk "$root/usr/bin/awk"	# as mawk's installation does
# These alone, and the libraries that they need: all else would take the guests' memory.
cd "$root"
mkdir "$keep"
programs=(usr/sbin/{ksmtuned,ksmctl} usr/bin/{bash,mawk,awk,ps,pgrep,sleep,touch,date})
cp -a --parents etc/ksmtuned.conf "$libs/ld-linux-x86-64.so.2" lib lib64 usr/lib64 "${programs[@]}" "$keep"
for program in "${programs[@]}"; do
	"$libs/ld-linux-x86-64.so.2" --library-path "$root/$libs" --list "$program" 2> /dev/null |
		sed -n "s|.*=> $root/\([^ ]*\).*|\1|p" || :	# one is a script
done | sort -u | xargs cp -L --parents -t "$keep"
cd "$keep"
find . -print0 | sort -z | cpio --null -o -H newc -R 0:0 --reproducible --quiet | gzip -n -1 > "$work/archive"
mv "$work/archive" "$out"
say "the guests' programs take $(du -sm --apparent-size . | cut -f 1) MiB"
