#!/bin/bash
# deps.sh [arm64|check|deb]: installs the programs everything else needs, or those for
# arm64, for all the gates, or for Debian's packages and their test. Says nothing and
# takes no time when all is there.
. "$(dirname "$0")/lib.sh"

PATH=$PATH:/usr/sbin:/sbin

# Debian's package, and what shows that it is installed: a program, or a file.
TOOLS='
build-essential   g++
libc6-dev         /usr/include/stdio.h
bc                bc
bison             bison
flex              flex
libelf-dev        /usr/include/libelf.h
libssl-dev        /usr/include/openssl/ssl.h
cpio              cpio
xz-utils          xz
ccache            ccache
clang-19          clang-19
lld-19            ld.lld-19
llvm-19           llvm-ar-19
git               git
quilt             quilt
b4                b4
sparse            sparse
shellcheck        shellcheck
codespell         codespell
kmod              depmod
libxxhash-dev     /usr/include/xxhash.h
'
GUEST='
qemu-system-x86   qemu-system-x86_64
busybox-static    busybox
bash-static       bash-static
libnuma-dev       /usr/include/numa.h
e2fsprogs         mke2fs
'
DEMO='
python3           python3
perl              perl
gnuplot-nox       gnuplot
'

ARM64='
gcc-aarch64-linux-gnu   aarch64-linux-gnu-gcc
libc6-dev-arm64-cross   /usr/aarch64-linux-gnu/include/stdio.h
qemu-system-arm         qemu-system-aarch64
'
CHECK='
coccinelle              spatch
ocaml-nox               ocamlopt
python3-sphinx          sphinx-build
python3-yaml            /usr/lib/python3/dist-packages/yaml/__init__.py
gcc-s390x-linux-gnu     s390x-linux-gnu-gcc
gcc-riscv64-linux-gnu   riscv64-linux-gnu-gcc
'
DEB='
debhelper               dh_builddeb
dpkg-dev                dpkg-buildpackage
fakeroot                fakeroot
libdw-dev               /usr/include/elfutils/libdw.h
mmdebstrap              mmdebstrap
uidmap                  newuidmap
python3                 python3
rsync                   rsync
'
case ${1:-} in
'') wanted=$TOOLS$GUEST$DEMO ;;
arm64) wanted=$ARM64 ;;
check) wanted=$CHECK$ARM64 ;;
deb) wanted=$DEB ;;
*) die "deps.sh: what is '$1'?" ;;
esac

missing=()
while read -r package proof; do
	[[ $package ]] || continue
	case $proof in
	/*) [[ -e $proof ]] ;;
	*) command -v "$proof" > /dev/null ;;
	esac || missing+=("$package")
done <<< "$wanted"
[[ ${#missing[@]} != 0 ]] || exit 0

if ! command -v apt-get > /dev/null || ! grep -qE '^ID(_LIKE)?=.*debian' /etc/os-release; then
	die "please install what Debian calls: ${missing[*]}"
fi

root=()
if [[ $(id -u) != 0 ]]; then
	command -v sudo > /dev/null || die "as root, please run: apt-get install ${missing[*]}"
	root=(sudo)
fi
say "installing with apt: ${missing[*]}"
# A third party's entry that cannot be reached need not stop Debian's own.
"${root[@]}" apt-get -q update || say "apt-get update complained; trying to install all the same"
# Services that packages bring along stay off.
"${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
	apt-get -q install -y --no-install-recommends "${missing[@]}" ||
	die "apt could not install ${missing[*]}; see above"
