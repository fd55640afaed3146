#!/bin/bash
# every patch builds; the series also with KSM off, without sysfs, for i386 (and so without NUMA), with clang
. "$(dirname "$0")/../checks.sh"

# name: make variables: options on top of configs/matrix.config
matrix='
ksm:      ARCH=x86_64:           64BIT=y SYSFS=y NUMA=y KSM=y
no-ksm:   ARCH=x86_64:           64BIT=y SYSFS=y NUMA=y KSM=n
no-sysfs: ARCH=x86_64:           64BIT=y SYSFS=n NUMA=y KSM=y
i386:     ARCH=i386:             64BIT=n SYSFS=y NUMA=n KSM=y
clang:    ARCH=x86_64 LLVM=-19:  64BIT=y SYSFS=y NUMA=y KSM=y
'
# LONG=1: each patch in all of them
gcc=$(gcc --version | head -n 1) clang=$(clang-19 --version | head -n 1)

# What a patch can break: the files that it or one before it touches, and those
# that include a header they touch.
sources() {
	local file
	kgit diff --name-only --diff-filter=AM base "$1" -- mm kernel fs lib include | while read -r file; do
		case $file in
		*.c) echo "$file" ;;
		*.h) kgit grep -lE "[<\"](${file#include/}|${file#mm/})[>\"]" "$1" -- 'mm/*.c' 'kernel/*.c' 'fs/*.c' | sed 's/^[^:]*://' || true ;;
		esac
	done | grep -E '^(mm|kernel|lib|fs|fs/proc)/[^/]*\.c$' | sort -u
}

# objects OUT: the objects of the sources on stdin, but for those that the
# configuration in OUT leaves out.
objects() {
	local file name option
	while read -r file; do
		name=$(basename "$file" .c)
		option=$(sed -n "s/^[a-z]*-\$(CONFIG_\([A-Z0-9_]*\))[^#]*[[:space:]]$name\.o\b.*/\1/p" "$SCRATCH_TREE/${file%/*}/Makefile" | head -n 1)
		if [[ ! $option ]] || grep -qx "CONFIG_$option=y" "$1/.config"; then echo "${file%c}o"; fi
	done
}

# build_one COMMIT NAME VARIABLES OPTIONS
build_one() {
	local commit=$1 out=$BUILD/test/$2 option fragment=$scratch/$2.config
	local -a vars objects
	read -r -a vars <<< "$3"
	[[ $3 != *LLVM* ]] || vars+=('CC=ccache clang-19')
	for option in $4; do
		case $option in
		*=n) echo "# CONFIG_${option%=n} is not set" ;;
		*) echo "CONFIG_$option" ;;
		esac
	done > "$fragment"
	configure "$SCRATCH_TREE" "$out" "${vars[@]}" "$ROOT/configs/matrix.config" "$fragment"
	sources "$commit" > "$scratch/$2.sources"
	[[ -s $scratch/$2.sources ]] || die "$commit touches no source, so nothing would be built"
	mapfile -t objects < <(objects "$out" < "$scratch/$2.sources")
	[[ ${#objects[@]} == 0 ]] || kmake "$SCRATCH_TREE" "$out" -s -j"$(nproc)" "${vars[@]}" "${objects[@]}"
}

lock test-builds
mapfile -t commits < <(kgit rev-list --reverse base..ksm)
done_dir=$BUILD/test/built
mkdir -p "$done_dir"
n=0
for commit in "${commits[@]}"; do
	n=$((n + 1))
	subject=$(kgit show -s --format=%s "$commit")
	# What was built once need not be again: the same sources (prose aside),
	# options and compilers.
	sources=$(kgit ls-tree "$commit" | grep -vE '	(Documentation|MAINTAINERS|tools|samples)$')
	keys=()
	while IFS=: read -r name vars options; do
		[[ $name ]] || continue
		[[ ${LONG:-} || $name == ksm || $n == "${#commits[@]}" ]] || continue
		key=$done_dir/$(printf '%s\n' "$sources" "$name $vars $options" "$gcc" "$clang" |
			cat - "$ROOT/configs/matrix.config" | sha256sum | cut -d' ' -f1)
		keys+=("$key" "$name")
		if [[ ! -e $key ]]; then
			[[ $(sgit rev-parse HEAD 2> /dev/null) == "$commit" ]] || pristine "$commit"
			# A few objects each, so side by side
			while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n || :; done
			(build_one "$commit" "$name" "$vars" "$options") >&2 && : > "$key" &
		fi
	done <<< "$matrix"
	wait
	for ((i = 0; i < ${#keys[@]}; i += 2)); do
		check "patch $n of ${#commits[@]}, ${keys[i + 1]}: $subject" test -e "${keys[i]}"
	done
done
finish
