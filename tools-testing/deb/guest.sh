#!/bin/sh
# What make deb-test asks of a Debian with the package installed, at the end of its
# boot and as root. Kernel command line: ksm_test=STAGE. The answers, lines "ok - ..."
# and "not ok - ...", and in the end "exit 0" or "exit 1", go out by a port of their own.
port=/dev/virtio-ports/ksm.test
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ ! -e $port ] || break
	sleep 1
done
[ -c $port ] || exit 1
exec > $port 2>&1
bad=0
cd /sys/kernel/mm/ksm || { echo "not ok - the kernel has KSM"; echo "exit 1"; exit 1; }

ok() { if [ "$1" = 0 ]; then echo "ok - $2"; else echo "not ok - $2"; bad=1; fi; }
is() { if [ "$1" = "$2" ]; then ok 0 "$3"; else ok 1 "$3 (expected '$2', got '$1')"; fi; }
# within SECONDS COMMAND...: waits until the command succeeds
within() {
	limit=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt $limit ] || return 1
		sleep 0.2
	done
}
mode() { sed 's/.*\[\(.*\)\].*/\1/' advisor_mode; }
rests() { [ "$(cat pages_to_scan)" = 0 ]; }
scans() { [ "$(cat pages_to_scan)" != 0 ]; }
merged() { [ "$(cat pages_sharing)" -gt "$1" ]; }
available() { awk '/^MemTotal:/ { t = $2 } /^MemAvailable:/ { print int($2 * 1000 / t) }' /proc/meminfo; }
below() { [ "$(available)" -lt "$1" ]; }
state() { echo "# $(available) permille available, $(cat pages_to_scan) pages_to_scan, $(cat pages_sharing) sharing"; }
tuner=$(systemctl list-unit-files --no-legend ksmtuned.service)

# The first boot of the new kernel, in a system as its administrator left it.
stage_upgrade() {
	is "$(mode)" none "no advisor is on by itself"
	if [ "$tuner" ]; then
		systemctl -q is-active ksmtuned
		ok $? "ksmtuned runs as before"
		systemctl disable --now ksmtuned ksm
		ok $? "systemctl disable --now ksmtuned ksm"
		! systemctl -q is-active ksmtuned
		ok $? "ksmtuned has stopped"
	else
		echo "skip - retiring ksmtuned: this Debian has none"
	fi
	is "$(cat run)" 0 "ksmd does not run"
	cp /usr/local/share/ksm-test/ksm.conf /etc/tmpfiles.d/ksm.conf
	systemd-tmpfiles --create /etc/tmpfiles.d/ksm.conf
	ok $? "systemd-tmpfiles turns the advisor on without a boot"
	is "$(mode) $(cat run)" "watermark 1" "and it is on"
}

# The next boot: it is on before anything else is done.
stage_on() {
	is "$(mode) $(cat run)" "watermark 1" "the advisor is on from the boot"
	[ ! "$tuner" ] || { ! systemctl -q is-active ksmtuned; ok $? "ksmtuned stays off"; }
	within 10 rests
	ok $? "ksmd rests when memory is plentiful"
	state
	echo 1 > /sys/kernel/tracing/events/ksm/ksm_advisor_wmark/enable
	is "$(cat /sys/kernel/tracing/events/ksm/ksm_advisor_wmark/enable)" 1 "the tracepoint is there"
	while sleep 0.2; do cat pages_to_scan; done > /run/ksm-test & sampler=$!
	ksmload procs=4 calm=4 mib=150 same=60 end=3600 every=1000 > /dev/null & load=$!
	within 120 below 380
	ok $? "memory is taken"
	state
	within 10 scans
	ok $? "ksmd scans when memory is short"
	state
	within 180 merged 15000
	ok $? "what is the same is merged"
	state
	within 180 rests
	ok $? "ksmd rests again when that has made room"
	state
	[ "$(cat general_profit)" -gt 0 ]
	ok $? "general_profit is positive ($(cat general_profit))"
	kill $sampler
	values=$(sort -nu /run/ksm-test | paste -sd' ')
	[ "$(sort -u /run/ksm-test | wc -l)" -ge 3 ]
	ok $? "pages_to_scan adapted: $values"
	[ "$(grep -c ksm_advisor_wmark: /sys/kernel/tracing/trace)" -ge 3 ]
	ok $? "the decisions are in the trace"

	# The way back, without a boot
	echo none > advisor_mode
	is "$(mode) $(cat pages_to_scan)" "none 100" "none gives pages_to_scan back"
	merged 15000
	ok $? "what is merged stays merged"
	echo 2 > run
	is "$(cat pages_sharing)" 0 "run 2 undoes that"
	kill $load
	wait $load
	ok $? "no byte of the load is damaged"
	rm /etc/tmpfiles.d/ksm.conf
}

# The boot after that: nothing is left.
stage_back() {
	is "$(mode) $(cat run) $(cat pages_to_scan) $(cat pages_shared)" "none 0 100 0" \
		"without the tmpfiles.d file all is as before"
	# What a kernel without the series makes of the file: of the mode nothing
	sed 's/watermark/unheard-of/' /usr/local/share/ksm-test/ksm.conf > /run/ksm.conf
	! systemd-tmpfiles --create /run/ksm.conf
	ok $? "systemd-tmpfiles reports a mode that the kernel refuses"
	is "$(mode) $(cat run)" "none 1" "but writes run all the same"
	echo 0 > run
	if [ "$tuner" ]; then
		systemctl enable --now ksm ksmtuned
		systemctl -q is-active ksmtuned
		ok $? "systemctl enable --now ksm ksmtuned"
	fi
	dpkg -r "linux-image-$(uname -r)"
	ok $? "the package can be removed"
	! ls /boot/*"$(uname -r)"* 2> /dev/null
	ok $? "and leaves nothing in /boot"
}

stage=$(sed -n 's/.*\bksm_test=\([a-z]*\).*/\1/p' /proc/cmdline)
is "$(uname -r)" "$(cat /usr/local/share/ksm-test/release)" "the package's kernel runs"
failed=$(systemctl --failed --no-legend --plain | cut -d' ' -f1 | paste -sd' ')
is "$failed" "" "no unit has failed"
"stage_$stage"
sync
echo "exit $bad"
