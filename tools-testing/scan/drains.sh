#!/bin/bash
# drains.sh KERNEL...: how often ksmd has another CPU drain its LRU caches, when its
# processes have settled and one that is none of its own faults in 100 pages a
# second. Two CPUs, default knobs, real time; a minute or two for each kernel that
# lets processes rest; another does not settle, which is an error after two.
. "$(dirname "$0")/../lib.sh"

(($#)) || set -- "$("$ROOT/tools-testing/kernel.sh" --path)"
# shellcheck disable=SC2016 # the guest's variables
guest='
mount -t tracefs none /sys/kernel/tracing
cd /sys/kernel/tracing
echo 1 > /sys/kernel/mm/ksm/run
ksmload procs=20 calm=20 mib=1 same=0 hot=0 wave=1 end=600 every=100000 > /dev/null &
# Settled: of the pages that the batches might scan, 10000, most are not.
scanned() { before=$(cat /sys/kernel/mm/ksm/pages_scanned); sleep 2; echo $(($(cat /sys/kernel/mm/ksm/pages_scanned) - before)); }
until [ "$(cat /sys/kernel/mm/ksm/full_scans)" -gt 200 ] && [ "$(scanned)" -lt 3000 ]; do
	[ "$(cut -d. -f1 /proc/uptime)" -lt 120 ] || { echo "ksmd has not settled"; exit 1; }
	sleep 1
done
echo 1 > events/workqueue/workqueue_execute_start/enable
scans=$(cat /sys/kernel/mm/ksm/full_scans)
trickle 100 20
scans=$(($(cat /sys/kernel/mm/ksm/full_scans) - scans))
echo "in 20 s $scans full scans, $(grep -c "function lru_add_drain_per_cpu" trace) drains"
kill %1'
for kernel; do
	NAME=drains MEM=512M SMP=2 QUIET=1 "$ROOT/tools-testing/run.sh" "$kernel" "$guest" ||
		die "the guest of $kernel failed; see $BUILD/run/drains/"
	say "${kernel#"$ROOT"/}: $(tail -n 1 "$BUILD/run/drains/output")"
done
