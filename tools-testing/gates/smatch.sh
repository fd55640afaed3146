#!/bin/bash
# build: smatch has no new warning, where there is one
. "$(dirname "$0")/../gate.sh"
. "$ROOT/tools-testing/warnings.sh"

command -v smatch > /dev/null || verdict SKIP "smatch is not installed, and Debian has no package of it"
new_warnings smatch ARCH=x86_64 C=2 'CHECK=smatch -p=kernel'
