#!/bin/bash
# tree.sh [base]: build/linux, a git tree with the pristine kernel on branch
# base and the series, a commit a patch, on branch ksm, checked out. With
# "base", also build/linux-base, where branch base is checked out.
#
# The kernel comes from $LINUX (a git tree, its HEAD; or an unpacked tarball;
# neither is modified), or else from Debian. Commits and edits of one's own in
# build/linux are never thrown away.
. "$(dirname "$0")/lib.sh"

linux=${LINUX:-}
remedy="pass a tree of Linux $KERNEL_VERSION with LINUX=/path/to/linux"

# What build/linux is made from; noted in it, to see when LINUX= changes.
describe_source() {
	[[ $linux ]] || { say "Debian's package"; return; }
	[[ -f $linux/Makefile && -f $linux/mm/ksm.c ]] || die "LINUX=$linux is no Linux tree; $remedy"
	linux=$(realpath "$linux")
	[[ $linux != "$TREE" && $linux != "$BASE_TREE" ]] || die "LINUX=$linux is what this makes; $remedy"
	if is_git; then
		check_version "$(git -C "$linux" show HEAD:Makefile | makefile_version)"
		say "$linux at $(git -C "$linux" rev-parse HEAD)"
	else
		check_version "$(makefile_version < "$linux/Makefile")"
		say "$linux"
	fi
}
check_version() {
	[[ $1 == "$KERNEL_VERSION" || $1 == "$KERNEL_VERSION".* ]] ||
		die "LINUX=$linux is Linux $1 and the series is for $KERNEL_VERSION; $remedy"
}
is_git() { [[ $(git -C "$linux" rev-parse --show-toplevel 2>/dev/null) == "$(realpath "$linux")" ]]; }

# A kernel without history becomes one commit, with the same id wherever and
# whenever it is made.
import_base() {
	say "making a git tree of it (about a minute)"
	git init -q -b base "$TREE"
	kgit config gc.auto 0
	# A work tree that was built in is brought back to its sources first.
	if [[ -f $TREE/.config || -d $TREE/include/config || -d $TREE/include/generated ]]; then
		make -s -C "$TREE" mrproper || die "LINUX=$linux was built in and 'make mrproper' fails in a copy of it; $remedy"
	fi
	kgit -c core.looseCompression=1 -c core.fsync=none add -f -A
	GIT_AUTHOR_NAME=Linux GIT_AUTHOR_EMAIL=linux@localhost GIT_AUTHOR_DATE='@0 +0000' \
	GIT_COMMITTER_NAME=Linux GIT_COMMITTER_EMAIL=linux@localhost GIT_COMMITTER_DATE='@0 +0000' \
		kgit commit -q -m "Linux $(makefile_version < "$TREE/Makefile")"
	kgit -c pack.window=0 repack -q -a -d
}

make_base() {
	if [[ ! $linux ]]; then
		"$ROOT/tools-testing/source.sh" "$TREE" || exit 1
		import_base
	elif is_git; then
		say "cloning $linux (its HEAD; the objects stay there and are shared)"
		[[ ! $(git -C "$linux" status --porcelain -uno) ]] || say "note: what is not committed there is left out"
		git clone -q --shared --no-checkout "$linux" "$TREE" || die "git could not clone LINUX=$linux; $remedy"
		kgit config gc.auto 0
		kgit checkout -q --detach 2> /dev/null || true
		kgit for-each-ref --format='delete %(refname)' refs/heads | kgit update-ref --stdin
		kgit branch base HEAD
		kgit remote remove origin
	else
		say "copying $linux"
		cp -a --reflink=auto "$linux" "$TREE"
		chmod -R u+w "$TREE"
		rm -rf "$TREE/.git"
		import_base
	fi
}

