# shellcheck shell=bash
# Where this machine gets Debian from, for what takes packages of another release or
# into another root: source it after lib.sh. The machine's apt setup is only read.

# mirrors SUITE DIR: a file DIR/candidate-* with an entry for SUITE, for every entry of
# the machine's sources that looks like the main archive of its own release; the
# likeliest first. Reads both formats, and writes the newer one.
mirrors() {
	local file
	local -a files=()
	for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list; do
		[[ ! -f $file ]] || files+=("$file")
	done
	[[ ${#files[@]} != 0 ]] || return 0
	awk -v codename="$(release)" -v suite="$1" -v out="$2/candidate" '
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
	END { flush_stanza() }' "${files[@]}"
}

# release: the name of the machine's own
release() {
	local codename
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	say "${codename:-stable}"
}

# fetching: how the machine's apt fetches things (proxies, ...)
fetching() { apt-config dump | grep '^Acquire::' || true; }
