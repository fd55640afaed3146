#!/bin/bash
# userland.sh OUTPUT.tar: Debian with systemd, of this machine's own release and from
# where its apt gets it, as make deb-test boots it. Done once; remove the archive to
# have it made again.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tools-testing/mirrors.sh"

out=$(realpath -m "$1")
[[ ! -e $out || $out -ot $0 ]] || exit 0
need_space 2
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$work"
mirrors "$(release)" "$work"
fetching > "$work/apt.conf"

made=
shopt -s nullglob
for entry in "$work"/candidate-*; do
	say "making a Debian $(release) of packages from $(sed -n 's/^URIs: //p' "$entry") (a minute or two)"
	# What else its kernels' and administrators' packages bring: an initramfs, and the
	# tuner that the series replaces, which a release may lack.
	# shellcheck disable=SC2016 # for mmdebstrap's shell
	if mmdebstrap --variant=minbase --aptopt="$work/apt.conf" --include=systemd-sysv,udev,kmod,initramfs-tools,procps \
		--customize-hook='chroot "$1" apt-get -q -y --no-install-recommends install ksmtuned || :' \
		--customize-hook='chroot "$1" systemd-machine-id-setup' \
		"$(release)" "$work/root.tar" "$entry" > "$work/log" 2>&1; then
		made=1
		break
	fi
	tail -n 3 "$work/log" >&2
done
[[ $made ]] || die "mmdebstrap could not make a Debian $(release) through this machine's apt sources; see above"
mv "$work/root.tar" "$out"
