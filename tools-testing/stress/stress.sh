#!/bin/bash
# stress.sh: tries to break the series: storms (storm/) in guests whose kernels check
# themselves (configs/stress-*.config). Contents of memory are verified all along. One
# wrong byte, a read that makes no sense, ksmd stuck or a report of the kernel fails.
# What has been run is not run again until the code or the storm changes; a fault is.
# Environment:
#   KERNELS="kasan lock kcsan leak fault"  STORMS="random knobs ..."   some of them
#   LENGTH=600     guest seconds of each; 144 times that, a day, of the storm "long"
#   SEED=number    the same again; else one by chance, which is printed
#   LANE=real      on two processors, where this machine has them; virtual: in virtual time, on one
#   PERCENT=100    of what the storms of scale are about
#   JOBS=1         guests at once; in virtual time, as many as processors
#   QUICK=1        15 s of each storm but the day-long one, small, in 24 minutes: half of
#                  them on the kernel kasan and half on another, both by the day; what there
#                  is no time for is told
#   IMAGE=file     this kernel instead, which is called "image"
# Leaves results.csv, table.txt and, in log/, what the guests said, in build/stress/. The
# table adds up all that was run of this code. A fault is in it until the code or the storm
# has changed, or its line is taken out of results.csv; in virtual time also until the same
# seed has been run again.
. "$(dirname "$0")/../lib.sh"

here=$ROOT/tools-testing/stress
out=$BUILD/stress
results=$out/results.csv
started=$(date +%s)
lock stress
mkdir -p "$out/log"
touch "$results"
rm -rf "$out"/work.??????	# what a kill may have left

all_kernels=$(cd "$ROOT/configs" && printf '%s\n' stress-*.config | sed 's/^stress-//; s/\.config$//' | paste -sd ' ')
all_storms=$(sed -n 's/^\([a-z]*\) .*/\1/p' "$here/guests" | paste -sd ' ')
# pick VARIABLE DEFAULT ALL: the words of a variable, each of which has to be there
pick() {
	local word
	read -r -a picked <<< "${!1:-$2}"
	for word in "${picked[@]}"; do
		[[ " $3 " == *" $word "* ]] || die "$1: there is no '$word'; there are: $3"
	done
}
if [[ ${QUICK:-} ]]; then
	others=(lock kcsan leak fault)
	quick="kasan ${others[$(date +%-j) % 4]}" length=15 budget=1440 PERCENT=2
else
	quick='' length=600 budget=''
fi
pick KERNELS "${quick:-kasan lock kcsan leak fault}" "$all_kernels"
kernels=("${picked[@]}")
[[ ! ${IMAGE:-} ]] || kernels=(image)
default=$all_storms
[[ ! $quick ]] || default=${all_storms% long}
pick STORMS "$default" "$all_storms"
storms=("${picked[@]}")
for name in LENGTH SEED PERCENT JOBS; do
	[[ ! ${!name:-} || ${!name} =~ ^[0-9]{1,9}$ ]] || die "$name=${!name}: a number of at most nine digits is wanted"
