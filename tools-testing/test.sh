#!/bin/bash
# test.sh [NAME]: runs the tests, the programs in tests/, or the one named.
# A test prints a line "ok - ...", "not ok - ..." or "skip - ..." for each thing
# it checks (checks.sh helps), and each of them counts. So does one that exits
# with an error without saying what failed, or that says nothing; exit status
# 77 skips it whole. The last line is the sum.
. "$(dirname "$0")/lib.sh"

dir=${TESTS:-$ROOT/tools-testing/tests}
logs=${TEST_LOGS:-$BUILD/test}
limit=${TEST_TIMEOUT:-3600}		# seconds, for a test that hangs
wanted=${1:-}
passed=0 failed=0 skipped=0

# The others are about the series for mainline, or about what builds it.
[[ ! $BACKPORT || $wanted =~ ^([0-9]+-)?(kunit|kselftest)$ ]] ||
	die "KERNEL=$KERNEL_VERSION: of the tests kunit and kselftest alone are for it (make kunit, make kselftest)"

mkdir -p "$logs"
results=$logs/.results
running=
trap '[[ ! $running ]] || kill "$running"; exit 130' INT TERM
for file in "$dir"/*.sh; do
	[[ -x $file ]] || continue
	name=${file##*/}
	name=${name%.sh}
	[[ ! $wanted || $wanted == "$name" || $wanted == "${name#[0-9]*-}" ]] || continue
	log=$logs/$name.log
	start=$SECONDS
	say "== $name: $(sed -n '2s/^# *//p' "$file")"
	status=0
	: > "$log"
	: > "$results"
	# In the background, for timeout ends all of a test only then; the log gets
	# what it says on stderr, too. What tee has not written yet would not count.
	rm -f "$logs/.pipe"
	mkfifo "$logs/.pipe"
	# shellcheck disable=SC2094 # both only append
	tee -a "$log" "$results" < "$logs/.pipe" &
	tee=$!
	timeout -k 10 "$limit" "$file" > "$logs/.pipe" 2>> "$log" < /dev/null &
	running=$!
	wait "$running" || status=$?
	running=
	wait "$tee"
	rm "$logs/.pipe"
	ok=$(grep -c '^ok\b' "$results" || true)
	bad=$(grep -c '^not ok\b' "$results" || true)
	skip=$(grep -c '^skip\b' "$results" || true)
	if [[ $status == 77 && $bad == 0 ]]; then
		((skip)) || skip=1
	elif [[ $status != 0 && $bad == 0 ]]; then
		reason="exit status $status"
		[[ $status != 124 ]] || reason="no end after $limit s"
		say "not ok - $name: $reason"
		bad=1
	elif ((ok + bad + skip == 0)); then
		say "not ok - $name: it checked nothing"
		bad=1
	fi
	if ((bad)); then
		say "   the last lines of ${log#"$ROOT"/}:"
		tail -n 20 "$log" | sed 's/^/   | /'
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	say "   $(clock $((SECONDS - start))): $ok passed, $bad failed, $skip skipped"
done

sum="$passed passed, $failed failed"
((skipped == 0)) || sum="$sum, $skipped skipped"
[[ ! $wanted ]] || ((passed + failed + skipped)) || say "there is no test '$wanted' in $dir"
say "$sum"
((failed == 0 && passed > 0))
