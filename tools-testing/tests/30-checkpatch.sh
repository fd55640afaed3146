#!/bin/bash
# checkpatch --strict has nothing to say about any patch
. "$(dirname "$0")/../checks.sh"

# Sign-offs are the sender's (make mbox). The tree has no history in which a
# commit that a patch names could be looked up.
spelling=()
ignore=MISSING_SIGN_OFF,NO_AUTHOR_SIGN_OFF,UNKNOWN_COMMIT_ID
# A new file asks for a look at MAINTAINERS; fine if an entry covers it already.
covered() {
	local file
	for file in $(kgit diff --name-only --diff-filter=AR base ksm); do
		(cd "$TREE" && perl scripts/get_maintainer.pl --no-git --no-git-fallback --no-rolestats \
			--subsystem -f "$file") | grep -vE '@|^THE REST$' | grep . || return 1
	done
}
check "MAINTAINERS covers the new files" covered
ignore=$ignore,FILE_PATH_CHANGES

# where Debian has the words; checkpatch looks elsewhere
words=/usr/lib/python3/dist-packages/codespell_lib/data/dictionary.txt
[[ ! -f $words ]] || spelling=(--codespell --codespellfile "$words")
cd "$TREE"
# one PATCH: what checkpatch says, in a file of its own. It does not know the
# layout that all TRACE_EVENTs have.
one() {
	local status=0
	perl scripts/checkpatch.pl --strict --terse --showfile "${@:2}" --show-types \
		--color=never --ignore "$ignore" "$ROOT/patches/$1" > "$scratch/$1.all" || status=$?
	[[ $status == 0 || ($status == 1 && -s $scratch/$1.all) ]] || echo "checkpatch ended with status $status" >> "$scratch/$1.all"
	grep -vE '^total: |^include/trace/events/.*(OPEN_ENDED_LINE|PARENTHESIS_ALIGNMENT)' "$scratch/$1.all" > "$scratch/$1" || true
}
export -f one
export scratch ROOT ignore
series_names | xargs -P "$(nproc)" -I{} bash -euc 'one "$@"' - {} "${spelling[@]}"
while read -r name; do
	cat "$scratch/$name" >&2
	check "$name" test ! -s "$scratch/$name"
done < <(series_names)
finish
