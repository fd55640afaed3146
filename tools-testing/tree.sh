#!/bin/bash
# tree.sh [base] [TOPIC]...: build/linux, a git tree with the pristine kernel on
# branch base and the series, a commit a patch, on branch ksm, checked out. With
# "base", also build/base/linux, where branch base is checked out; with a topic of
# series, build/TOPIC/linux with the patches of that one alone.
#
# tree.sh --path [base | TOPIC]: only prints where that is, or will be.
#
# The kernel comes from $LINUX (a git tree, its HEAD; or an unpacked tarball;
# neither is modified), or else from Debian. Commits and edits of one's own in
# build/linux are never thrown away. With KERNEL=6.12 all of this is of that release
# and in build/6.12.
. "$(dirname "$0")/lib.sh"

if [[ ${1:-} == --path ]]; then
	say "$(place "${2:-}")/linux"
	exit 0
fi
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

# The series on branch ksm, checked out. The mark is there while files change:
# a run that was interrupted is then not taken for somebody's edits.
check_out_series() {
	local tip
	apply_series
	: > "$TREE/.git/ksm-updating"
	kgit checkout -q -f -B ksm "$tip"
	note_applied
	rm "$TREE/.git/ksm-updating"
	say "${final#"$ROOT/"}: Linux $(base_version) and $(kgit rev-list --count base..ksm) patches"
}

# Is there something in build/linux that exists nowhere else?
own_work() {
	[[ ! -f $TREE/.git/ksm-updating ]] || return 1
	[[ $(kgit symbolic-ref -q HEAD) == refs/heads/ksm && ! $(kgit status --porcelain -uno) ]] || return 0
	[[ $(kgit rev-parse ksm) != "$applied" ]] || return 1
	# not as it was noted, but perhaps just what patches/ holds
	rm -rf "$BUILD/tree.tmp"
	(export_patches "$BUILD/tree.tmp") > /dev/null 2>&1 && diff -q -x series -x backports "$BUILD/tree.tmp" "$PATCHES" > /dev/null && return 1
	return 0
}

make_tree() {
	need_space 5
	TREE=$final.tmp
	rm -rf "$TREE"
	make_base
	check_out_series
	say "$wanted" > "$TREE/.git/ksm-source"
	if [[ -e $final ]]; then
		rm -rf "$final.old"
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
		say "note: $TREE holds work that is not in ${PATCHES#"$ROOT/"}/; left as it is ('make refresh' writes it there)"
	elif [[ $(kgit rev-parse ksm) == "$applied" ]]; then
		check_out_series
	else
		note_applied
	fi
}

# make_worktree NAME COMMIT: build/NAME/linux. Made under another name and then
# moved, like the rest.
make_worktree() {
	local dir new
	dir=$(place "$1")/linux
	if git -C "$dir" rev-parse -q --verify "$2^{commit}" > /dev/null 2>&1 && [[ ! $(git -C "$dir" status --porcelain -uno) ]]; then
		[[ $(git -C "$dir" rev-parse HEAD) == "$2" ]] || git -C "$dir" checkout -q --detach "$2"
		return
	fi
	[[ ! -e $dir/.git || ! $(git -C "$dir" status --porcelain -uno 2> /dev/null) ]] ||
		die "$dir holds work that is not committed; this tree is made from ${PATCHES#"$ROOT/"}/, so move the work to $TREE"
	say "checking out $3 in ${dir#"$ROOT"/}"
	need_space 2
	new=$dir.tmp
	mkdir -p "${dir%/*}"
	rm -rf "$dir" "$new"
	kgit worktree prune
	kgit worktree add -q -f -f --detach "$new" "$2"
	kgit worktree move "$new" "$dir"
}

final=$TREE
lock tree
wanted=$(describe_source)
[[ ! $linux ]] || linux=$(realpath "$linux")
key='' applied=''
trap 'rm -rf "$BUILD/linux.tmp" "$BUILD/tree.tmp" "$BUILD/apt"' EXIT
trap 'exit 130' INT TERM
# An interruption between two renames leaves the tree under its old name.
[[ -e $TREE || ! -e $TREE.old ]] || mv "$TREE.old" "$TREE"
if [[ -e $TREE ]]; then update_tree; else make_tree; fi
for word; do
	case $word in
	base) make_worktree base "$(kgit rev-parse base)" "the kernel without the series" ;;
	*)
		series_topic "$word"
		apply_series "$word"
		make_worktree "$word" "$tip" "the kernel with the topic $word alone"
		;;
	esac
done
