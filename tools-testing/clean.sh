#!/bin/bash
# make clean: removes all of build/ but what costs a download or the work of
# others: the kernel's tree and the compiler cache.
. "$(dirname "$0")/lib.sh"

[[ -d $BUILD ]] || exit 0
find "$BUILD" -mindepth 1 -maxdepth 1 ! -name linux ! -name ccache -exec rm -rf {} +
[[ ! -d $TREE/.git ]] || kgit worktree prune
