#!/bin/bash
# the advisor rests, ramps, settles and rests again; knobs, old files, stale nodes, in QEMU
. "$(dirname "$0")/../checks.sh"

[[ ${IMAGE:-} ]] || "$ROOT/tools-testing/kernel.sh" >&2
kernel=${IMAGE:-$("$ROOT/tools-testing/kernel.sh" --path)}

# A part in a guest of its own. What it prints counts; that it ends well does
# too, for a kernel that complains ends badly.
part() {
	local args=()
	# None of this machine's: the clock of a guest that waits for that leaps to the deadlines.
	[[ $1 != cache ]] || args=(QEMU_ARGS="-drive driver=null-co,size=2G,read-zeroes=on,if=virtio,readonly=on")
	env NAME="test-$1" VIRTUAL=1 QUIET=1 TIMEOUT=900 "${args[@]}" \
		"$ROOT/tools-testing/run.sh" "$kernel" "exec behaviour $1" 2>&1
}
parts=(knobs abi adapt flap cache latency kick stale)
printf '%s\n' "${parts[@]}" | PATH=$PATH xargs -P "$(nproc)" -I{} bash -c "
	$(declare -f part)
	ROOT='$ROOT' scratch='$scratch' kernel='$kernel'
	status=0
	part {} > '$scratch/{}.err' || status=\$?
	echo \$status > '$scratch/{}.status'"
for name in "${parts[@]}"; do
	cat "$BUILD/run/test-$name/output" "$scratch/$name.err"
	check "the guest of '$name' ends well" test "$(cat "$scratch/$name.status")" = 0
done
finish
