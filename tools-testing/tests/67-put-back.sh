#!/bin/bash
# the new tests put KSM's files back, also when they are killed, in QEMU
. "$(dirname "$0")/../checks.sh"

"$ROOT/tools-testing/kernel.sh" >&2
"$ROOT/tools-testing/selftests.sh" >&2

# Values that nobody has by default, and some that cannot be set while anything is
# merged. A program is killed by itself, as soon as it says that it runs a test: all
# that it has started has to go, and then what the guard has put back is compared.
cat > "$scratch/guest" <<'EOF'
mkdir -p /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
mount -t debugfs none /sys/kernel/debug
echo lzo > /sys/block/zram0/comp_algorithm && echo 512M > /sys/block/zram0/disksize
mkswap /dev/zram0 > /dev/null && swapon /dev/zram0
cd /sys/kernel/mm/ksm || exit
for knob in max_page_sharing=512 merge_across_nodes=0 pages_to_scan=777 sleep_millisecs=33 \
	smart_scan=0 advisor_wmark_high=400 advisor_max_cpu=55; do
	echo "${knob#*=}" > "${knob%=*}" || exit
done
cd /selftests/mm || exit
state() {
	(cd /sys/kernel/mm/ksm && grep . advisor_* max_page_sharing merge_across_nodes \
		pages_to_scan sleep_millisecs smart_scan use_zero_pages run)
	cat /proc/sys/vm/max_map_count
	ls -d /sys/fs/cgroup/ksm* /sys/kernel/tracing/instances/* 2> /dev/null
}
# alive PROGRAM: whether any process of it is left
alive() { grep -qx "$1" /proc/[0-9]*/comm 2> /dev/null; }
state > /tmp/before
compare() {
	state > /tmp/after
	if cmp -s /tmp/before /tmp/after; then echo "ok - $*"; else
		echo "not ok - $*"
		diff /tmp/before /tmp/after
	fi
}
./ksm_madvise > /tmp/tap
compare "ksm_madvise, to its end"
while read -r program test; do
	./$program -t "$test" > /tmp/tap 2>&1 &
	pid=$!
	until grep -q "RUN.*$test" /tmp/tap; do
		alive $program || break
	done
	kill -9 $pid || { echo "not ok - $program has ended before $test"; continue; }
	wait $pid 2> /dev/null
	n=0
	while alive $program && [ $n -lt 40 ]; do n=$((n + 1)); usleep 100000; done
	! alive $program || { echo "not ok - $program goes on after $test"; killall -9 $program; }
	compare "$program, killed in $test"
done <<END
ksm_madvise merge_across_nodes
ksm_madvise max_map_count
ksm_madvise prctl_merges_and_unmerges
ksm_madvise race_with_ksmd
ksm_madvise swap
ksm_advisor works_when_memory_is_short
ksm_advisor mode_storm
ksm_advisor tracepoint
END
EOF
guest() {
	NAME=put-back VIRTUAL=1 QUIET=1 TIMEOUT=600 APPEND=numa=fake=2 \
		INITRD="$("$ROOT/tools-testing/selftests.sh" --path)" \
		"$ROOT/tools-testing/run.sh" "$("$ROOT/tools-testing/kernel.sh" --path)" "$(cat "$scratch/guest")"
}
check "the guest ends well" guest
cat "$BUILD/run/put-back/output"
check "all of them were tried" test "$(grep -c '^ok - ksm_' "$BUILD/run/put-back/output")" = 9
finish