done
LENGTH=${LENGTH:-$length}
processors=$(nproc)
LANE=${LANE:-real}
((processors > 1)) || LANE=virtual
[[ $LANE == real || $LANE == virtual ]] || die "LANE=$LANE: real or virtual"
[[ ! ${IMAGE:-} || -f $IMAGE ]] || die "IMAGE=$IMAGE: there is no such file"
# Every storm each day, and each on another kernel the next day.
share() {
	[[ $quick && ! ${KERNELS:-} && ! ${STORMS:-} && ${#kernels[@]} == 2 ]] || return 0
	(((10#$(date +%j) + $1) % 2 == $2))
}
export LENGTH LANE PERCENT="${PERCENT:-100}"
seed=${SEED:-$(((RANDOM * 32768 + RANDOM) % 1000000000))}
# A guest with two threads wants both processors.
jobs=1
[[ $LANE == real ]] || jobs=$processors
jobs=${JOBS:-$jobs}
((jobs > 0)) || die "JOBS=$JOBS: there has to be one"

key() {
	{
		cat "$here"/storm/* "$ROOT"/tools-testing/guest/*.[ch] "$here"/{pack,guest,one}.sh "$here/guests" \
			"$ROOT"/tools-testing/{complaints,run.sh} "$ROOT"/configs/{test,x86_64,stress,stress-*}.config
		if [[ ${IMAGE:-} ]]; then cat "$IMAGE"; else kgit ls-tree ksm | grep -v $'\ttools$'; fi
	} | sha256sum | cut -c1-16
}
key=$(key)
asked="$LENGTH s $PERCENT% $LANE"
known() { [[ ! $quick ]] && awk -F, -v key="$key" -v asked="$asked" -v kernel="$1" -v storm="$2" -v seed="${SEED:-}" \
	'$1 == key && $2 == asked && $3 == kernel && $4 == storm && (seed == "" || $6 == seed) { last[$6] = $NF }
	END { for (s in last) { n++; bad += last[s] !~ /^ok/ }; exit !n || bad }' "$results"; }
left() { say $((${budget:-100000000} - $(date +%s) + started)); }

# guest KERNEL STORM IMAGE: runs it, notes the result and tells it
guest() {
	local line limit
	limit=$(left)
	if ((limit < 60 + LENGTH)); then
		line="$1,$2,$LANE,$seed,0,0,0,0,0,skip: no time is left for it"
	else
		[[ ! $budget ]] || export LIMIT=$limit
		line=$("$here/one.sh" "$1" "$2" "$seed" "$3") || line="$1,$2,$LANE,$seed,0,0,0,0,1,one.sh failed"
	fi
	printf '%s,%s,%s\n' "$key" "$asked" "$line" >> "$results"
	awk -F, -v at="$(clock $(($(date +%s) - started)))" \
		'{ printf "%s  %-6s %-10s %6d s, %d operations, %d pages verified: %s\n", at, $1, $2, $5, $6, $7, $10 }' <<< "$line"
}
export -f guest left clock say
export seed key asked results here budget started

ng=''
[[ " ${storms[*]} " != *" ng "* ]] || ng=ng
"$here/pack.sh" $ng
say "seed $seed, $LENGTH s of each storm, ${LANE} time; kernels: ${kernels[*]}; again with: make stress SEED=$seed"
for k in "${!kernels[@]}"; do
	kernel=${kernels[k]} todo=()
	for s in "${!storms[@]}"; do
		if share "$s" "$k" && ! known "$kernel" "${storms[s]}"; then todo+=("$kernel" "${storms[s]}"); fi
	done
	[[ ${#todo[@]} != 0 ]] || continue
	image=${IMAGE:-}
	if [[ ! $image && $(left) -lt 480 ]]; then
		say "skip - $kernel: no time is left to build it"
		continue
	fi
	if [[ ! $image ]]; then
		"$ROOT/tools-testing/kernel.sh" "stress-$kernel"
		image=$("$ROOT/tools-testing/kernel.sh" --path "stress-$kernel")
	fi
	export image
	# A group of its own, so that who stops this stops the guests: xargs alone would go on.
	set -m
	# shellcheck disable=SC2016 # for that bash
	xargs -0 -n 2 -P "$jobs" bash -euo pipefail -c 'guest "$1" "$2" "$image"' - < <(printf '%s\0' "${todo[@]}") &
	set +m
	trap 'kill -- "-$!" 2> /dev/null || :' EXIT
	wait "$!"
	trap - EXIT
done

# The table: what was run of this code, a storm a line.
awk -F, -v key="$key" -v kernels="${kernels[*]}" -v storms="${storms[*]}" -v quick="$quick" -v seed="$seed" '
	$1 == key && (!quick || $6 == seed) {
		at = $3 SUBSEP $4
		if ($12 ~ /^skip/) next
		hours[at] += $7 / 3600; ops[at] += $8; pages += $9; n[at]++
		# In real time a run is not the same again, and takes back nothing.
		faults[at] += $11 - ($5 == "virtual" ? last[at, $2, $6] : 0); last[at, $2, $6] = $11
	}
	END {
		nk = split(kernels, k, " "); ns = split(storms, s, " ")
		printf "%-10s", "storm"
		for (i = 1; i <= nk; i++) printf " | %-6s %5s %9s %6s", k[i], "hours", "ops", "faults"
		printf "\n"
		for (j = 1; j <= ns; j++) {
			printf "%-10s", s[j]
			for (i = 1; i <= nk; i++) {
				at = k[i] SUBSEP s[j]
				if (!n[at]) { printf " | %-6s %5s %9s %6s", "", "-", "-", "skip"; left++ }
				else { printf " | %-6s %5.2f %9d %6d", "", hours[at], ops[at], faults[at]; bad += faults[at] > 0; good += faults[at] == 0; all += hours[at] }
			}
			printf "\n"
		}
		printf "%d storms without a fault, %d with, %d skipped; %.2f guest hours, %d pages verified\n", good, bad, left, all, pages
		exit bad > 0 || !good
	}' "$results" > "$out/table.txt" && status=0 || status=$?
cat "$out/table.txt"
((status == 0)) || say "what the guests said is in $out/log"
exit "$status"
