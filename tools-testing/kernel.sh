#!/bin/bash
# kernel.sh [base] [TOPIC] [debug] [hmm] [gcov] [arm64] [um] [um-bench]: builds the test kernel: of
# the tree with the series, without it (base), or with one topic of it; with the kernel's own checks (debug);
# with memory of a device (hmm);
# counting the lines of mm/ksm.c that run (gcov); one of those of make stress
# (stress-kasan and so on, by configs/stress-*.config); for arm64; as a program that
# runs on this machine (um), also with two processors (um-bench).
# kernel.sh --path ...: only prints where that kernel is, or will be.
# SRC and OUT, for a tree of one's own: its directory, and a name in build/
# KERNEL=6.12: of the series as it was ported to that, in build/6.12.
. "$(dirname "$0")/lib.sh"

where=$(place) suffix='' path='' arch=x86_64 extra=() vars=()
for word; do
	case $word in
	base) where=$(place base) ;;
	debug | hmm) suffix+=-$word extra+=("$word") ;;
	gcov) suffix+=-gcov extra+=(gcov) vars+=(GCOV_PROFILE_ksm.o=y) ;;
	stress-*)
		[[ -f $ROOT/configs/$word.config ]] || die "there is no configs/$word.config"
		suffix+=-$word extra+=(stress "$word")
		[[ $word != stress-kcsan ]] || vars+=(KCSAN_SANITIZE=n KCSAN_SANITIZE_ksm.o=y)
		;;
	arm64) suffix+=-arm64 arch=arm64 ;;
	um) arch=um ;;
	um-bench) suffix+=-bench extra+=(um-bench) arch=um ;;
	--path) path=1 ;;
	*)
		series_topic "$word"
		where=$(place "$word")
		;;
	esac
done
src=${SRC:-$where/linux} out=${OUT:+$BUILD/$OUT}
vars+=(ARCH="$arch") fragments=("$ROOT/configs/test.config" "$ROOT/configs/$arch.config")
[[ $arch == um ]] || out=${out:-$where/kernel$suffix}
case $arch in
x86_64) image=$out/arch/x86/boot/bzImage total=2000 ;;
arm64) image=$out/arch/arm64/boot/Image total=2300 vars+=(CROSS_COMPILE=aarch64-linux-gnu-) ;;
um)
	out=${out:-$where/um$suffix} image=$out/linux total=800
	vars+=(SUBARCH=x86_64) fragments=("$ROOT/configs/um.config")
	;;
esac
if [[ $path ]]; then
	say "$image"
	exit 0
fi

[[ $arch != arm64 ]] || "$ROOT/tools-testing/deps.sh" arm64
# What another release wants otherwise.
if [[ $BACKPORT && $arch != um ]]; then fragments+=("$ROOT/configs/$KERNEL_VERSION.config"); fi
for word in "${extra[@]}"; do fragments+=("$ROOT/configs/$word.config"); done
# The tree without the series has no unit tests of KSM.
if [[ $arch != um ]] && grep -q '^config KSM_KUNIT_TEST' "$src/mm/Kconfig"; then
	fragments+=("$ROOT/configs/kunit.config")
fi
out_name=${out#"$BUILD/"}
lock "${out_name//\//-}"
need_space 1
mkdir -p "$out"
log=$out/build.log
[[ ! -e $image ]] || total=0
say "building ${image#"$ROOT"/} of ${src#"$ROOT"/}$([[ $total == 0 ]] || say " (from nothing: 4 to 8 minutes on 2 processors)")"
configure "$src" "$out" "${vars[@]}" "${fragments[@]}"
build "$src" "$out" "$log" "$total" "${vars[@]}" "${image##*/}"
