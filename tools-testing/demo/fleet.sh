#!/bin/sh
# fleet MODE END: in the guest, the life of a fleet of services that let KSM
# merge their memory, while the advisor MODE runs ksmd. Prints the samples, and
# what happens when as "# event SECONDS WHAT".
#
# shellcheck disable=SC2086 # the lists of names are meant to be split
mode=$1 end=$2
ksm=/sys/kernel/mm/ksm
calm="app1 cache1 app2"
wave="report1 cache2 app3 report2 cache3 app4 report3"
half="app2 report2 cache2 app4 cache3"

fail() { echo "fleet: $*"; exit 1; }

# at SECONDS: sleep until then, counted from the first sample
at() {
	sleep "$(awk -v t0="$t0" -v t="$1" '{ t -= $1 - t0; print (t > 0 ? t : 0) }' /proc/uptime)"
}
event() { awk -v t0="$t0" -v what="$*" '{ printf "# event %.1f %s\n", $1 - t0, what }' /proc/uptime; }

# start NAME: each service holds some MiB of its own besides what all hold
start() {
	case $1 in
	app*) ksmrun python3 /srv/app.py 13 "/tmp/cache${1#app}" > "/tmp/$1.ready" & ;;
	report*) ksmrun perl /srv/report.pl 13 > "/tmp/$1.ready" & ;;
	cache*) ksmrun redis-server --port 0 --unixsocket "/tmp/$1" --save '' --hz 1 --logfile "/tmp/$1.log" & ;;
	esac
	eval "pid_$1=$!"
	case $1 in cache*) perl /srv/fill.pl "/tmp/$1" 15 > "/tmp/$1.ready" & ;; esac
}

stop() {
	eval "kill \$pid_$1"
	rm -f "/tmp/$1" "/tmp/$1.ready"
}

# check NAME...: each must run and have loaded what it serves
check() {
	for name; do
		eval "kill -0 \$pid_$name" 2> /dev/null || fail "$name died"
		grep -q ready "/tmp/$name.ready" || fail "$name is not ready"
	done
}

grep -qw "$mode" $ksm/advisor_mode || fail "this kernel's KSM has no advisor '$mode'"
echo "$mode" > $ksm/advisor_mode || fail "advisor_mode cannot be set"
echo 1 > $ksm/run || fail "KSM does not start"
echo "# release $(uname -r)"
for mark in high low; do
	[ ! -e $ksm/advisor_wmark_$mark ] || echo "# $mark $(cat $ksm/advisor_wmark_$mark)"
done
read -r t0 _ < /proc/uptime
sampler "$end" 250 &
sampler=$!

event calm
for name in $calm; do start "$name"; done
at 25
check $calm
event arrive
t=25
for name in $wave; do start "$name"; at $((t += 1)); done
at 100
check $calm $wave
event leave
for name in $half; do stop "$name"; done
at 115
event return
t=115
for name in $half; do start "$name"; at $((t += 1)); done
wait $sampler
check $calm $wave
grep -H . $ksm/ksm_zero_pages $ksm/pages_s* | sed 's/^.*\//# ksm /'
