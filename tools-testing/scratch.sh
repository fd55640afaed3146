# shellcheck shell=bash
# A tree to try things in, shared by the tests and the gates; source it after
# lib.sh. "pristine" brings it to a commit; files that are the same there keep
# their times.
SCRATCH_TREE=$BUILD/test/linux
pristine() {
	if ! git -C "$SCRATCH_TREE" rev-parse -q --verify HEAD > /dev/null 2>&1 ||
	   [[ $(git -C "$SCRATCH_TREE" rev-parse --show-toplevel) != "$SCRATCH_TREE" ]]; then
		rm -rf "$SCRATCH_TREE" "$SCRATCH_TREE.tmp"
		mkdir -p "${SCRATCH_TREE%/*}"
		kgit worktree prune
		kgit worktree add -q -f -f --detach "$SCRATCH_TREE.tmp" base
		kgit worktree move "$SCRATCH_TREE.tmp" "$SCRATCH_TREE"
	fi
	rm -rf "$SCRATCH_TREE/.pc"
	rm -f "$(sgit rev-parse --absolute-git-dir)/index.lock"
	sgit am --abort > /dev/null 2>&1 || true
	sgit reset -q --hard
	sgit checkout -q --detach "$1"
	# What git ignores as well: a gate may have left it, and a test adds all there is.
	sgit clean -q -f -d -x
}
sgit() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null \
		GIT_COMMITTER_NAME=Test GIT_COMMITTER_EMAIL=test@example.org \
		git -C "$SCRATCH_TREE" "$@"
}
