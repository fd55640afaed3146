#!/bin/bash
# build: gcc has no new warning with W=1
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/warnings.sh"

new_warnings gcc-w1 ARCH=x86_64 W=1
