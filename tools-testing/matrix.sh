# shellcheck shell=bash
# Builds what a commit of the series can break, in many configurations, in the
# scratch tree. Source it after scratch.sh, and hold the lock test-builds.
: "${scratch:?}"	# where the caller keeps what is thrown away

# name: make variables: what the configuration begins with: options on top of it
# MATRIX stands for configs/matrix.config on top of tinyconfig.
matrix='
ksm:         ARCH=x86_64:          MATRIX:       64BIT=y SYSFS=y NUMA=y KSM=y
no-ksm:      ARCH=x86_64:          MATRIX:       64BIT=y SYSFS=y NUMA=y KSM=n
no-sysfs:    ARCH=x86_64:          MATRIX:       64BIT=y SYSFS=n NUMA=y KSM=y
i386:        ARCH=i386:            MATRIX:       64BIT=n SYSFS=y NUMA=n KSM=y
clang:       ARCH=x86_64 LLVM=-19: MATRIX:       64BIT=y SYSFS=y NUMA=y KSM=y
no-numa:     ARCH=x86_64:          MATRIX:       64BIT=y SYSFS=y NUMA=n KSM=y
no-hotremove: ARCH=x86_64:         MATRIX:       64BIT=y SYSFS=y NUMA=y KSM=y MEMORY_HOTPLUG=y MEMORY_HOTREMOVE=n
hotremove:   ARCH=x86_64:          MATRIX:       64BIT=y SYSFS=y NUMA=y KSM=y MEMORY_HOTPLUG=y MEMORY_HOTREMOVE=y
no-smp:      ARCH=x86_64:          MATRIX:       64BIT=y SYSFS=y KSM=y SMP=n
rt:          ARCH=x86_64:          MATRIX:       64BIT=y SYSFS=y NUMA=y KSM=y PREEMPT_RT=y TRANSPARENT_HUGEPAGE=n
tiny:        ARCH=x86_64:          tinyconfig:   64BIT=y ADVISE_SYSCALLS=y KSM=y
allno:       ARCH=x86_64:          allnoconfig:
defconfig:   ARCH=x86_64:          defconfig:
allmod:      ARCH=x86_64:          allmodconfig: GCC_PLUGINS=n WERROR=n
arm64:       ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-:  MATRIX: SYSFS=y NUMA=y KSM=y
arm64-64k:   ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-:  MATRIX: SYSFS=y NUMA=y KSM=y ARM64_64K_PAGES=y
s390:        ARCH=s390 CROSS_COMPILE=s390x-linux-gnu-:     MATRIX: SYSFS=y NUMA=y KSM=y
riscv:       ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu-:  MATRIX: SYSFS=y NUMA=n KSM=y
'
matrix_names() { sed -n 's/^\([a-z0-9-]*\): .*/\1/p' <<< "$matrix"; }
# matrix_line NAME: sets vars, start and options
matrix_line() {
	local line
	line=$(grep "^$1:" <<< "$matrix") || die "there is no configuration '$1'; there are: $(matrix_names | paste -sd ' ')"
	IFS=: read -r _ vars start options <<< "$line"
	start=${start// /}
}

# sources COMMIT [FROM]: what a patch can break: the files that it or one before it,
# since FROM, touches, and those that include a header they touch.
sources() {
	local file
	kgit diff --name-only --diff-filter=AM "${2:-base}" "$1" -- mm kernel fs lib include | while read -r file; do
		case $file in
		*.c) echo "$file" ;;
		*.h) kgit grep -lE "[<\"](${file#include/}|${file#mm/})[>\"]" "$1" -- 'mm/*.c' 'kernel/*.c' 'fs/*.c' | sed 's/^[^:]*://' || true ;;
		esac
	done | sed -nE '\,^(mm|kernel|lib|fs|fs/proc)/[^/]*\.c$,p' | sort -u
}

