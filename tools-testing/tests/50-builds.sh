#!/bin/bash
# every patch builds, and each topic alone; the series also with KSM off, without sysfs, for i386 (and so without NUMA), with clang
. "$(dirname "$0")/../checks.sh"
. "$ROOT/tools-testing/matrix.sh"

# LONG=1: each patch in all of these, which takes half an hour more
everywhere=(ksm no-ksm no-sysfs i386 clang)
lock test-builds
# builds TITLE COMMIT NAME...
builds() {
	local title=$1 commit=$2 name
	shift 2
	rm -f "$scratch"/*.log
	build_all "$commit" "$@"
	for name; do
		check "$title, $name: $(kgit show -s --format=%s "$commit")" test -e "$(built_key "$commit" "$name")"
		cat "$scratch/$name.log" >&2 2> /dev/null || :
	done
}
mapfile -t commits < <(kgit rev-list --reverse base..ksm)
for i in "${!commits[@]}"; do
	names=(ksm)
	[[ ! ${LONG:-} ]] && ((i < ${#commits[@]} - 1)) || names=("${everywhere[@]}")
	builds "patch $((i + 1)) of ${#commits[@]}" "${commits[i]}" "${names[@]}"
done
for topic in $(series_topics); do
	apply_series "$topic"
	builds "$topic alone, up to" "$tip" ksm
done
finish
