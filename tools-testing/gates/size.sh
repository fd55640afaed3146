#!/bin/bash
# build: how much code it adds; no stack frame of more than 512 bytes
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/scratch.sh"
. "$ROOT/tools-testing/matrix.sh"

lock test-builds
[[ $(sources "$commit" "$commit~") ]] || verdict PASS "no C source is concerned"
# measure COMMIT: keeps mm/ksm.o of it
measure() {
	local kept out vars start options
	local -a args
	kept=$BUILD/test/size/$(kgit diff-tree -r base "$1" -- mm include kernel fs lib | sha256sum | cut -c1-32).o
	if [[ ! -e $kept ]]; then
		pristine "$1"
		if ! (configure_one ksm && kmake "$SCRATCH_TREE" "$out" -s "${args[@]}" mm/ksm.o) > "$scratch/log" 2>&1; then
			die "$1 does not build"
		fi
		mkdir -p "${kept%/*}"
		cp "$BUILD/test/ksm/mm/ksm.o" "$kept.new"
		mv "$kept.new" "$kept"
	fi
	say "$kept"
}
# stack OBJECT: the largest frames, by function
stack() { objdump -d "$1" | perl "$TREE/scripts/checkstack.pl" x86_64 1 | sed -nE 's/^0x[0-9a-f]+ ([^ ]+) .*:[[:space:]]*([0-9]+)$/\2 \1/p'; }
before=$(measure "$commit~") || verdict FAIL "the commit before it does not build"
after=$(measure "$commit") || verdict FAIL "it does not build"
python3 -B "$TREE/scripts/bloat-o-meter" "$before" "$after" || true
stack "$after" | awk '$1 > 512 { print $2 " has " $1 " bytes of stack" }' >> "$complaints"
bytes() { size -A "$1" | awk '$1 ~ /^\.(text|rodata|data|bss|init|exit|noinstr)/ { s += $2 } END { print s + 0 }'; }
judge "$(($(bytes "$after") - $(bytes "$before"))) bytes; the largest stack frame: $(stack "$before" | sort -rn | head -n 1) before, $(stack "$after" | sort -rn | head -n 1) after"
