# shellcheck shell=bash
# What the tests share. A test sources this and ends with "finish".
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bad=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

pass() { say "ok - $*"; }
fail() { say "not ok - $*"; bad=1; }
skip() { say "skip - $*"; }
finish() { exit "$bad"; }

# check TEXT COMMAND...: passes when the command succeeds; the log gets what
# it prints.
check() {
	local text=$1
	shift
	if "$@" >&2; then pass "$text"; else fail "$text"; fi
}

# The .c files of mm/ that the series touches.
touched() { kgit diff --name-only --diff-filter=AM base ksm -- 'mm/*.c'; }

. "$ROOT/tools-testing/scratch.sh"
