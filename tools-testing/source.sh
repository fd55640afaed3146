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

# candidates FILE...: an entry for our suite, for every entry of the machine's
# sources that looks like the main archive of its own release; the likeliest
# first. Reads both formats, and writes numbered files in the newer one.
candidates() {
	local codename
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	awk -v codename="${codename:-stable}" -v suite="$suite" -v out="$apt/candidate" '
	function entry(uris, suites, parts, key,    n, u, i, likely) {
		if (" " suites " " !~ "[ /](" codename "|oldstable|stable|testing|unstable|sid)[ /]" ||
		    " " parts " " !~ / main /)
			return
		n = split(uris, u, " ")
		for (i = 1; i <= n; i++) {
			if (u[i] ~ /^cdrom:/ || seen[u[i]]++)
				continue
			likely = (u[i] ~ /\/debian(\.list)?\/*$/) + (key ~ /debian-archive/)
			file = sprintf("%s-%d-%03d", out, 2 - likely, ++count)
			print "Types: deb\nURIs: " u[i] "\nSuites: " suite "\nComponents: main" > file
			if (key != "")
				print "Signed-By:" key > file
			close(file)
		}
	}
	function flush_stanza() {
		if (tolower(field["enabled"]) !~ /no|false|off/ && " " field["types"] " " ~ / deb /)
			entry(field["uris"], field["suites"], field["components"], field["signed-by"])
		delete field
	}
	FNR == 1 { flush_stanza(); stanzas = FILENAME ~ /\.sources$/ }
	/^[ \t]*#/ { next }
	stanzas && /^[ \t]*$/ { flush_stanza(); next }
	stanzas && /^[ \t]/ { field[name] = field[name] "\n" $0; next }
	stanzas {
		name = tolower($0); sub(/[ \t]*:.*/, "", name)
		value = $0; sub(/^[^:]*:/, "", value)
		field[name] = value
		next
	}
	/^[ \t]*deb[ \t]/ {
		sub(/#.*/, ""); sub(/^[ \t]*deb[ \t]+/, "")
		key = ""
		if (match($0, /^\[[^]]*\]/)) {
			options = substr($0, 2, RLENGTH - 2)
			$0 = substr($0, RLENGTH + 1)
			if (match(options, /signed-by=[^ ]+/))
				key = " " substr(options, RSTART + 10, RLENGTH - 10)
			gsub(/,/, " ", key)
		}
		uri = $1; release = $2; $1 = $2 = ""
		entry(uri, release, $0, key)
	}
	END { flush_stanza() }' "$@"
}

rm -rf "$apt"
mkdir -p "$apt"/{lists/partial,cache/archives/partial,sources}
: > "$apt/status"
shopt -s nullglob
files=(/etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list)
[[ ! -f /etc/apt/sources.list ]] || files+=(/etc/apt/sources.list)
[[ ${#files[@]} == 0 ]] || candidates "${files[@]}"

# Our own setup; of the machine's only how things are fetched (proxies, ...).
{
	apt-config dump | grep '^Acquire::' || true
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
