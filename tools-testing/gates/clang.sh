#!/bin/bash
# build: clang has no new warning with W=1
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/warnings.sh"

new_warnings clang-w1 ARCH=x86_64 LLVM=-19 'CC=ccache clang-19' W=1
