#!/bin/bash
# sparse and W=1 say nothing new about the files the series touches
. "$(dirname "$0")/../checks.sh"

out=$BUILD/test/warnings
lock test-builds
# warnings COMMIT: what both say, without line numbers, to stdout
warnings() {
	local -a objects
	pristine "$1"
	configure "$SCRATCH_TREE" "$out" ARCH=x86_64 "$ROOT/configs/matrix.config" <(printf 'CONFIG_64BIT=y\nCONFIG_SYSFS=y\nCONFIG_NUMA=y\n# CONFIG_WERROR is not set\n')
	mapfile -t objects < <(touched mm/ "$2" | sed 's/c$/o/')
	[[ ${#objects[@]} != 0 ]] || return 0
	(cd "$out" && rm -f "${objects[@]}")
	kmake "$SCRATCH_TREE" "$out" -j"$(nproc)" ARCH=x86_64 W=1 C=2 "${objects[@]}" > "$scratch/log" 2>&1 || {
		tail -n 20 "$scratch/log" >&2
		die "the build with W=1 C=2 failed"
	}
	cat "$scratch/log" >&2
	grep -E '(warning|error):|^Warning' "$scratch/log" | sed -E "s|$SCRATCH_TREE/||g; s/:[0-9]+(:[0-9]+)?:/:/g" | sort
}
warnings base > "$scratch/base"
warnings ksm > "$scratch/ksm"
comm -13 "$scratch/base" "$scratch/ksm" > "$scratch/new"
cat "$scratch/new" >&2
check "no new warning ($(wc -l < "$scratch/base") old ones)" test ! -s "$scratch/new"
finish
