#!/bin/bash
# one.sh KERNEL STORM SEED IMAGE: one storm in one guest. Prints a line for results.csv:
# KERNEL,STORM,LANE,SEED,seconds,operations,pages verified,failed allocations,faults,verdict
# and leaves in build/stress/log/KERNEL-STORM what the guest said.
# Environment:
#   LENGTH=600    guest seconds
#   PERCENT=100   of what the storms of scale are about
#   LANE=real     on two processors, or virtual: in virtual time, on one
#   LIMIT=...     seconds of real time
#   BASE=1        without the series: reports are only collected
. "$(dirname "$0")/../lib.sh"

here=$ROOT/tools-testing/stress
out=$BUILD/stress
kernel=$1 storm=$2 seed=$3 image=$4
length=${LENGTH:-600} lane=${LANE:-real}
# The clock of the day-long one has to be a virtual one.
[[ $storm != long ]] || lane=virtual length=$((length * 144))
read -r _ memory append < <(grep "^$storm " "$here/guests") || die "there is no storm '$storm'"
percent=${PERCENT:-100}
# At each change of a mapping this kernel looks at all of them.
[[ $kernel-$storm != kasan-vmas || $percent -lt 3 ]] || percent=3
[[ $percent -ge 100 || ! $storm =~ ^(vmas|processes|one)$ ]] || memory=1024M
case $kernel in
# While it looks again at what its processor can do, a kernel with page tables of five levels
# takes them for four, and KASAN takes all that an interrupt does then for wild.
kasan) append+=" page_poison=1 kasan_multi_shot no5lvl" ;;
esac
export RUNS=$out/log
NAME=$kernel-$storm${BASE:+-base}
settings=(VIRTUAL=1) limit=$((length * 40 + 1800))
[[ $lane == virtual ]] || settings=(SMP=2) limit=$((length * 2 + 1800))
# The freezer patches the kernel all the time, and with a thread a processor the emulator
# may run what was there before.
[[ $storm-$lane != freezer-real ]] || settings+=(THREAD=single)
free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
if ((free < ${memory%M} + 512)); then
	say "$kernel,$storm,$lane,$seed,0,0,0,0,0,skip: the guest needs $memory of memory and this machine has ${free}M free"
	exit 0
fi

# QEMU tells its process here. Its clocks go on while it is stopped: they jump for the guest.
mkdir -p "$RUNS"
pid=$RUNS/$NAME.pid
rm -f "$pid"
jumps() {
	stopped=
	trap 'kill -CONT "$stopped" 2> /dev/null; kill "$!" 2> /dev/null || :' EXIT
	trap 'exit 0' TERM
	RANDOM=$((seed % 32768))
	while :; do
		sleep $((RANDOM % 10 + 5)) & wait $!
		stopped=$(cat "$pid" 2> /dev/null) || continue
		kill -STOP "$stopped" 2> /dev/null || continue
		sleep $((RANDOM % 7 + 2)) & wait $!
		kill -CONT "$stopped" 2> /dev/null || :
		stopped=
	done
}
jumper=
if [[ $storm-$lane == marks-real ]]; then
	jumps & jumper=$!
	trap 'kill "$jumper" || :' EXIT
fi

status=0
env QEMU_ARGS="-pidfile $pid" "${settings[@]}" NAME="$NAME" MEM="$memory" APPEND="$append" QUIET=1 TIMEOUT="${LIMIT:-$limit}" \
	INITRD="$out/storm.cpio.gz $([[ $storm != ng ]] || say "$out/stress-ng.cpio.gz")" \
	"$ROOT/tools-testing/run.sh" "$image" "exec storm-guest $length $seed $percent $storm" \
	2> "$out/log/$NAME.err" || status=$?
mv "$out/log/$NAME.err" "$out/log/$NAME/err"
dir=$out/log/$NAME

# What the kernel complains of, without what differs from one run to the next.
sed -nE -f <(sed 's|/|\\/|g; s|^|/|; s|$|/p|' "$ROOT/tools-testing/complaints") "$dir/console.log" |
	sed -E 's/^\[[^]]*\](\[[^]]*\])? *//; s/\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b/X/g; s/\b[0-9]+\b/N/g' |
	sort -u > "$dir/complaints"
if [[ ${BASE:-} ]]; then
	cat "$dir/complaints" >> "$out/base-$kernel"
	exit 0
fi

# Those of "known" do not count, if base has them too: that is seen here, not believed.
faults=$(sed -n 's/^# storm .* faults //p' "$dir/output" | tail -n 1)
verdict=ok unknown=0 known=0
while IFS= read -r line; do
	if awk -F'\t' -v kernel="$kernel" -v line="$line" '
	    !/^#/ && $1 == kernel && index(line, $2) { found = 1 } END { exit !found }' "$here/known"; then
		if ! grep -sqxF -- "$line" "$out/base-$kernel" && [[ ! ${IMAGE:-} ]]; then
			{
				"$ROOT/tools-testing/tree.sh" base
				"$ROOT/tools-testing/kernel.sh" base "stress-$kernel"
				BASE=1 "$0" "$kernel" "$storm" "$seed" "$("$ROOT/tools-testing/kernel.sh" --path base "stress-$kernel")"
			} > "$out/log/base-$kernel.log" 2>&1
		fi
		if grep -sqxF -- "$line" "$out/base-$kernel"; then
			known=$((known + 1))
			continue
		fi
	fi
	unknown=$((unknown + 1))
	[[ $verdict != ok ]] || verdict=$line
done < "$dir/complaints"
skipped=$(sed -n 's/^skip /, /p' "$dir/output" | sort -u | tr -d '\n')
if told=$(grep -a -m 1 '^FAULT: ' "$dir/output"); then
	verdict=$told
elif [[ $kernel == fault ]] && ! grep -q '^# injects 1' "$dir/output"; then
	verdict='nothing was made to fail'
elif [[ $verdict == ok && ($status != 0 && ! ($status == 125 && $known -gt 0 && $(cat "$dir/verdict") == 'exit 0') || $faults != 0) ]]; then
	verdict="status $status: $(head -n 1 "$dir/err")"
fi
[[ $verdict != ok || $known == 0 ]] || verdict="ok: $known reports that base gives as well"
[[ $verdict != ok* || ! $skipped ]] || verdict+=" without ${skipped#, }"
[[ $verdict == ok* || $((unknown + ${faults:-0})) != 0 ]] || unknown=1
awk -v line="$kernel,$storm,$lane,$seed" -v faults=$((unknown + ${faults:-0})) -v verdict="${verdict//,/;}" '
	/^# storm / { for (i = 2; i < NF; i++) v[$i] = $(i + 1) }
	END { printf "%s,%d,%d,%d,%d,%d,%s\n", line, v["seconds"], v["ops"], v["checked"], v["injected"], faults, verdict }
	' "$dir/output"
