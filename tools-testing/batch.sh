# shellcheck shell=bash
# Runs several guests side by side. Source it after lib.sh.

# work CASE T: how long it takes until the guest's clock shows T, in seconds on
# some machine. Only for estimates; who sources this may know better.
work() { echo $((10 + $2 / 4)); }
# length CASE: how many seconds it is; who sources this may have some of each.
length() { echo "$seconds"; }

# batch SECONDS CASE...: calls the function `guest CASE` for each case, as many
# at a time as there are processors and memory for, and says how far each is:
# the last sample in build/run/PREFIX-CASE/output, of SECONDS. One failure ends
# all of them, and so does an interrupt. Needs PREFIX; guest_kb is the memory that
# a guest takes here, guest_cpus how many processors, guest_time what their clock is.
batch() {
	local seconds=$1 jobs name pid left start=$SECONDS status tick busy=0
	shift
	left=("$@")
	jobs=$(awk -v cpus="$(($(nproc) / ${guest_cpus:-1}))" -v kb="${guest_kb:-1500000}" '/^MemAvailable:/ { n = int($2 / kb) }
		END { n = n > cpus ? cpus : n; print (n < 1 ? 1 : n) }' /proc/meminfo)
	declare -gA running=()
	trap 'exit 130' INT TERM HUP
	trap 'end_batch; at_end' EXIT
	say "  $# guests in ${guest_time:-virtual} time, $jobs at a time"
	while ((${#left[@]} + ${#running[@]})); do
		while ((${#left[@]} && ${#running[@]} < jobs)); do
			name=${left[0]} left=("${left[@]:1}")
			rm -f "$BUILD/run/$PREFIX-$name/output"
			# A process group of its own, which can be ended whole.
			set -m
			guest "$name" < /dev/null &
			set +m
			running[$name]=$!
		done
		for ((tick = 0; tick < 10; tick++)); do
			sleep 1
			busy=$((busy + ${#running[@]}))
			for name in "${!running[@]}"; do
				pid=${running[$name]}
				! kill -0 "$pid" 2> /dev/null || continue
				unset "running[$name]"
				status=0
				wait "$pid" || status=$?
				((status == 0)) || failed "$name" "$status"
				((${#left[@]} == 0)) || break 2
			done
			((${#running[@]})) || break
		done
		((${#running[@]} == 0)) || progress_line "$@"
	done
	trap at_end EXIT
	say "  done in $(clock $((SECONDS - start)))"
}

# progress_line CASE...: also estimates what is left, from the work done in the
# time that guests have run so far.
progress_line() {
	local name t whole all=0 longest=0 done=0 text=
	for name; do
		# One that has not begun has no output yet.
		t=$({ tail -n 1 "$BUILD/run/$PREFIX-$name/output" 2> /dev/null || :; } |
			sed -n 's/^\([0-9]*\)\..*/\1/p')
		whole=$(work "$name" "$(length "$name")")
		if [[ ${running[$name]:-} ]]; then
			text+=", $name at ${t:-0} s"
			t=$([[ ! $t ]] || work "$name" "$t")
		elif [[ " ${left[*]} " == *" $name "* ]]; then
			t=0
		else
			t=$whole
		fi
		done=$((done + ${t:-0})) all=$((all + whole))
		((whole - ${t:-0} <= longest)) || longest=$((whole - t))
	done
	((longest >= (all - done) / jobs)) || longest=$(((all - done) / jobs))
	((done < all / 10)) || longest=$((longest * busy / done))
	say "  $(clock $((SECONDS - start)))${text/,/ }, about $(clock "$longest") to go"
}

failed() {
	local dir=$BUILD/run/$PREFIX-$1
	end_batch
	# What the guest said that is no sample.
	grep -v '^[0-9.]*,[0-9,-]*$\|^t,' "$dir/output" 2> /dev/null | tail -n 5 >&2 || :
	die "$1: the guest ended with status $2; its output is in $dir"
}

# What else there is to do at the end, for who sources this.
at_end() { :; }

end_batch() {
	local name
	for name in "${!running[@]}"; do
		kill -- "-${running[$name]}" 2> /dev/null || :
		wait "${running[$name]}" 2> /dev/null || :
	done
	running=()
}
