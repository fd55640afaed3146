#!/bin/bash
# virtual.sh: what ksmd pays for a page in virtual time, which counts instructions
# and knows no caches but repeats, without and with the topic scan.
#   SIZES="256"   MiB of mergeable memory
#   LOADS="half same zero use-zero volatile volatile-end collide"
. "$(dirname "$0")/../lib.sh"

out=$BUILD/virtual-scan
lock virtual-scan
for kernel in base scan; do "$ROOT/tools-testing/kernel.sh" "$kernel" >&2; done
mkdir -p "$out/bin"
gcc -O2 -Wall -static -o "$out/bin/scanload" "$ROOT/tools-testing/scan/scanload.c" -lxxhash
(cd "$out" && echo bin/scanload | cpio -o -H newc -R 0:0 --quiet | gzip -n -1 > scanload.cpio.gz)

# one KERNEL LOAD MIB: the sum of the passes, in ns a page, and the pages merged
one() {
	local load=$2 knobs=use_zero_pages=0
	if [[ $load == use-zero ]]; then load=zero knobs=use_zero_pages=1; fi
	VIRTUAL=1 QUIET=1 NAME="scan-$1" MEM="$(($3 * 5 / 4 + 256))M" INITRD="$out/scanload.cpio.gz" \
		"$ROOT/tools-testing/run.sh" "$("$ROOT/tools-testing/kernel.sh" "$1" --path)" \
		"scanload $load $3 4 smart_scan=0 $knobs" || return
	grep -q '^status 0' "$BUILD/run/scan-$1/output" || return
	awk '$1 == "pass" { sum += $3 } /^end (pages_sharing|ksm_zero_pages)/ { merged += $3 }
		END { print sum, merged }' "$BUILD/run/scan-$1/output"
}
printf '%-12s%6s  %16s%16s%10s%9s   (ns for each page, 4 passes)\n' load MiB base scan base/scan merged
for size in ${SIZES:-256}; do
	for load in ${LOADS:-half same zero use-zero volatile volatile-end collide}; do
		figures=$(one base "$load" "$size") || die "the base kernel did not end the load $load"
		read -r base merged <<< "$figures"
		figures=$(one scan "$load" "$size") || die "the kernel with the topic did not end the load $load"
		read -r scan merged_too <<< "$figures"
		[[ $merged == "$merged_too" ]] || die "$load, $size MiB: $merged pages are merged, or with scan $merged_too"
		awk -v load="$load" -v size="$size" -v base="$base" -v scan="$scan" -v merged="$merged" \
			'BEGIN { printf "%-12s%6d  %16d%16d%10.2f%9d\n", load, size, base, scan, base / scan, merged }'
	done
done
