#!/bin/bash
# checkpatch --strict has nothing to say about any patch, and MAINTAINERS covers each new file
. "$(dirname "$0")/../checks.sh"

status=0
ONLY='checkpatch maintainers' "$ROOT/tools-testing/check.sh" "$scratch/out" >&2 || status=$?
n=0
while read -r name; do
	n=$((n + 1))
	for gate in checkpatch maintainers; do
		log=$scratch/out/$gate.$(printf %02d "$n")
		cat "$log" >&2
		check "$gate: $name" test "$(tail -n 1 "$log" | cut -d' ' -f1)" = PASS
	done
done < <(series_names)
check "so says the table" test "$status" = 0
finish
