#!/bin/bash
# every patch builds; the series also with KSM off, without sysfs, for i386 (and so without NUMA), with clang
. "$(dirname "$0")/../checks.sh"
. "$ROOT/tools-testing/matrix.sh"

# LONG=1: each patch in all of these, which takes half an hour more
everywhere=(ksm no-ksm no-sysfs i386 clang)
lock test-builds
mapfile -t commits < <(kgit rev-list --reverse base..ksm)
for i in "${!commits[@]}"; do
	names=(ksm)
	[[ ! ${LONG:-} ]] && ((i < ${#commits[@]} - 1)) || names=("${everywhere[@]}")
	build_all "${commits[i]}" "${names[@]}"
	for name in "${names[@]}"; do
		check "patch $((i + 1)) of ${#commits[@]}, $name: $(kgit show -s --format=%s "${commits[i]}")" \
			test -e "$(built_key "${commits[i]}" "$name")"
		cat "$scratch/$name.log" >&2 2> /dev/null || :
	done
done
finish
