# shellcheck shell=bash
# Runs scanload as the init of a kernel that is a program (um). Source it after
# lib.sh.

# um_prepare OUT MIB: builds scanload in OUT, and sees that this machine can run
# it with so much mergeable memory.
um_prepare() {
	local limit=/proc/sys/vm/max_map_count was
	mkdir -p "$1"
	gcc -O2 -Wall -static -o "$1/scanload" "$ROOT/tools-testing/scan/scanload.c" -lxxhash
	# um keeps the guest's memory in a file, which has to be in memory for it to
	# be as fast as memory is.
	(($2 * 9 / 8 + 512 <= $(df -Pm /dev/shm | awk 'NR == 2 { print $4 }') &&
	  $2 * 9 / 8 + 1024 <= $(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo))) ||
		die "$2 MiB do not fit into this machine's memory; set SIZES to less"
	# A guest's page that is merged is a mapping of its own on this machine.
	was=$(cat "$limit")
	if ((was < $2 * 300)); then
		{ say $(($2 * 300)) > "$limit"; } 2> /dev/null ||
			die "as root, please: sysctl vm.max_map_count=$(($2 * 300)); um needs a mapping for each page"
		# shellcheck disable=SC2064 # what it was now
		trap "say $was > $limit" EXIT
	fi
	trap 'exit 130' INT TERM
}

# um_scan OUT KERNEL LOAD MIB PASSES [KNOB=VALUE]...: what scanload says is in
# OUT/log.
um_scan() {
	local log=$1/log init=$1/scanload kernel=$2 mib=$4
	shift 2
	TMPDIR=/dev/shm setsid -w timeout -k 5 1800 "$kernel" mem=$((mib * 9 / 8 + 256))M \
		root=/dev/root rootfstype=hostfs rootflags=/ rw con=none con0=null,fd:1 ssl=none \
		quiet panic=-1 init="$init" -- "$@" < /dev/null 2>&1 | tr -d '\r' > "$log" || true
	grep -q '^status 0' "$log" || {
		cat "$log" >&2
		die "$kernel did not end the load $*"
	}
}
