#!/bin/bash
# native.sh KERNEL SCRIPT: like run.sh, but a kernel that is a program of this machine
# (um): boots it, runs a script of the archives in it, exits as it did.
# Environment: NAME, MEM, INITRD, TIMEOUT as for run.sh; ON=0 is the processor of this
# machine that it may use.
. "$(dirname "$0")/../lib.sh"

kernel=$1 dir=$RUNS/${NAME:-native}
[[ -x $kernel ]] || die "no kernel at $kernel"
rm -rf "$dir"
mkdir -p "$dir"
trap 'rm -rf "$dir"/{initrd,native,native.cpio}' EXIT
# um may see this machine's files: what the guest says goes to one.
cat > "$dir/native" <<-END
	export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/tmp
	mkdir -p /host /proc /sys /dev /tmp
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	mount -t tmpfs tmpfs /tmp
	mount -t hostfs -o $dir none /host
	sh $2 > /host/output 2>&1 < /dev/null
	echo "exit \$?" > /host/verdict
	poweroff -f
END
(cd "$dir" && echo native | cpio -o -H newc -R 0:0 --quiet) > "$dir/native.cpio"
# shellcheck disable=SC2086 # several are several
cat "$dir/native.cpio" "$BUILD/guest/root.cpio.gz" ${INITRD:-} > "$dir/initrd"
status=0
# The guest's memory is a file, which has to be in memory for it to be as fast.
# It ends what is in its session with itself. A system call costs more with ptrace().
TMPDIR=/dev/shm setsid -w timeout -k 5 "${TIMEOUT:-600}" taskset -c "${ON:-0}" "$kernel" \
	mem="${MEM:-1024M}" seccomp=auto initrd="$dir/initrd" con=none con0=null,fd:1 ssl=none quiet panic=-1 \
	rdinit=/bin/sh -- /native < /dev/null > "$dir/console.log" 2>&1 &
trap 'kill "$(pgrep -P $!)" 2> /dev/null || :; exit 130' INT TERM HUP
wait $! || status=$?
((status != 124)) || die "no end after ${TIMEOUT:-600} s, see $dir/console.log"
status=$(sed -n 's/^exit //p' "$dir/verdict" 2> /dev/null) || :
[[ $status ]] || die "the kernel ended without a verdict, see $dir/console.log"
exit "$status"