# Sets tip to the series on top of base. What git am does, but in an index of
# its own: nothing is half applied when a patch fails, no file is touched that
# ends up as it was, and as the patch's author and date stand for the
# committer's, the same patches make the same commits.
apply_series() {
	local name key value dir=$TREE/.git/ksm-apply
	local -A mail
	rm -rf "$dir"
	mkdir -p "$dir"
	tip=$(kgit rev-parse base)
	GIT_INDEX_FILE=$dir/index kgit read-tree base
	for name in $(series_names); do
		[[ -f $ROOT/patches/$name ]] || die "series names $name, which is not in patches/"
		kgit mailinfo "$dir/body" "$dir/patch" < "$ROOT/patches/$name" > "$dir/info" ||
			die "patches/$name is not a patch in mail format"
		GIT_INDEX_FILE=$dir/index kgit apply --cached --whitespace=nowarn "$dir/patch" 2> "$dir/errors" || {
			head -n 3 "$dir/errors" >&2
			die "patches/$name does not apply to Linux $(base_version) from ${linux:-Debian}; $remedy"
		}
		mail=()
		while IFS=: read -r key value; do [[ ! $key ]] || mail[$key]=${value# }; done < "$dir/info"
		tip=$(
			export GIT_AUTHOR_NAME=${mail[Author]} GIT_AUTHOR_EMAIL=${mail[Email]} GIT_AUTHOR_DATE=${mail[Date]}
			export GIT_COMMITTER_NAME=${mail[Author]} GIT_COMMITTER_EMAIL=${mail[Email]} GIT_COMMITTER_DATE=${mail[Date]}
			{ printf '%s\n\n' "${mail[Subject]}"; cat "$dir/body"; } | git stripspace |
				kgit commit-tree -p "$tip" -F - "$(GIT_INDEX_FILE=$dir/index kgit write-tree)"
		) || die "patches/$name lacks an author, a date or a subject"
	done
	rm -rf "$dir"
}

# The series on branch ksm, checked out. The mark is there while files change:
# a run that was interrupted is then not taken for somebody's edits.
check_out_series() {
	apply_series
	: > "$TREE/.git/ksm-updating"
	kgit checkout -q -f -B ksm "$tip"
	note_applied
	rm "$TREE/.git/ksm-updating"
	say "build/linux: Linux $(base_version) and $(kgit rev-list --count base..ksm) patches"
}

# Is there something in build/linux that exists nowhere else?
own_work() {
	[[ ! -f $TREE/.git/ksm-updating ]] || return 1
	[[ $(kgit symbolic-ref -q HEAD) == refs/heads/ksm && ! $(kgit status --porcelain -uno) ]] || return 0
	[[ $(kgit rev-parse ksm) != "$applied" ]] || return 1
	# not as it was noted, but perhaps just what patches/ holds
	rm -rf "$BUILD/tree.tmp"
	(export_patches "$BUILD/tree.tmp") > /dev/null 2>&1 && diff -rq "$BUILD/tree.tmp" "$ROOT/patches" > /dev/null && return 1
	return 0
}

make_tree() {
	local final=$TREE
	need_space 5
	TREE=$final.tmp
	rm -rf "$TREE"
	make_base
	check_out_series
	say "$wanted" > "$TREE/.git/ksm-source"
	if [[ -e $final ]]; then
		rm -rf "$BASE_TREE" "$final.old"
		mv "$final" "$final.old"
	fi
	mv "$TREE" "$final"
	rm -rf "$final.old"
	TREE=$final
}

update_tree() {
	kgit rev-parse -q --verify base > /dev/null || die "$TREE has no branch base; move it away, or run 'make distclean'"
	read -r key applied < "$TREE/.git/ksm-applied" || true
	source=$(cat "$TREE/.git/ksm-source" 2>/dev/null || say "an unknown source")
	if [[ $linux && $source != "$wanted" ]]; then
		! own_work || die "$TREE is made from $source and holds work of your own: save it ('make refresh'), then 'make distclean' and again with LINUX="
		say "$TREE was made from $source; making it again from $wanted"
		make_tree
	elif [[ -f $TREE/.git/ksm-updating ]]; then
		rm -f "$TREE/.git/index.lock"
		kgit reset -q --hard
		check_out_series
	elif ! kgit rev-parse -q --verify ksm > /dev/null; then
		check_out_series
	elif [[ $(kgit rev-parse ksm) == "$applied" && $(series_key) == "$key" ]]; then
		:
	elif own_work; then
		say "note: $TREE holds work that is not in patches/; left as it is ('make refresh' writes it to patches/)"
	elif [[ $(kgit rev-parse ksm) == "$applied" ]]; then
		check_out_series
	else
		note_applied
	fi
}

# Made under another name and then moved, like the rest.
make_base_tree() {
	local commit
	commit=$(kgit rev-parse base)
	[[ $(git -C "$BASE_TREE" rev-parse HEAD 2>/dev/null) != "$commit" ]] || return 0
	say "checking out the kernel without the series in $BASE_TREE"
	need_space 2
	rm -rf "$BASE_TREE" "$BASE_TREE.tmp"
	kgit worktree prune
	kgit worktree add -q -f -f --detach "$BASE_TREE.tmp" base
	kgit worktree move "$BASE_TREE.tmp" "$BASE_TREE"
}

lock tree
wanted=$(describe_source)
[[ ! $linux ]] || linux=$(realpath "$linux")
key='' applied='' tip=
trap 'rm -rf "$BUILD/linux.tmp" "$BUILD/tree.tmp" "$BUILD/apt"' EXIT
trap 'exit 130' INT TERM
# An interruption between two renames leaves the tree under its old name.
[[ -e $TREE || ! -e $TREE.old ]] || mv "$TREE.old" "$TREE"
if [[ -e $TREE ]]; then update_tree; else make_tree; fi
[[ ${1:-} != base ]] || make_base_tree
