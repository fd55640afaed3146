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
"$ROOT/tools-testing/packages.sh" "$work/root" ksmtuned bash mawk procps coreutils
ln -s mawk "$work/root/usr/bin/awk"	# as mawk's installation does
"$ROOT/tools-testing/bench/pack.sh" "$work/root" "$out" etc/ksmtuned.conf usr/sbin/{ksmtuned,ksmctl} \
	usr/bin/{bash,mawk,awk,ps,pgrep,sleep,touch,date}
