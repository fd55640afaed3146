#!/bin/bash
# ahead.sh COMMAND...: runs it, and builds beside it what most of the tests wait for,
# as the first of them use one processor. What fails here fails again where it is needed.
. "$(dirname "$0")/lib.sh"

T=$ROOT/tools-testing
mkdir -p "$BUILD/test"
# A session of its own can be ended as a whole.
# shellcheck disable=SC2016 # for that bash
T=$T setsid bash -euc '"$T/kernel.sh"; "$T/selftests.sh"' \
	> "$BUILD/test/ahead.log" 2>&1 < /dev/null &
ahead=$!
trap 'kill -- "-$ahead" 2> /dev/null || :' EXIT
status=0
"$@" || status=$?
exit $status
