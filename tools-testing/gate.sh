# shellcheck shell=bash
# What the gates share. A gate is called with a commit of build/linux, that of the
# tip by default; it prints what it has to complain about and, as its last line, one
# word and the reason: PASS, WARN, FAIL or SKIP.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Where a series begins whose gates are tested; a commit
BASE=${BASE:-base}
commit=$(kgit rev-parse --verify -q "${1:-ksm}^{commit}") || die "there is no commit '${1:-ksm}' in $TREE"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# verdict WORD [REASON]: ends the gate.
verdict() { say "$*"; exit 0; }
# judge REASON: FAIL if anything was written to the file complaints, which is shown
complaints=$scratch/complaints
: > "$complaints"
complain() { say "$*" >> "$complaints"; }
judge() {
	local n
	n=$(wc -l < "$complaints")
	cat "$complaints"
	((n == 0)) || verdict FAIL "$(head -n 1 "$complaints")$( ((n == 1)) || echo ", and $((n - 1)) more")"
	verdict PASS "$@"
}
# The files that it adds, or that it adds or changes, one a line
added() { kgit diff-tree -r --no-commit-id --name-only --no-renames --diff-filter=A "$commit" -- "$@"; }
changed() { kgit diff-tree -r --no-commit-id --name-only --no-renames --diff-filter=AM "$commit" -- "$@"; }
