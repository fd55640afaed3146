#!/bin/sh
# guest.sh: in the guest; sets ksmd up as the file /bench/peer says, runs /bench/load,
# and prints its samples and, as "# NAME VALUE", what counted meanwhile.

# daemon PROGRAM ...: Debian's, with Debian's programs, its CPU time counted
daemon() {
	sh -c 'echo $$ > /sys/fs/cgroup/daemon/cgroup.procs
		PATH=/usr/sbin:/usr/bin exec "$@"' sh "$@" > /dev/null < /dev/null
}
# guests OPTION...: ksmload, by a name and an option that ksmtuned looks for
guests() { "qemu-system-x86_64 -enable-kvm" "$@"; }
# counters: totals since boot
counters() {
	grep -E '^(pswpin|pswpout|oom_kill|cow_ksm|allocstall_[a-z]*) ' /proc/vmstat
	sed -n 's/^\([a-z]*\) .*total=/psi_\1_us /p' /proc/pressure/memory
	sed -n 's/^usage_usec/daemon_us/p' /sys/fs/cgroup/daemon/cpu.stat
	echo "full_scans $(cat /sys/kernel/mm/ksm/full_scans)"
}

mkdir -p /sys/fs/cgroup /tmp /var/run
grep -q ' /sys/fs/cgroup ' /proc/mounts || mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/daemon || exit 1
ln -s ksmload "/bin/qemu-system-x86_64 -enable-kvm"
[ -e /bin/bash ] || ln -s /usr/bin/bash /bin/bash
cd /sys/kernel/mm/ksm || exit 1
echo "# release $(uname -r)"
# shellcheck source=/dev/null
. /bench/peer || exit 1
# shellcheck source=/dev/null
. /bench/load || exit 1
counters | sed 's/^/# /'
