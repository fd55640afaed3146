#!/bin/bash
# sparse and W=1 say nothing new about the files the series touches
. "$(dirname "$0")/../checks.sh"

# Debian's sparse, 0.6.4, lacks one keyword, for which the kernel refuses it.
# To a checker the older one means nearly the same.
CHECK='CHECK=sparse -D__typeof_unqual__=__typeof__'
out=$BUILD/test/warnings
lock test-builds
printf 'CONFIG_64BIT=y\nCONFIG_SYSFS=y\nCONFIG_NUMA=y\n# CONFIG_WERROR is not set\n' > "$scratch/warnings.config"
# warnings COMMIT: what both say, without line numbers, to stdout
warnings() {
	local -a objects
	pristine "$1"
	configure "$SCRATCH_TREE" "$out" ARCH=x86_64 "$ROOT/configs/matrix.config" "$scratch/warnings.config"
	mapfile -t objects < <(cd "$SCRATCH_TREE" && touched | xargs -r ls 2> /dev/null | sed 's/c$/o/')
	[[ ${#objects[@]} != 0 ]] || return 0
	(cd "$out" && rm -f "${objects[@]}")
	kmake "$SCRATCH_TREE" "$out" -j"$(nproc)" ARCH=x86_64 W=1 C=2 "$CHECK" "${objects[@]}" > "$scratch/log" 2>&1 || {
		tail -n 20 "$scratch/log" >&2
		die "the build with W=1 C=2 failed"
	}
	cat "$scratch/log" >&2
	! grep -q 'C=2 specified, but' "$scratch/log" || die "the kernel does not accept this sparse"
	{ grep -E '(warning|error):|^Warning' "$scratch/log" || true; } | sed -E "s|$SCRATCH_TREE/||g; s/:[0-9]+(:[0-9]+)?:/:/g" | sort
}
warnings base > "$scratch/base"
warnings ksm > "$scratch/ksm"
comm -13 "$scratch/base" "$scratch/ksm" > "$scratch/new"
cat "$scratch/new" >&2
check "no new warning ($(wc -l < "$scratch/base") old ones)" test ! -s "$scratch/new"
finish
