#!/bin/bash
# deb.sh: Debian's packages of the kernel with the series, as the tree's own bindeb-pkg
# makes them, in build/deb: linux-image, linux-headers and linux-libc-dev, and what
# describes them. With KERNEL=6.12 in build/6.12/deb. The configuration is the tree's
# defconfig and kvm_guest.config and configs/deb.config.
# deb.sh --path: only prints where the package with the kernel is.
# DEBFULLNAME and DEBEMAIL, when set, are the packages' maintainer.
. "$(dirname "$0")/lib.sh"

final=$BUILD/deb work=$BUILD/bindeb
out=$work/kernel			# the packages are written beside it
# image DIR: the one with the kernel there
image() { find "$1" -maxdepth 1 -name 'linux-image-*_amd64.deb' ! -name '*-dbg_*' 2> /dev/null; }
case $#:${1:-} in
0:) ;;
1:--path)
	image=$(image "$final") || :
	[[ -f $image ]] || die "there is no package in ${final#"$ROOT"/} yet: run 'make deb${BACKPORT:+ KERNEL=$KERNEL_VERSION}'"
	say "$image"
	exit 0
	;;
*) die "the packages are of the whole series, for amd64; 'make deb' takes KERNEL and LINUX, not: $*" ;;
esac
[[ $(dpkg --print-architecture 2> /dev/null) == amd64 ]] ||
	die "the packages are made on Debian for amd64, and this is no such system"

"$ROOT/tools-testing/deps.sh"
"$ROOT/tools-testing/deps.sh" deb
"$ROOT/tools-testing/tree.sh"
lock deb
need_space 4
total=4500
[[ ! -e $out/vmlinux ]] || total=0
mkdir -p "$out"
say "building Debian's packages of ${TREE#"$ROOT"/}$([[ $total == 0 ]] || say " (from nothing: 10 to 25 minutes on 2 processors)")"
CONFIGURE_FROM='defconfig kvm_guest.config' configure "$TREE" "$out" ARCH=x86_64 "$ROOT/configs/deb.config"
find "$work" -maxdepth 1 -type f -delete
# The date is that of the last patch, not of the build, and no commit is in the version.
version=$(kmake "$TREE" "$out" -s ARCH=x86_64 kernelversion)
vars=(ARCH=x86_64 KBUILD_BUILD_TIMESTAMP="$(kgit log -1 --format=%ad ksm)" KDEB_CHANGELOG_DIST=unstable
	KDEB_PKGVERSION="${version/-rc/\~rc}-1")
[[ ! ${DEBFULLNAME:-} ]] || vars+=("DEBFULLNAME=$DEBFULLNAME")
[[ ! ${DEBEMAIL:-} ]] || vars+=("DEBEMAIL=$DEBEMAIL")
build "$TREE" "$out" "$out/build.log" "$total" "${vars[@]}" bindeb-pkg
[[ -f $(image "$work") ]] || die "bindeb-pkg made no package with a kernel; its output is in $out/build.log"

# All at once, when all are there.
rm -rf "$final.tmp" "$final.old"
mkdir "$final.tmp"
mv "$work"/*.* "$final.tmp"
[[ ! -e $final ]] || mv "$final" "$final.old"
mv "$final.tmp" "$final"
rm -rf "$final.old"
say "in ${final#"$ROOT"/}:"
(cd "$final" && ls -sh1 -- *.deb)
