#!/bin/bash
# series: Documentation/ABI names every file of /sys/kernel/mm/ksm in the booted kernel, and only those
. "$(dirname "$0")/../gate.sh"

"$ROOT/tools-testing/kernel.sh" > "$scratch/log" 2>&1 || verdict FAIL "the kernel does not build"
NAME=abi QUIET=1 TIMEOUT=300 "$ROOT/tools-testing/run.sh" "$("$ROOT/tools-testing/kernel.sh" --path)" \
	"find /sys/kernel/mm/ksm" || verdict FAIL "the kernel does not boot"
sort "$BUILD/run/abi/output" > "$scratch/files"
mkdir -p "$scratch/tree"
kgit archive "$commit" Documentation/ABI/testing/sysfs-kernel-mm-ksm tools/docs tools/lib/python | tar -x -C "$scratch/tree"
cd "$scratch/tree"
python3 -B tools/docs/get_abi.py --dir Documentation/ABI validate > "$scratch/said" 2>&1 || complain "get_abi.py: $(tail -n 1 "$scratch/said")"
grep -E 'Warning|warning|Error' "$scratch/said" >> "$complaints" || true
python3 -B tools/docs/get_abi.py --dir Documentation/ABI search '^/sys/kernel/mm/ksm' 2> /dev/null |
	sed -nE 's,^[0-9]+\. (/sys/kernel/mm/ksm[^ ]*)$,\1,p' | sort -u > "$scratch/named"
comm -23 "$scratch/files" "$scratch/named" | sed 's/$/ is not in the ABI file/' >> "$complaints"
comm -13 "$scratch/files" "$scratch/named" | sed 's/$/ is in the ABI file, but not in the kernel/' >> "$complaints"
judge "$(wc -l < "$scratch/files") files"
