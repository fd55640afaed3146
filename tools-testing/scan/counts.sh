#!/bin/bash
# counts.sh: how many levels of the trees ksmd goes down for a page that it scans,
# how many others' pages it fetches on the way and how many bytes it compares,
# without and with the topic scan: in kernels that count, which are built for it.
#   SIZES="1024"   MiB of mergeable memory      LOADS="unique half"
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/um.sh"

out=$BUILD/count src=$BUILD/count/linux
lock count
if ! git -C "$src" rev-parse -q --verify HEAD > /dev/null 2>&1; then
	rm -rf "$src"
	kgit worktree prune
	kgit worktree add -q -f -f --detach "$src" base
fi
um_prepare "$out" "$(tr ' ' '\n' <<< "${SIZES:-1024}" | sort -n | tail -n 1)"

# The counters are parameters of the module ksm.
count() {
	perl -0777 -i -pe '
		s{\n(#define CREATE_TRACE_POINTS\n.*?\n)\n}{\n$1
#include <linux/moduleparam.h>
static unsigned long count_levels, count_fetched, count_bytes;
module_param(count_levels, ulong, 0444);
module_param(count_fetched, ulong, 0444);
module_param(count_bytes, ulong, 0444);
static int count_memcmp(struct page *page1, struct page *page2)
{
	u8 *a = kmap_local_page(page1), *b = kmap_local_page(page2);
	unsigned int i = 0;

	while (i < PAGE_SIZE && a[i] == b[i])
		i++;
	count_bytes += i;
	kunmap_local(b);
	kunmap_local(a);
	return memcmp_pages(page1, page2);
}
#define memcmp_pages count_memcmp

}s or die;
		s/= rb_entry\(\*new, struct ksm_(rmap_item|stable_node), node\);/$& count_levels++;/g >= 3 or die;
		s/tree_page = get_mergeable_page\(tree_rmap_item\);/$& count_fetched++;/ or die;
		s/tree_folio = chain(_prune)?\(.*?\);/$& count_fetched++;/g >= 2 or die' "$src/mm/ksm.c"
}

apply_series scan
printf '%-10s%-6s%6s  %10s %10s %10s   (for each page and pass)\n' load kernel MiB levels fetched bytes
for kernel in base scan; do
	commit=$(kgit rev-parse base)
	[[ $kernel == base ]] || commit=$tip
	git -C "$src" reset -q --hard
	git -C "$src" checkout -q --detach "$commit"
	count || die "the counters do not fit mm/ksm.c any more; mend them here"
	SRC=$src OUT=count/um "$ROOT/tools-testing/kernel.sh" um >&2
	for size in ${SIZES:-1024}; do
		for load in ${LOADS:-unique half}; do
			um_scan "$out" "$out/um/linux" "$load" "$size" 4 smart_scan=0
			awk -v load="$load" -v kernel="$kernel" -v mib="$size" '
				$1 == "pass" { visits += mib * 256 }
				$1 == "end" { n[$2] = $3 }
				END { printf "%-10s%-6s%6d  %10.2f %10.2f %10.0f\n", load, kernel, mib,
					n["count_levels"] / visits, n["count_fetched"] / visits, n["count_bytes"] / visits }' "$out/log"
		done
	done
done
