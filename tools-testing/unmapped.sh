#!/bin/bash
# unmapped.sh: whether ksmd reads the anon_vma of a page that was unmapped, in
# kernels with KASAN whose ksmd waits where that may happen, without and with the
# patch against it. They are built for it: a quarter of an hour from nothing.
. "$(dirname "$0")/lib.sh"

fix='mm/ksm: do not look at the anon_vma of a page that was unmapped'
out=$BUILD/unmapped src=$BUILD/unmapped/linux
lock unmapped
apply_series watermark
commit=$(kgit log --format=%H --fixed-strings --grep="$fix" "base..$tip")
[[ $commit ]] || die "the series has no patch '$fix'"
if ! git -C "$src" rev-parse -q --verify HEAD > /dev/null 2>&1; then
	rm -rf "$src"
	kgit worktree prune
	kgit worktree add -q -f -f --detach "$src" base
fi
for of in "$commit~" "$commit"; do
	git -C "$src" reset -q --hard
	git -C "$src" checkout -q --detach "$(kgit rev-parse "$of")"
	perl -0777 -i -pe 's/^(static int try_to_merge_with_ksm_page.*?\n)(\tmmap_read_lock\(mm\);\n)/$1\tschedule_timeout_uninterruptible(HZ \/ 5);\n$2/ms
		or die' "$src/mm/ksm.c" || die "the wait does not fit mm/ksm.c any more; mend it here"
	SRC=$src OUT=unmapped/kernel "$ROOT/tools-testing/kernel.sh" debug >&2
	status=0
	NAME=unmapped VIRTUAL=1 QUIET=1 "$ROOT/tools-testing/run.sh" \
		"$(OUT=unmapped/kernel "$ROOT/tools-testing/kernel.sh" debug --path)" 'overmap 8' 2> "$out/error" || status=$?
	case $status in
	0) result='no complaint in 64 full scans' ;;
	125) result=$(grep -h -m 1 -o '\[.*BUG: .*' "$BUILD/run/unmapped/console.log" || cat "$out/error") ;;
	*) die "the guest failed: $(cat "$out/error")" ;;
	esac
	say "$(kgit log -1 --format=%s "$of"): $result"
done
