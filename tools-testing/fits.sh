#!/bin/bash
# fits.sh: how the series as it is written for mainline fits the tree of KERNEL=6.12,
# one patch on top of the other: for each whether it applies clean, with an offset or with
# fuzz, or which hunks fail. Of a patch that fails the rest is applied all the same, so
# that those after it are judged by themselves. Nothing outside of a scratch copy is
# touched. Exit status 0: all apply; 1: some fail.
. "$(dirname "$0")/lib.sh"

[[ $BACKPORT ]] || die "say which kernel: KERNEL=$(kernels | grep -vxF "$MAINLINE" | paste -sd '|')"
[[ -d $TREE/.git ]] || die "there is no $TREE yet; run 'make tree KERNEL=$KERNEL_VERSION'"
command -v patch > /dev/null || die "patch is missing: run 'make deps'"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mapfile -t names < <(SERIES=$ROOT/series series_names)

# Only the files that the patches name; what a patch adds is not there yet.
cd "$ROOT/patches"
sed -n 's,^--- a/\([^	]*\).*,\1,p' "${names[@]}" | sort -u | while read -r file; do
	kgit cat-file -e "base:$file" 2> /dev/null || continue
	mkdir -p "$scratch/$(dirname "$file")"
	kgit show "base:$file" > "$scratch/$file"
done

# verdict: what patch said on stdin, in a line
verdict() {
	awk '
	/^(patching|checking) file / { file = $3 }
	/^Hunk #.* FAILED/ { sub(/#/, "", $2); failed[file] = failed[file] " " $2; fails++ }
	/hunks? (FAILED|ignored)/ && !/^Hunk/ && !(file in failed) { failed[file] = " all"; fails++ }
	/^Hunk .* with fuzz/ { fuzz++ }
	/^Hunk .*offset/ { offset++ }
	/can.t find file to patch/ { missing = 1 }
	END {
		if (missing) { print "FAILS: a file is not there"; exit }
		for (f in failed) text = text "; " f ": hunk" failed[f]
		if (fails) print "FAILS" text
		else if (fuzz) print "fuzz in " fuzz " hunks"
		else if (offset) print "clean, with offsets"
		else print "clean"
	}'
}

failed=0 n=0
say "Linux $(base_version):"
for name in "${names[@]}"; do
	n=$((n + 1))
	result=$({ patch -p1 -f -d "$scratch" -r - --no-backup-if-mismatch < "$ROOT/patches/$name" 2>&1 || true; } | verdict)
	[[ $result != FAILS* ]] || failed=$((failed + 1))
	printf '%s  %s\n' "${name%.patch}" "$result"
done
say "$((n - failed)) of $n apply, $failed do not"
((failed == 0))
