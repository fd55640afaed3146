#!/bin/bash
# the test runner counts right and its last line is the sum
. "$(dirname "$0")/../checks.sh"

# fake NAME: a test whose body is read from stdin
fake() {
	{ echo '#!/bin/bash'; echo '# a fake'; cat; } > "$scratch/tests/$1.sh"
	chmod +x "$scratch/tests/$1.sh"
}
# expect TEXT STATUS LASTLINE [NAME]
expect() {
	local status=0 text=$1 want=$2 last=$3
	shift 3
	TESTS=$scratch/tests TEST_LOGS=$scratch/logs TEST_TIMEOUT=${limit:-60} \
		"$ROOT/tools-testing/test.sh" "$@" > "$scratch/out" 2>&1 || status=$?
	cat "$scratch/out" >&2
	check "$text" test "$status" = "$want" -a "$(tail -n 1 "$scratch/out")" = "$last"
}

mkdir "$scratch/tests"
expect "no test at all fails" 1 "0 passed, 0 failed"
fake 10-good <<< 'echo "ok - one"; echo "ok - two"'
expect "two checks in one file" 0 "2 passed, 0 failed"
# Where much else runs, what was said may be written late.
mkdir "$scratch/slow"
printf '#!/bin/bash\nsleep 1\nexec %s "$@"\n' "$(command -v tee)" > "$scratch/slow/tee"
chmod +x "$scratch/slow/tee"
PATH=$scratch/slow:$PATH expect "what is written late" 0 "2 passed, 0 failed"
fake 20-part <<< 'echo "ok - one"; echo "skip - two"'
expect "a skipped check" 0 "3 passed, 0 failed, 1 skipped"
fake 30-whole <<< 'exit 77'
expect "a skipped file" 0 "3 passed, 0 failed, 2 skipped"
expect "one test by its name" 0 "2 passed, 0 failed" good
expect "a name that is not there" 1 "0 passed, 0 failed" nosuch
expect "nothing but skipped fails" 1 "0 passed, 0 failed, 1 skipped" whole
KERNEL=6.12 expect "an older kernel, for which most are not" 1 \
	"error: KERNEL=6.12: of the tests kunit and kselftest alone are for it (make kunit, make kselftest)"
rm "$scratch"/tests/[23]*
fake 20-bad <<< 'echo "not ok - one"; echo "ok - two"; exit 1'
expect "a failed check is counted once" 1 "3 passed, 1 failed"
fake 20-bad <<< 'echo "not ok - one"'
expect "a failed check needs no exit status" 1 "2 passed, 1 failed"
fake 20-bad <<< 'echo "ok - one"; kill -SEGV $$'
expect "a crash" 1 "3 passed, 1 failed"
fake 20-bad <<< ':'
expect "a test that checks nothing" 1 "2 passed, 1 failed"
fake 20-bad <<< 'echo "ok - one"; sleep 20'
limit=2 expect "a test that hangs" 1 "3 passed, 1 failed"
finish
