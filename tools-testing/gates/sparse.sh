#!/bin/bash
# build: sparse has no new warning
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/warnings.sh"

# Debian's sparse, 0.6.4, lacks one keyword, for which the kernel refuses it.
# To a checker the older one means nearly the same.
new_warnings sparse ARCH=x86_64 C=2 'CHECK=sparse -D__typeof_unqual__=__typeof__'
