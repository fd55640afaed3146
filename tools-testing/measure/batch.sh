# shellcheck shell=bash
# Runs several guests side by side. Source it after lib.sh.

# batch SECONDS CASE...: calls the function `guest CASE` for each case, as many
# at a time as there are processors and memory for, and says how far each is:
# the last sample in build/run/PREFIX-CASE/output, of SECONDS. One failure ends
# all of them, and so does an interrupt. Needs PREFIX.
batch() {
	local seconds=$1 jobs name pid left=() start=$SECONDS status
	shift
	left=("$@")
	jobs=$(awk -v cpus="$(nproc)" '/^MemAvailable:/ { n = int($2 / 1500000) }
		END { print (n < 1 ? 1 : n > cpus ? cpus : n) }' /proc/meminfo)
	# Each guest is a process group of its own, which can be ended whole.
	set -m
	declare -gA running=()
	trap 'end_batch; exit 130' INT TERM HUP
	trap end_batch EXIT
	say "  $# guests of $seconds s each in virtual time, $jobs at a time"
	while ((${#left[@]} + ${#running[@]})); do
		while ((${#left[@]} && ${#running[@]} < jobs)); do
			name=${left[0]} left=("${left[@]:1}")
			rm -f "$BUILD/run/$PREFIX-$name/output"
			guest "$name" < /dev/null &
			running[$name]=$!
		done
		for ((tick = 0; tick < 10; tick++)); do
			sleep 1
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
		((${#running[@]} == 0)) || progress_line "$seconds" $((SECONDS - start)) "$@"
	done
	set +m
	trap - INT TERM HUP EXIT
	say "  done in $(clock $((SECONDS - start)))"
}

# progress_line SECONDS SPENT CASE...
progress_line() {
	local seconds=$1 spent=$2 name t sum=0 text=
	shift 2
	for name; do
		t=$(tail -n 1 "$BUILD/run/$PREFIX-$name/output" 2> /dev/null | sed -n 's/^\([0-9]*\)\..*/\1/p')
		[[ ! ${running[$name]:-} ]] || text+=", $name at ${t:-0} s"
		sum=$((sum + ${t:-0}))
	done
	text="  $(clock "$spent")${text/,/ }"
	((sum < 20 * $#)) || text+=", about $(clock $((spent * (seconds * $# - sum) / sum))) to go"
	say "$text"
}

failed() {
	local dir=$BUILD/run/$PREFIX-$1
	end_batch
	# What the guest said that is no sample.
	grep -v '^[0-9.]*,[0-9,-]*$\|^t,' "$dir/output" 2> /dev/null | tail -n 5 >&2 || :
	die "$1: the guest ended with status $2; its output is in $dir"
}

end_batch() {
	local name
	for name in "${!running[@]}"; do
		kill -- "-${running[$name]}" 2> /dev/null || :
		wait "${running[$name]}" 2> /dev/null || :
	done
	running=()
}
