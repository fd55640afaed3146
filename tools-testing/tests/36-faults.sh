#!/bin/bash
# the faults that mutants and fish put into mm/ksm.c fit it as it is
. "$(dirname "$0")/../checks.sh"
. "$ROOT/tools-testing/mutants/faults.sh"

src=$scratch
mkdir "$src/mm"
kgit show ksm:mm/ksm.c > "$src/mm/ksm.c"
# fault_fits ends the shell that it is in.
fits() { (fault_fits "$@"); }
for list in mutants/list stress/fish.list; do
	mapfile -d '' -t all < <(faults "$ROOT/tools-testing/$list")
	for ((i = 0; i < ${#all[@]}; i += 3)); do
		check "$list: ${all[i]} fits" fits "${all[i]}" "${all[i + 2]}" "$list"
	done
done
finish
