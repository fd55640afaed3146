#!/bin/sh
# In the guest: prints "caught" and the first test that notices the fault, from
# the quickest to the slowest; KUnit has run at boot.
mount -t debugfs none /sys/kernel/debug
caught() { echo "caught $*"; exit 0; }
case=$(grep -m 1 "^    not ok" /sys/kernel/debug/kunit/ksm/results) && caught "kunit: ${case#*not ok * }"
grep -q "^    ok" /sys/kernel/debug/kunit/ksm/results || caught "kunit: no result"
for test in "swap ksm_madvise" ksm_functional_tests ksm_advisor; do
	# In real time ksmd runs for as long as this machine makes it.
	[ "$test" != ksm_advisor ] || [ "$(nproc)" = 1 ] || continue
	# shellcheck disable=SC2086 # words
	kselftest $test > /tmp/tap && continue
	cat /tmp/tap	# is it for the fault, or for something else, that the test failed?
	caught "${test#swap }: $(grep -m 1 "^# not ok" /tmp/tap | sed "s/# not ok [0-9]* //")"
done
