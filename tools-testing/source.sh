#!/bin/bash
# source.sh DIR: unpacks Debian's package of Linux 7.3, or of KERNEL, into the new directory
# DIR. The package comes from Debian 13 or its backports whatever release this machine
# runs: through an apt of our own below build/, with the mirror and the keyring
# of the machine's sources and with apt's signature check. The machine's apt
# setup is only read.
. "$(dirname "$0")/lib.sh"

dir=$1
package=linux-source-$KERNEL_VERSION
# Debian 13 was released with 6.12; what came later is in its backports.
suite=trixie-backports
[[ $KERNEL_VERSION != 6.12 ]] || suite=trixie
remedy="pass a tree of your own with LINUX=/path/to/linux-$KERNEL_VERSION"
apt=$BUILD/apt

command -v apt-get > /dev/null || die "this is not a Debian system, so $package cannot be had from apt; $remedy"

. "$ROOT/tools-testing/mirrors.sh"

rm -rf "$apt"
mkdir -p "$apt"/{lists/partial,cache/archives/partial,sources}
: > "$apt/status"
mirrors "$suite" "$apt"
shopt -s nullglob

# Our own setup; of the machine's only how things are fetched.
{
	fetching
	cat <<-END
		Acquire::Languages "none";
		APT::Sandbox::User "root";
		APT::Update::Error-Mode "any";
		Dir::State "$apt";
		Dir::State::lists "$apt/lists";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$apt/sources";
		Dir::Etc::main "/dev/null";
		Dir::Etc::parts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
	END
} > "$apt/apt.conf"
export APT_CONFIG=$apt/apt.conf

found=
for entry in "$apt"/candidate-*; do
	cp "$entry" "$apt/sources/debian.sources"
	say "looking for $package in $suite at $(sed -n 's/^URIs: //p' "$entry")"
	if apt-get -q=2 update > "$apt/log" 2>&1 && apt-cache show "$package" > /dev/null 2>> "$apt/log"; then
		found=1
		break
	fi
done
if [[ ! $found ]]; then
	grep -h '^[EW]:' "$apt/log" >&2 2>/dev/null || true
	die "Debian's package $package was not found in $suite through this machine's apt sources; $remedy"
fi

say "downloading $package (about 160 MB)"
(cd "$apt" && apt-get -q download "$package") || die "$package could not be downloaded; try again, or $remedy"

say "unpacking it (about half a minute)"
mkdir -p "$dir"
dpkg-deb --fsys-tarfile "$apt/$package"_*.deb |
	tar -xO "./usr/src/$package.tar.xz" | tar -xJ --strip-components=1 -C "$dir" ||
	die "$package could not be unpacked; $remedy"

# Debian's .gitignore hides all files, for packagers; here one adds some.
sed -i '/^# Debian packaging:/,$d; /^\/\*$/d' "$dir/.gitignore"
rm -rf "$apt"
