#!/bin/bash
# packages.sh ROOT PACKAGE...: unpacks packages of this machine's own Debian release,
# and all that they need, in the new directory ROOT. Nothing is installed: apt,
# with a state of its own beside ROOT, only downloads them.
. "$(dirname "$0")/lib.sh"

root=$(realpath -m "$1")
shift
[[ $(dpkg --print-architecture 2> /dev/null) == amd64 ]] ||
	die "the guest's programs come from Debian packages for amd64, and this is no such system"
need_space 1
work=$root.apt
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# An empty list of what is installed makes apt fetch all that is needed.
mkdir -p "$work"/{lists/partial,cache/archives/partial}
: > "$work/status"
cat > "$work/apt.conf" <<-END
	Acquire::Languages "none";
	APT::Install-Recommends "false";
	APT::Sandbox::User "root";
	Dir::State "$work";
	Dir::State::status "$work/status";
	Dir::Cache "$work/cache";
	Dir::Log "$work";
END
export APT_CONFIG=$work/apt.conf
say "downloading $* and what they need (nothing is installed)"
# Sources of a third party that cannot be reached do not matter.
apt-get -q=2 update > "$work/log" 2>&1 || :
if ! apt-get -q=2 -y --download-only install "$@" >> "$work/log" 2>&1; then
	grep -h '^[EW]:' "$work/log" >&2 || :
	die "apt could not download $*; see above, and try again when the mirror can be reached"
fi

# All directories are in /usr, whichever way the release ships its packages.
mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
ln -s usr/bin "$root/bin"
ln -s usr/sbin "$root/sbin"
for deb in "$work"/cache/archives/*.deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -xf - -C "$root" --no-same-owner --keep-directory-symlink
done
