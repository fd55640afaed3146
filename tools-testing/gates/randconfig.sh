#!/bin/bash
# series: it builds with 20 random configurations, whose seeds are 1 to SEEDS
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/scratch.sh"
. "$ROOT/tools-testing/matrix.sh"

seeds=${SEEDS:-20}
lock test-builds
pristine "$commit"
# KSM in, for without it little of the series is; what asks for tools that are not
# there, and what turns every old warning into an error, out.
printf '%s\n' CONFIG_64BIT=y CONFIG_MMU=y CONFIG_KSM=y '# CONFIG_GCC_PLUGINS is not set' '# CONFIG_WERROR is not set' \
	'# CONFIG_DEBUG_INFO_BTF is not set' '# CONFIG_RUST is not set' '# CONFIG_MODULE_SIG is not set' > "$scratch/all.config"
out=$BUILD/test/randconfig
# build_seed SEED
build_seed() {
	local -a objects
	rm -rf "$out"
	mkdir -p "$out"
	kenv_random "$1" || return
	mapfile -t objects < <(sources "$commit" | objects "$out")
	kmake "$SCRATCH_TREE" "$out" -s -j"$(nproc)" ARCH=x86_64 "${objects[@]}"
}
kenv_random() {
	kenv KCONFIG_SEED="$1" KCONFIG_ALLCONFIG="$scratch/all.config" make --no-print-directory -s \
		-C "$SCRATCH_TREE" O="$out" ARCH=x86_64 randconfig
}
for ((seed = 1; seed <= seeds; seed++)); do
	build_seed "$seed" > "$scratch/log" 2>&1 || complain "seed $seed: $(grep -m 1 'error' "$scratch/log" || tail -n 1 "$scratch/log")"
	# A configuration without KSM tests nothing.
	grep -qx CONFIG_KSM=y "$out/.config" || complain "seed $seed: the configuration is without KSM"
done
rm -rf "$out"
judge "seeds 1 to $seeds"
