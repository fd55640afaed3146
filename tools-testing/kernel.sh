#!/bin/bash
# kernel.sh [base] [debug] [um]: builds the test kernel: of the tree with the
# series, or without (base); with the kernel's own checks (debug); as a program
# that runs on this machine (um).
# kernel.sh --path ...: only prints where that kernel is, or will be.
. "$(dirname "$0")/lib.sh"

src=$TREE suffix='' path='' debug='' um=''
for word; do
	case $word in
	base) src=$BASE_TREE suffix=-base ;;
	debug) debug=-debug ;;
	um) um=um ;;
	--path) path=1 ;;
	*) die "kernel.sh: what is '$word'?" ;;
	esac
done
if [[ $um ]]; then
	out=$BUILD/um$suffix image=$BUILD/um$suffix/linux
	target=linux vars=(ARCH=um SUBARCH=x86_64) total=800
	fragments=("$ROOT/configs/um.config")
else
	out=$BUILD/kernel$suffix$debug image=$BUILD/kernel$suffix$debug/arch/x86/boot/bzImage
	target=bzImage vars=(ARCH=x86_64) total=1650
	fragments=("$ROOT/configs/test.config")
	[[ ! $debug ]] || fragments+=("$ROOT/configs/debug.config")
fi
if [[ $path ]]; then
	say "$image"
	exit 0
fi

lock "${out##*/}"
need_space 1
mkdir -p "$out"
log=$out/build.log
[[ ! -e $image ]] || total=0
say "building ${image#"$ROOT"/} of ${src#"$ROOT"/}$([[ $total == 0 ]] || say " (from nothing: 4 to 8 minutes on 2 processors)")"
configure "$src" "$out" "${vars[@]}" "${fragments[@]}"
build "$src" "$out" "$log" "$total" "${vars[@]}" "$target"
