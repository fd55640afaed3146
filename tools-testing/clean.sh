#!/bin/bash
# make clean: removes all of build/ but what costs a download or the work of
# others: the kernels' trees and the compiler cache. With KERNEL=6.12 what was
# built for that alone.
. "$(dirname "$0")/lib.sh"

[[ -d $BUILD ]] || exit 0
keep=()
# Of another release that the series is ported to, too.
[[ $BACKPORT ]] || while read -r version; do
	keep+=(! -name "$version")
	[[ ! -d $BUILD/$version ]] || KERNEL=$version "$0"
done < <(kernels | grep -vxF "$MAINLINE")
find "$BUILD" -mindepth 1 -maxdepth 1 ! -name linux ! -name ccache "${keep[@]}" -exec rm -rf {} +
[[ ! -d $TREE/.git ]] || kgit worktree prune
