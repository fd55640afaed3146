#!/usr/bin/env bash
# Boots a kernel in QEMU, runs one shell command in it, exits as it did.
# usage: run.sh KERNEL COMMAND
# A kernel in .../arch/arm64/... gets such a machine; there is no shell there, and
# COMMAND is a program with arguments.
# Environment:
#   NAME=run       directory under build/run/ for console.log, output, verdict
#   RUNS=dir       another directory than build/run
#   MEM=1024M SMP=2 TIMEOUT=600 (seconds of real time)
#   VIRTUAL=1      virtual time: the clock counts instructions, runs repeat
#   THREAD=single  the processors take turns, instead of a thread for each
#   APPEND=...     more words for the kernel command line
#   INITRD=file    more cpio archives to lay over the root
#   QEMU_ARGS=...  more words for QEMU
#   QUIET=1        keep the output in its file only
# Exit status: the command's; 124 timeout; 125 the guest died, or the kernel
# complained on its console.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
kernel=$1 command=$2
dir=${RUNS:-$top/build/run}/${NAME:-run}
case $kernel in
*/arch/arm64/*)
	qemu=qemu-system-aarch64 console=ttyAMA0
	root=$top/build/guest/root-arm64.cpio.gz
	machine=(-machine "virt,gic-version=3" -cpu "${CPU:-cortex-a57}")
	;;
*)
	qemu=qemu-system-x86_64 console=ttyS0
	root=$top/build/guest/root.cpio.gz
	machine=(-machine pc -cpu "${CPU:-max}")
	;;
esac

[ -f "$kernel" ] || { echo "error: no kernel at $kernel: run 'make kernel'" >&2; exit 2; }
command -v "$qemu" >/dev/null ||
	{ echo "error: $qemu is missing: run 'make deps'" >&2; exit 2; }
case $qemu in
*aarch64) "$here/initramfs.sh" "$root" arm64 ;;
*) "$here/initramfs.sh" "$root" ;;
esac

rm -rf "$dir"
mkdir -p "$dir/cmd"
printf '%s\n' "$command" > "$dir/cmd/cmd"
# The same bytes every time: runs in virtual time repeat.
touch -d @0 "$dir/cmd/cmd"
(cd "$dir/cmd" && echo cmd | cpio -o -H newc -R 0:0 --reproducible --quiet) > "$dir/cmd.cpio"
# The kernel unpacks concatenated archives one over the other; one that is not
# compressed has to start on a multiple of four, so it goes first.
# shellcheck disable=SC2086
cat "$dir/cmd.cpio" "$root" ${INITRD:-} > "$dir/initrd"

# With a thread a processor, and fewer processors than threads, this emulator gets
# queued spinlocks wrong: all of the guest's processors wait for one that is free.
smp=${SMP:-2}
if [ "${VIRTUAL:-}" != 1 ] && [ "$(nproc)" -lt "$smp" ]; then
	smp=$(nproc)
	echo "note: $smp of this machine's processors may be used, so the guest has no more" >&2
fi
accel=(-accel "tcg,thread=${THREAD:-multi}" -smp "$smp")
[ "${VIRTUAL:-}" != 1 ] || accel=(-accel tcg -icount "shift=0,sleep=off" -smp 1)
# The watchdog of the clock may wait in a softirq for a processor that waits for it with
# interrupts off, while the kernel boots and its time is jiffies: for ever.
words=
[ "${VIRTUAL:-}" = 1 ] || [ "$console" != ttyS0 ] || words='tsc=nowatchdog '
: > "$dir/output"
touch "$dir/verdict"
tail=
if [ "${QUIET:-}" != 1 ]; then
	tail -n +1 -f "$dir/output" & tail=$!
fi
# shellcheck disable=SC2317 # called by the trap
finish() {
	rm -rf "$dir/initrd" "$dir/cmd.cpio" "$dir/cmd"
	[ -z "$tail" ] || kill "$tail" 2>/dev/null || :
}
trap finish EXIT

# Without ioeventfd: what the guest writes is taken at once, by the processor's own
# thread, and not when another one gets to it. In virtual time, a run repeats.
status=0
# shellcheck disable=SC2086
timeout --foreground -k 5 "${TIMEOUT:-600}" "$qemu" \
	-nodefaults -no-reboot -display none "${machine[@]}" "${accel[@]}" \
	-m "${MEM:-1024M}" \
	-kernel "$kernel" -initrd "$dir/initrd" \
	-append "console=$console panic=-1 oops=panic quiet loglevel=5 rdinit=/init $words${APPEND:-}" \
	-serial "file:$dir/console.log" \
	-device virtio-serial-pci,ioeventfd=off \
	-chardev "file,id=verdict,path=$dir/verdict" -device virtserialport,chardev=verdict,nr=1 \
	-chardev "file,id=output,path=$dir/output" -device virtserialport,chardev=output,nr=2 \
	${QEMU_ARGS:-} < /dev/null > "$dir/qemu.log" 2>&1 || status=$?
[ -z "$tail" ] || { sleep 0.2; kill "$tail" 2>/dev/null || :; wait "$tail" 2>/dev/null || :; tail=; }

if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
	echo "error: no end after ${TIMEOUT:-600} s, see $dir/console.log" >&2
	exit 124
fi
# With a thread a processor, QEMU may run an instruction that another processor
# has just patched as it was before: a breakpoint that nobody waits for any more.
# And where this machine has too much to do, the guest gives up on its devices as it boots.
again=
! grep -q 'Oops: int3' "$dir/console.log" || again='the emulator missed a change of the code'
! grep -q 'AE_AML_LOOP_TIMEOUT' "$dir/console.log" || [ -s "$dir/verdict" ] || again='this machine was too slow for it to boot'
if [ -n "$again" ] && [ "${ATTEMPT:-1}" -lt 3 ]; then
	echo "note: $again; once more" >&2
	finish
	ATTEMPT=$((${ATTEMPT:-1} + 1)) exec "$0" "$@"
fi
complaint=$(grep -a -m 1 -E -f "$here/complaints" "$dir/console.log") || [ $? -eq 1 ] || {
	echo "error: what the kernel said cannot be looked through" >&2
	exit 125
}
if [ -n "$complaint" ]; then
	echo "error: the kernel complained: $complaint (see $dir/console.log)" >&2
	exit 125
fi
if ! grep -q '^exit [0-9]' "$dir/verdict"; then
	echo "error: the guest ended without a verdict, see $dir/console.log and $dir/qemu.log" >&2
	exit 125
fi
exit "$(sed -n 's/^exit //p' "$dir/verdict")"
