#!/bin/bash
# userland.sh OUTPUT.cpio.gz: python3, perl and redis from this machine's own
# Debian release as an archive for the guest. Done once; remove the archive to have
# it made again.
#
# The programs live in the guest's RAM rather than on a disk: a disk answers in
# real time while the guest's clock is virtual, and no two runs were the same.
. "$(dirname "$0")/../lib.sh"

out=$(realpath -m "$1")
[[ ! -e $out || $out -ot $0 ]] || exit 0
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
root=$work/root

"$ROOT/tools-testing/packages.sh" "$root" python3 perl redis-server

# What the fleet does not use would only take memory from it.
triplet=x86_64-linux-gnu
cd "$root"
rm -rf bin sbin etc var usr/sbin usr/libexec usr/lib/systemd \
	usr/lib/python3*/{test,idlelib,lib2to3,ensurepip,turtledemo,pydoc_data,config-*} \
	usr/lib/$triplet/{gconv,security,perl-base,libmvec.so.1,libperl.so*} usr/lib/$triplet/perl/*/CORE \
	usr/lib/$triplet/perl/*/auto/Encode/{JP,KR,CN,TW} usr/share/perl/*/Unicode/Collate
find usr/share -mindepth 1 -maxdepth 1 -not -name 'p[ey]*' -exec rm -rf {} +
find usr/bin -regextype egrep -not -type d -not -regex '.*/(python3[.0-9]*|perl|redis-.*)' -delete
rm -f usr/bin/redis-benchmark

# Byte code, as installing the packages would make it.
PYTHONHOME=$root/usr "usr/lib/$triplet/ld-linux-x86-64.so.2" --library-path "usr/lib/$triplet" \
	usr/bin/python3 -S -s -m compileall -q -s "$root" -p / \
	--invalidation-mode unchecked-hash usr/lib/python3.*/ > "$work/log" 2>&1 ||
	{ tail -n 3 "$work/log" >&2; die "python3 from the packages could not compile its modules"; }
find . -print0 | sort -z | cpio --null -o -H newc -R 0:0 --reproducible --quiet | gzip -n -1 > "$work/archive"
mv "$work/archive" "$out"
say "the guest's programs take $(du -sm --apparent-size . | cut -f 1) MiB"
