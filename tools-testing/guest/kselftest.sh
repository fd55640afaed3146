#!/bin/sh
# Runs the tree's tests about KSM, in the guest. Their TAP is the output.
# usage: kselftest [swap] [thp=always|madvise|never] CATEGORY... | PROGRAM [ARGUMENT...]
while :; do
	case $1 in
	swap)
		echo lzo > /sys/block/zram0/comp_algorithm
		echo 512M > /sys/block/zram0/disksize
		mkswap /dev/zram0 > /dev/null && swapon /dev/zram0 || exit
		;;
	thp=*) echo "${1#thp=}" > /sys/kernel/mm/transparent_hugepage/enabled || exit ;;
	*) break ;;
	esac
	shift
done
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t debugfs none /sys/kernel/debug
cd /selftests/mm || exit
if [ ! -x "$1" ]; then exec bash ./run_vmtests.sh -t "$*"; fi
# One alone, in the form that run_vmtests.sh gives to many.
echo "# running ./$*"
program=./$1
shift
{ "$program" "$@" 2>&1; echo $? > /tmp/status; } | sed 's/^/# /'
status=$(cat /tmp/status)
set -- "$program" "$@"
case $status in
0) echo "ok 1 $*" ;;
4) echo "ok 1 $* # SKIP" ;;
*) echo "not ok 1 $* # exit=$status" ;;
esac
echo "1..1"
[ "$status" = 0 ] || [ "$status" = 4 ]
