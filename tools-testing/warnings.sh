# shellcheck shell=bash
# What a compiler or checker says about a commit that it did not about the one
# before. Source it after gate.sh.
: "${complaints:?}"	# the file that gate.sh shows
. "$ROOT/tools-testing/scratch.sh"
. "$ROOT/tools-testing/matrix.sh"

# said COMMIT NAME VARIABLE...: what it says about the sources in $scratch/sources,
# without line numbers, sorted. The output of the same make for the same sources is
# kept in build/test/said.
said() {
	local commit=$1 name=$2 out=$BUILD/test/$2 kept
	local -a objects args
	shift 2
	kept=$BUILD/test/said/$name-$({ kgit rev-parse base; kgit diff-tree -r base "$commit" -- ':!Documentation' ':!tools'
		cat "$scratch/sources" "$ROOT/configs/matrix.config"; say "$*"
		for tool in gcc clang-19 sparse; do "$tool" --version 2> /dev/null | head -n 1 || true; done; } | sha256sum | cut -c1-32)
	if [[ ! -e $kept ]]; then
		pristine "$commit"
		printf '%s\n' CONFIG_64BIT=y CONFIG_SYSFS=y CONFIG_NUMA=y '# CONFIG_WERROR is not set' > "$scratch/$name.config"
		# The checker does not matter to the configuration.
		for arg; do [[ $arg == [WC]=* || $arg == CHECK=* ]] || args+=("$arg"); done
		configure "$SCRATCH_TREE" "$out" "${args[@]}" "$ROOT/configs/matrix.config" "$scratch/$name.config"
		mapfile -t objects < <(while read -r file; do [[ ! -e $SCRATCH_TREE/$file ]] || echo "$file"; done < "$scratch/sources" | objects "$out")
		if [[ ${#objects[@]} != 0 ]]; then
			(cd "$out" && rm -f "${objects[@]}")
			kmake "$SCRATCH_TREE" "$out" -k -j"$(nproc)" "$@" "${objects[@]}" > "$scratch/log" 2>&1 || {
				tail -n 20 "$scratch/log" >&2
				die "$commit does not build"
			}
		else
			: > "$scratch/log"
		fi
		! grep -q 'C=2 specified, but' "$scratch/log" || die "the kernel does not accept this checker"
		mkdir -p "${kept%/*}"
		mv "$scratch/log" "$kept"
	fi
	{ grep -E '(warning|warn|error):|^Warning' "$kept" || true; } |
		sed -E "s|$SCRATCH_TREE/||g; s|(\.\./)+linux/||g; s/:[0-9]+(:[0-9]+)?:/:/g" | sort
}

# new_warnings NAME VARIABLE...: complains of what is new in the gate's commit
new_warnings() {
	lock test-builds
	sources "$commit" "$commit~" > "$scratch/sources"
	[[ -s $scratch/sources ]] || verdict PASS "no C source is concerned"
	said "$commit~" "$@" > "$scratch/before"
	said "$commit" "$@" > "$scratch/after"
	comm -13 "$scratch/before" "$scratch/after" >> "$complaints"
	judge "$(wc -l < "$scratch/sources") files, $(wc -l < "$scratch/before") warnings before"
}
