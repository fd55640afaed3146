#!/bin/bash
# series: the kernel's semantic patches find nothing new in the C files that it changes
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/scratch.sh"

for tool in spatch ocamlopt; do
	command -v "$tool" > /dev/null || verdict FAIL "$tool is missing: run tools-testing/deps.sh check"
done
# False alarms: a program has neither min() nor max(), and in this one line there is a
# call between two looks at errno. One more like it is told.
false='^tools/testing/selftests/.*opportunity for (min|max)\(\)$'
known='tools/testing/selftests/mm/ksm_madvise.c: duplicated argument to && or ||'
lock test-builds
# found COMMIT FILE: what they report, without line numbers; kept by the file's content
found() {
	local kept blob
	blob=$(kgit rev-parse -q --verify "$1:$2") || return 0
	kept=$BUILD/test/said/cocci-$blob
	if [[ ! -e $kept ]]; then
		mkdir -p "${kept%/*}"
		[[ $(sgit rev-parse HEAD 2> /dev/null) == "$1" ]] || pristine "$1"
		# Each semantic patch for itself: the kernel's own script wants a whole make.
		# shellcheck disable=SC2016 # for sh
		find "$SCRATCH_TREE/scripts/coccinelle" -name '*.cocci' | sort |
			xargs -P "$(nproc)" -I{} sh -c '
				grep -q "virtual report" "$1" || exit 0
				options=$(sed -n "s|^// Options: ||p" "$1")
				timeout 120 spatch -D report --very-quiet --no-show-diff $options --cocci-file "$1" \
					-I "$2/include" -I "$2/arch/x86/include" "$3" 2> /dev/null || echo "$1:0: spatch ends with $?"' - {} "$SCRATCH_TREE" "$SCRATCH_TREE/$2" > "$scratch/found"
		# What could not be looked at is no reason to pass, nor to keep.
		if grep 'spatch ends with' "$scratch/found" >> "$complaints"; then return; fi
		mv "$scratch/found" "$kept"
	fi
	{ grep -E '^[^ ]+:[0-9]+' "$kept" || true; } | sed -E "s|$SCRATCH_TREE/||g; s/:[0-9]+:[0-9]+-[0-9]+:/:/; s/line [0-9]+/line/g" | sort
}
n=0
while read -r file; do
	n=$((n + 1))
	found "$BASE" "$file" > "$scratch/before"
	found "$commit" "$file" > "$scratch/after"
	[[ $file != "${known%%:*}" ]] || sort -o "$scratch/before" "$scratch/before" - <<< "$known"
	comm -13 "$scratch/before" "$scratch/after" | { grep -vE "$false" || true; } >> "$complaints"
done < <(kgit diff --name-only --diff-filter=AM "$BASE" "$commit" -- 'mm/*.c' 'kernel/*.c' 'fs/*.c' 'tools/testing/selftests/mm/*.c')
judge "$n files"
