#!/bin/bash
# series: htmldocs of mm and admin-guide/mm has no new warning
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/scratch.sh"

command -v sphinx-build > /dev/null || verdict FAIL "sphinx-build is missing: run tools-testing/deps.sh check"
lock test-builds
# said COMMIT: without line numbers
said() {
	local dir
	pristine "$1"
	rm -rf "$BUILD/test/docs"
	for dir in mm admin-guide/mm; do
		kmake "$SCRATCH_TREE" "$BUILD/test/docs" SPHINXDIRS="$dir" htmldocs > "$scratch/log" 2>&1 || {
			tail -n 5 "$scratch/log" >&2
			die "htmldocs of $dir fails"
		}
		# Not that it made nothing
		find "$BUILD/test/docs" -path "*/$dir/ksm.html" | grep -q . || die "htmldocs of $dir made no ksm.html"
		grep -E '(WARNING|ERROR|warning|error):' "$scratch/log" || true
	done | sed -E "s|$SCRATCH_TREE/||g; s/:[0-9]+(:[0-9]+)?:/:/g" | sort -u
}
said "$BASE" > "$scratch/before"
said "$commit" > "$scratch/after"
comm -13 "$scratch/before" "$scratch/after" >> "$complaints"
rm -rf "$BUILD/test/docs"
judge "$(wc -l < "$scratch/before") warnings before"
