#!/bin/bash
# build: it builds in each configuration that people have, for each architecture; CONFIGS="ksm ..." in some
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/scratch.sh"
. "$ROOT/tools-testing/matrix.sh"

read -r -a names <<< "${CONFIGS:-$(matrix_names | paste -sd ' ')}"
lock test-builds
build_all "$commit" "${names[@]}"
for name in "${names[@]}"; do
	[[ ! -e $(built_key "$commit" "$name") ]] || continue
	grep -m 5 -E 'error|Error|undefined' "$scratch/$name.log" || tail -n 5 "$scratch/$name.log"
	complain "$name: $(grep -m 1 -E 'error[: ]' "$scratch/$name.log" || tail -n 1 "$scratch/$name.log")"
done
judge "${#names[@]} configurations"
