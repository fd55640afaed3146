# shellcheck shell=bash
# Lists of faults for mm/ksm.c and a tree to put them in, for mutants.sh and fish.sh;
# source it after lib.sh.

# faults LIST: the name, the description and the substitution of each, ended by a NUL.
faults() {
	perl -00 -ne 'next if /^#/; /^([a-z0-9-]+): (.*)\n([\s\S]*?)\n*$/ or die "list: what is this?\n$_";
		print "$1\0$2\0$3\0"' "$1"
}

# faults_tree DIR: makes it one of branch ksm; then "clean" makes it as that is. git gives
# what changed a new time, and only that: so little is built again.
faults_tree() {
	src=$1
	if ! git -C "$src" rev-parse -q --verify HEAD > /dev/null 2>&1; then
		rm -rf "$src"
		kgit worktree prune
		kgit worktree add -q -f -f --detach "$src" ksm
	fi
	trap clean EXIT
	trap 'exit 130' INT TERM
	clean
}
clean() { git -C "$src" reset -q --hard && git -C "$src" checkout -q --detach "$(kgit rev-parse ksm)"; }

# put_fault SUBSTITUTION: into the tree, which is clean otherwise
put_fault() {
	clean
	[[ ! $1 ]] || perl -0777 -i -pe "$1" "$src/mm/ksm.c"
}

# fault_fits NAME SUBSTITUTION LIST: fails unless there is something to substitute
fault_fits() {
	perl -0777 -ne "exit !($2)" "$src/mm/ksm.c" ||
		die "the fault $1 does not fit mm/ksm.c any more; mend it in $3"
}