# objects OUT: the objects of the sources on stdin, but for those that the
# configuration in OUT leaves out.
objects() {
	local file name option
	while read -r file; do
		name=$(basename "$file" .c)
		option=$(sed -n "s/^[a-z]*-\$(CONFIG_\([A-Z0-9_]*\))[^#]*[[:space:]]$name\.o\b.*/\1/p" "$SCRATCH_TREE/${file%/*}/Makefile" | head -n 1)
		[[ ! $option ]] || grep -qxE "CONFIG_$option=[ym]" "$1/.config" || continue
		# And all of a directory may be left out, by the one above.
		option=$(sed -n "s|^obj-\$(CONFIG_\([A-Z0-9_]*\))[^#]*[[:space:]]$(basename "${file%/*}")/.*|\1|p" "$SCRATCH_TREE/${file%/*}/../Makefile" | head -n 1)
		[[ ! $option ]] || grep -qxE "CONFIG_$option=[ym]" "$1/.config" || continue
		echo "${file%c}o"
	done
}

# configure_one NAME: sets out and args, for kmake
configure_one() {
	local option fragment=$scratch/$1.config
	local -a fragments=()
	matrix_line "$1"
	out=$BUILD/test/$1
	read -r -a args <<< "$vars"
	[[ $vars != *LLVM* ]] || args+=('CC=ccache clang-19')
	for option in $options; do
		case $option in
		*=n) echo "# CONFIG_${option%=n} is not set" ;;
		*) echo "CONFIG_$option" ;;
		esac
	done > "$fragment"
	if [[ $start == MATRIX ]]; then
		fragments=("$ROOT/configs/matrix.config")
		start=tinyconfig
	fi
	CONFIGURE_FROM=$start configure "$SCRATCH_TREE" "$out" "${args[@]}" "${fragments[@]}" "$fragment"
}

# build_one COMMIT NAME: of the scratch tree, which is at COMMIT
build_one() {
	local out vars start options
	local -a args objects
	configure_one "$2"
	sources "$1" > "$scratch/$2.sources"
	[[ -s $scratch/$2.sources ]] || die "$1 touches no source, so nothing would be built"
	mapfile -t objects < <(objects "$out" < "$scratch/$2.sources")
	[[ ${#objects[@]} == 0 ]] || kmake "$SCRATCH_TREE" "$out" -s -j"$(nproc)" "${args[@]}" "${objects[@]}"
}

# What was built once need not be again: the same sources (prose aside), options
# and compilers. A commit that builds has a file here.
built=$BUILD/test/built
# compiler NAME: that of a configuration
compiler() {
	local vars start options compiler=gcc
	matrix_line "$1"
	case $vars in
	*LLVM=-19*) compiler=clang-19 ;;
	*CROSS_COMPILE=*) compiler=${vars##*CROSS_COMPILE=}gcc ;;
	esac
	command -v "$compiler" || die "$compiler is missing: run tools-testing/deps.sh check"
}
# built_key COMMIT NAME: the name of that file
built_key() {
	local vars start options compiler unseen='Documentation/|MAINTAINERS|tools/|samples/'
	compiler=$(compiler "$2") || exit
	matrix_line "$2"
	# Without KSM its file is not compiled, whatever is in it.
	[[ $options == *KSM=y* || $start == defconfig || $start == allmodconfig ]] || unseen+='|mm/ksm\.c'
	{
		kgit rev-parse base
		kgit diff-tree -r base "$1" | grep -vE "	($unseen)" || true
		say "$2 $vars $start $options"
		"$compiler" --version | head -n 1
		cat "$ROOT/configs/matrix.config"
	} | sha256sum | cut -d' ' -f1 | sed "s|^|$built/|"
}

# build_all COMMIT NAME...: side by side, what has not been; what each said is in
# $scratch/NAME.log
build_all() {
	local commit=$1 name key
	shift
	mkdir -p "$built"
	for name; do
		key=$(built_key "$commit" "$name") || exit
		[[ ! -e $key ]] || continue
		[[ $(sgit rev-parse HEAD 2> /dev/null) == "$commit" ]] || pristine "$commit"
		# A few objects each, so side by side
		while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n || :; done
		(build_one "$commit" "$name") > "$scratch/$name.log" 2>&1 && : > "$key" &
	done
	wait
}
