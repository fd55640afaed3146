#!/bin/bash
# reproduce.sh [NAME]...: faults of base that no kselftest shows, as they take a kernel
# built for it: KASAN, a wait where two threads have to meet, or a device. Each without
# and with the patch against it. A quarter of an hour for each kernel from nothing.
. "$(dirname "$0")/lib.sh"

names=(unmapped swapin devzero)
for name; do
	[[ " ${names[*]} " == *" $name "* ]] || die "there is no fault '$name'; there are: ${names[*]}"
done
src=$BUILD/reproduce/linux
lock reproduce
apply_series watermark
if ! git -C "$src" rev-parse -q --verify HEAD > /dev/null 2>&1; then
	rm -rf "$src"
	kgit worktree prune
	kgit worktree add -q -f -f --detach "$src" base
fi

# reproduce NAME KERNEL PATCH COMMAND [SUBSTITUTION]: runs COMMAND in a guest
reproduce() {
	local name=$1 kernel=$2 fix=$3 command=$4 wait=${5:-} commit of status result dir said=()
	commit=$(kgit log --format=%H --fixed-strings --grep="$fix" "base..$tip")
	[[ $commit ]] || die "the series has no patch '$fix'"
	for of in "$commit~" "$commit"; do
		git -C "$src" reset -q --hard
		git -C "$src" checkout -q --detach "$(kgit rev-parse "$of")"
		[[ ! $wait ]] || perl -0777 -i -pe "$wait or die" "$src/mm/ksm.c" ||
			die "the wait does not fit mm/ksm.c any more; mend it here"
		SRC=$src OUT=reproduce/$kernel "$ROOT/tools-testing/kernel.sh" "$kernel" >&2
		status=0
		NAME=reproduce-$name VIRTUAL=1 QUIET=1 "$ROOT/tools-testing/run.sh" \
			"$(OUT=reproduce/$kernel "$ROOT/tools-testing/kernel.sh" "$kernel" --path)" "$command" \
			2> "$BUILD/reproduce/error" || status=$?
		result='' dir=$BUILD/run/reproduce-$name
		case $status in
		0) ;;
		1) result=$(grep -a -m 1 '^FAULT: ' "$dir/output") || die "$(cat "$dir/output")" ;;
		125) result=$(grep -ah -m 1 -o '\[.*BUG: .*' "$dir/console.log" || cat "$BUILD/reproduce/error") ;;
		*) die "the guest failed: $(cat "$BUILD/reproduce/error" "$dir/output")" ;;
		esac
		said+=("$result")
		say "$name, $(kgit log -1 --format=%s "$of"): ${result:-no fault}"
	done
	[[ ${said[0]} && ! ${said[1]} ]] || { say "not ok - $name: without the patch there is to be a fault, and none with it"; bad=1; }
}

bad=0
[[ $* ]] || set -- "${names[@]}"
for name; do
	case $name in
	unmapped)
		# shellcheck disable=SC2016 # Perl's
		reproduce unmapped debug 'mm/ksm: do not look at the anon_vma of a page that was unmapped' 'overmap 8' \
			's/^(static int try_to_merge_with_ksm_page.*?\n)(\tmmap_read_lock\(mm\);\n)/$1\tschedule_timeout_uninterruptible(HZ \/ 5);\n$2/ms'
		;;
	swapin) reproduce swapin debug 'mm/ksm: do not look into the anon_vma of a page in the swap cache' 'swapin 64' ;;
	devzero) reproduce devzero hmm 'mm/migrate_device: do not count zero pages of KSM that went to a device' 'devzero 64' ;;
	esac
done
exit "$bad"
