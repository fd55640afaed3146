#!/bin/sh
# In the guest: one storm, and what the kernel says of leaks when it is over.
# usage: storm-guest SECONDS SEED PERCENT STORM
seconds=$1 seed=$2 percent=$3 storm=$4 inject=0
mkdir -p /tmp && chmod 1777 /tmp
mount -t debugfs none /sys/kernel/debug
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
echo lzo > /sys/block/zram0/comp_algorithm
echo 512M > /sys/block/zram0/disksize
mkswap /dev/zram0 > /dev/null && swapon /dev/zram0

# Allocations of the tasks that are chosen fail: ksmd's with a probability, storm's by
# /proc/PID/fail-nth.
for kind in failslab fail_page_alloc; do
	cd "/sys/kernel/debug/$kind" 2> /dev/null || continue
	inject=1
	echo 1 > task-filter
	echo 5 > probability
	echo '-1' > ./times
	echo 0 > verbose
	echo N > ignore-gfp-wait
	# Pages of processes too, where most of them are copied. Elsewhere some process would be
	# killed for want of one, as those are that use restartable sequences.
	if [ "$storm" = swap ] && [ -e ignore-gfp-highmem ]; then
		echo N > ignore-gfp-highmem
	fi
	export GLIBC_TUNABLES=glibc.pthread.rseq=0
	[ ! -e min-order ] || echo 0 > min-order
done
cd /

leaks=/sys/kernel/debug/kmemleak
[ ! -e $leaks ] || echo clear > $leaks

status=0
echo "# injects $inject"
if [ "$storm" = ng ]; then
	# What prepare() of storm does for the others
	for process in /proc/[0-9]*; do
		[ $inject = 0 ] || [ "$(cat "$process/comm" 2> /dev/null)" != ksmd ] || echo 1 > "$process/make-it-fail"
	done
	for knob in pages_to_scan:1000 sleep_millisecs:2 use_zero_pages:1 run:1; do
		echo "${knob#*:}" > "/sys/kernel/mm/ksm/${knob%:*}"
	done
	# All that these programs map is mergeable, and they verify it themselves. As nobody
	# where root would have memory fail, which others share, or would not do it at all.
	for words in "merged --vm 2 --vm-bytes 48M --vm-method all --vm-madvise mergeable" \
		"merged --mmap 2 --mmap-bytes 24M" "nobody --madvise 2" "merged --mremap 2 --mremap-bytes 16M" \
		"merged --userfaultfd 1 --mprotect 1" "merged --mmapfork 1 --vm-rw 1 --vm-rw-bytes 8M" \
		"merged --vm-splice 1 --vm-addr 1" "merged --pageswap 1 --mlock 1" \
		"nobody --fork 2 --fork-vm --vfork 1 --exec 1"; do
		echo "# stress-ng, $words"
		# shellcheck disable=SC2086 # words
		storm "${words%% *}" stress-ng --verify --seed "$seed" --timeout "$((seconds / 9 + 1))" --oomable \
			--metrics-brief --temp-path /tmp ${words#* } > /tmp/ng 2>&1 || {
			cat /tmp/ng
			echo "FAULT: $(grep -m 1 fail /tmp/ng || tail -n 1 /tmp/ng)"
			status=1
		}
		ops=$((${ops:-0} + $(awk '$2 == "metrc:" && $5 ~ /^[0-9]+$/ { n += $5 } END { print n + 0 }' /tmp/ng)))
	done
	[ "$(cat /sys/kernel/mm/ksm/pages_scanned)" != 0 ] || { echo "FAULT: ksmd has not scanned"; status=1; }
	echo "# storm ng seed $seed seconds $seconds ops $ops checked 0 injected 0 poisoned 0 faults $((status != 0))"
else
	storm "$storm" seconds="$seconds" seed="$seed" percent="$percent" inject=$inject || status=$?
	# How much of it has been there, and was copied because others have it as well
	[ "$storm" != swap ] || sed -n '/^pswp\|^ksm_swpin_copy/s/^/# /p' /proc/vmstat
fi

for kind in failslab fail_page_alloc; do
	[ ! -e /sys/kernel/debug/$kind ] || echo 0 > /sys/kernel/debug/$kind/probability
done
[ "$status" != 0 ] || storm calm || status=$?
if [ -e $leaks ]; then
	# What is younger than 5 s is no leak yet, and what was seen once may be on its way.
	for _ in 1 2 3; do
		sleep 6
		echo scan > $leaks || { echo "FAULT: kmemleak has turned itself off"; status=1; }
	done
	# It has no size, whatever is in it.
	if [ "$(head -n 1 $leaks)" ]; then
		echo "FAULT: kmemleak: $(grep -c '^unreferenced' $leaks) objects"
		cat $leaks
		status=1
	fi
fi
exit $status
