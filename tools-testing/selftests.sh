#!/bin/bash
# selftests.sh [base] [TOPIC] [arm64] [sanitize]: builds the tests of the kernel's tree
# that are about KSM, as the tree's own Makefile does, and packs them as an
# archive for run.sh (INITRD). --path: only prints where that is, or will be.
# SRC and OUT as in kernel.sh.
. "$(dirname "$0")/lib.sh"

# What run_vmtests.sh runs in the categories of tests/70-kselftest.sh; a tree may
# lack the last.
programs=(ksm_tests ksm_functional_tests rmap merge ksm_madvise ksm_advisor)
where=$(place) suffix='' arch=x86_64 cross='' path='' flags=-static sanitize=''
for word; do
	case $word in
	base) where=$(place base) ;;
	# Debian has libnuma for this machine alone.
	arm64) arch=arm64 cross=aarch64-linux-gnu- suffix+=-arm64 programs=(ksm_madvise ksm_advisor) ;;
	sanitize)
		sanitize=1 suffix+=-sanitize programs=(ksm_madvise ksm_advisor)
		flags='-fsanitize=address,undefined -fno-sanitize-recover=all -g'
		;;
	--path) path=1 ;;
	*)
		series_topic "$word"
		where=$(place "$word")
		;;
	esac
done
src=${SRC:-$where/linux} out=${OUT:+$BUILD/$OUT}
out=${out:-$where/selftests$suffix}
if [[ $path ]]; then
	say "$out/root.cpio.gz"
	exit 0
fi

[[ $arch != arm64 ]] || "$ROOT/tools-testing/deps.sh" arm64
out_name=${out#"$BUILD/"}
lock "${out_name//\//-}"
need_space 1
dir=$src/tools/testing/selftests/mm root=$out/root
mkdir -p "$out"
cd "$dir"
targets=()
for name in "${programs[@]}"; do [[ ! -f $name.c ]] || targets+=("$root/selftests/mm/$name"); done
{
	kmake "$src" "$out/headers" -s ARCH="$arch" headers
	mkdir -p "$root/selftests/mm" "$root/bin"
	# Flags alone are no reason for make to build again.
	[[ $(cat "$out/.flags" 2> /dev/null) == "$flags" ]] || rm -f "${targets[@]}"
	kmake "$dir" '' -j"$(nproc)" CC="${cross}gcc" CROSS_COMPILE="$cross" ARCH="$arch" \
		OUTPUT="$root/selftests/mm" KHDR_INCLUDES="-isystem $out/headers/usr/include" \
		LDFLAGS="$flags" "${targets[@]}"
} > "$out/build.log" 2>&1 || {
	tail -n 20 "$out/build.log" >&2
	die "the selftests of ${src#"$ROOT"/} could not be built; see $out/build.log"
}
echo "$flags" > "$out/.flags"
# Linux 6.12 has no ksft_*.sh.
find . -maxdepth 1 \( -name run_vmtests.sh -o -name 'ksft_ksm*.sh' \) -exec install -m 755 -t "$root/selftests/mm" {} +
install -m 644 config "$root/selftests/mm"
[[ $arch == arm64 ]] || install -m 755 "$(command -v bash-static)" "$root/bin/bash"
if [[ $sanitize ]]; then
	# Not static: with the libraries they need.
	ldd "${targets[@]}" | grep -o '/[^ ]*' | grep -v ':$' | sort -u |
		while read -r lib; do install -D "$lib" "$root$lib"; done
fi
(cd "$root" && find . -print0 | sort -z | cpio --null -o -H newc -R 0:0 --reproducible --quiet) |
	gzip -n -1 > "$out/root.cpio.gz.tmp"
mv "$out/root.cpio.gz.tmp" "$out/root.cpio.gz"
