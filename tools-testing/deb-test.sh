#!/bin/bash
# deb-test.sh: installs the package of make deb in a Debian with systemd, boots that in
# QEMU, and does what Documentation/deploying.rst says: retires ksmtuned, turns the
# advisor on with the tmpfiles.d file that is shown there, boots again, sees it adapt,
# and goes back. deb/guest.sh has what is checked. With KERNEL=6.12 the package of that.
# Environment: MEM=1024M SMP=2 TIMEOUT=900 (seconds, each of three boots)
# What the guest said is in build/deb-test; the exit status is 0 when all was right.
. "$(dirname "$0")/lib.sh"

here=$ROOT/tools-testing/deb
dir=$BUILD/deb-test debian=$ROOT/build/guest/debian.tar
mem=${MEM:-1024M} smp=${SMP:-2} limit=${TIMEOUT:-900}
[[ $# == 0 ]] || die "make deb-test tests the packages of make deb and takes KERNEL, not: $*"
for word in "$smp" "$limit"; do
	[[ $word =~ ^[1-9][0-9]*$ ]] || die "SMP and TIMEOUT are numbers, and '$word' is none"
done
[[ $mem =~ ^[1-9][0-9]*[MG]$ ]] || die "MEM is a size like 1024M, and '$mem' is none"
package=$("$ROOT/tools-testing/deb.sh" --path)
"$ROOT/tools-testing/deps.sh"
"$ROOT/tools-testing/deps.sh" deb
lock deb-test
"$here/userland.sh" "$debian"

need_space 4
release=$(dpkg-deb -f "$package" Package)
release=${release#linux-image-}
rm -rf "$dir"
mkdir -p "$dir/files"/{etc/systemd/system/multi-user.target.wants,usr/local/bin,usr/local/sbin,usr/local/share/ksm-test}
trap 'rm -rf "$dir"/{files,files.tar,root.tar,root,disk}' EXIT
trap 'exit 130' INT TERM HUP

# The machine's files: what is typed is what the document shows.
share=$dir/files/usr/local/share/ksm-test
sed -n 's/^ *\(w \/sys\/kernel\/mm\/ksm\/.*\)/\1/p' "$ROOT/Documentation/deploying.rst" > "$share/ksm.conf"
[[ -s $share/ksm.conf ]] || die "Documentation/deploying.rst shows no lines for tmpfiles.d"
say "$release" > "$share/release"
gcc -static -O2 -Wall -Wextra -Werror -o "$dir/files/usr/local/bin/ksmload" "$ROOT/tools-testing/guest/ksmload.c"
install -m 755 "$here/guest.sh" "$dir/files/usr/local/sbin/ksm-test"
install -m 644 "$here/ksm-test.service" "$dir/files/etc/systemd/system"
ln -s ../ksm-test.service "$dir/files/etc/systemd/system/multi-user.target.wants"
tar -cf "$dir/files.tar" -C "$dir/files" --owner=0 --group=0 --mode=go-w etc usr

say "installing ${package##*/} in Debian $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)"
cp "$package" "$dir/files/kernel.deb"
# shellcheck disable=SC2016 # for mmdebstrap's shell
(cd "$dir" && mmdebstrap --variant=custom --skip=update,cleanup/apt --format=tar \
	--setup-hook="mmtarfilter '--path-exclude=/dev/*' < '$debian' | tar -C \"\$1\" -x" \
	--customize-hook='upload files/kernel.deb /tmp/kernel.deb' \
	--customize-hook='chroot "$1" dpkg -i /tmp/kernel.deb' \
	--customize-hook='rm "$1/tmp/kernel.deb"' \
	--customize-hook='tar-in files.tar /' \
	'' root.tar) > "$dir/install.log" 2>&1 || {
	tail -n 5 "$dir/install.log" >&2
	die "the package could not be installed; all of the output is in $dir/install.log"
}
for name in vmlinuz initrd.img; do
	tar -xOf "$dir/root.tar" "./boot/$name-$release" > "$dir/$name" ||
		die "installing ${package##*/} left no /boot/$name-$release; see $dir/install.log"
done
as_root=()
[[ $(id -u) == 0 ]] || as_root=(fakeroot --)
mkdir "$dir/root"
# shellcheck disable=SC2016 # for that shell
(cd "$dir" && PATH=$PATH:/usr/sbin:/sbin "${as_root[@]}" sh -ec '
	tar -xf root.tar -C root
	truncate -s 2G disk
	mkfs.ext4 -q -F -d root disk') > "$dir/mkfs.log" 2>&1 || die "no file system could be made; see $dir/mkfs.log"
rm -rf "$dir/root" "$dir/root.tar"

# boot STAGE: of guest.sh
boot() {
	local stage=$1 status=0 complaint
	local log=$dir/$stage
	say "== $stage: $(sed -n "/^# /h; /^stage_$stage()/{x; s/^# //p}" "$here/guest.sh")"
	: > "$log"
	timeout --foreground -k 5 "$limit" qemu-system-x86_64 \
		-nodefaults -no-reboot -display none -machine pc -accel tcg,thread=multi -cpu max -smp "$smp" -m "$mem" \
		-kernel "$dir/vmlinuz" -initrd "$dir/initrd.img" \
		-append "console=ttyS0 root=/dev/vda rw panic=-1 oops=panic quiet loglevel=5 ksm_test=$stage" \
		-drive "file=$dir/disk,format=raw,if=virtio,cache=unsafe" -device virtio-rng-pci \
		-serial "file:$log.console" -device virtio-serial-pci \
		-chardev "file,id=test,path=$log" -device virtserialport,chardev=test,name=ksm.test \
		< /dev/null > "$log.qemu" 2>&1 || status=$?
	grep -v '^exit ' "$log" || :
	[[ $status != 124 && $status != 137 ]] || die "no end after $limit s, see $log.console"
	complaint=$(grep -a -m 1 -E -f "$ROOT/tools-testing/complaints" "$log.console") || [[ $? == 1 ]] ||
		die "what the kernel said cannot be looked through"
	[[ ! $complaint ]] || die "the kernel complained: $complaint (see $log.console)"
	grep -q '^exit [0-9]' "$log" || die "the guest ended without a verdict, see $log.console and $log.qemu"
	grep -q '^exit 0$' "$log" || die "not all was right, see $log"
}
# As run.sh does, and why, is there.
if ((smp > $(nproc))); then smp=$(nproc); fi
boot upgrade
boot on
boot back
say "PASS: ${package##*/} in Debian: installed, turned on, seen to adapt, and taken back"
