#!/bin/bash
# figures: what the documents and messages say is what the last measurement found
. "$(dirname "$0")/../checks.sh"

bench=$ROOT/tools-testing/bench
"$bench/rst.py" check || bad=1

# A copy in which one figure is another one
mkdir -p "$scratch/tools-testing"
cp -r "$bench" "$scratch/tools-testing/"
cp -r "$ROOT"/{Documentation,patches,configs,cover-letter.txt} "$scratch/"
cd "$scratch"
sed -i 's/"relief_to_20_percent_s": [1-9]/&9/' Documentation/figures.json
tools-testing/bench/rst.py check > out && status=0 || status=$?
check "a figure that has changed is noticed where it is said" \
	test "$status" = 1 -a "$(grep -c '^not ok - Documentation/benchmarks.rst' out)" = 1 \
		-a "$(grep -c '^not ok - cover-letter.txt says: relief to 20 %' out)" = 1

# Available memory falls to 10 % at 60 s and grows by 1 % a second; ksmd takes 2 % of
# a CPU until 100 s; 4 KiB are saved each second.
mkdir -p build/wave-60
{
	echo "# release test"
	echo "# full_scans 3"
	echo "t,available_kb,free_kb,saved_kb,pages_to_scan,ksmd_ns,full_scans,pages_scanned,pages_sharing,switches,total_kb"
	for t in {0..300}; do
		available=$((t < 60 ? 800 : t < 150 ? t - 50 : 100)) used=$((t < 100 ? t : 100))
		echo "$t,$((available * (t < 60 ? 1 : 10))),0,$((t * 4)),100,$((used * 20000000)),3,0,0,0,1000"
	done
} > build/wave-60/watermark.csv
tools-testing/bench/figures.py build wave-60:watermark
# of KEY VALUE: what figures.json says
of() {
	check "from samples: $1 is $2" test "$(python3 -c 'import json, sys
print(json.load(open("build/figures.json"))["loads"]["wave-60"]["peers"]["watermark"][sys.argv[1]])' "$1")" = "$2"
}
of calm_cpu_percent 2.0
of relief_to_20_percent_s 10.0
of relief_to_30_percent_s 20.0
of lowest_available_percent 10.0
of settled_cpu_percent 0.0
of ksmd_cpu_s 2.0
of merged_90_percent_s None
of us_per_merged_page 6666.666666666667

check "every load and every peer has figures" python3 -c '
import os, sys
sys.path.insert(0, "tools-testing/bench")
import figures
sys.exit(set(os.listdir("tools-testing/bench/loads")) != set(figures.LOADS) or
         set(os.listdir("tools-testing/bench/peers")) != set(figures.PEERS))'

# refused VARIABLE: a name that is not there gives one error, before anything is built
refused() {
	local status=0
	env "$1=nosuch" "$bench/bench.sh" > out 2>&1 || status=$?
	check "$1=nosuch is refused in one line" \
		test "$status" != 0 -a "$(wc -l < out)" = 1 -a "$(grep -c "^error: .*'nosuch'" out)" = 1
}
refused LOAD
refused PEER
finish
