#!/bin/bash
# patch: kernel-doc -Wall has nothing new to say about the files it changes
. "$(dirname "$0")/../gate.sh"

# warnings COMMIT FILE: without line numbers, sorted
warnings() {
	local dir=$scratch/$1
	mkdir -p "$dir/$(dirname "$2")"
	kgit show "$1:$2" > "$dir/$2" 2> /dev/null || return 0
	{ (cd "$dir" && "$TREE/scripts/kernel-doc" -none -Wall "$2") 2>&1 || true; } |
		sed -E 's/:[0-9]+:? / /' | sort
}
n=0
while read -r file; do
	n=$((n + 1))
	comm -13 <(warnings "$commit~" "$file") <(warnings "$commit" "$file") >> "$complaints"
done < <(changed '*.c' '*.h')
judge "$n files"
