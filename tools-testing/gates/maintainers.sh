#!/bin/bash
# patch: get_maintainer.pl knows who looks after each file it adds, by name
. "$(dirname "$0")/../gate.sh"

# It asks the MAINTAINERS of the patch, which may add a line for its own file.
mkdir -p "$scratch/tree"
kgit archive "$commit" MAINTAINERS CREDITS scripts/get_maintainer.pl | tar -x -C "$scratch/tree"
# What it takes for the top of a kernel's tree
mkdir -p "$scratch/tree"/{Documentation,arch,drivers,fs,include,init,ipc,kernel,lib,scripts}
touch "$scratch/tree"/{COPYING,Kbuild,Makefile,README}
n=0
while read -r file; do
	n=$((n + 1))
	mkdir -p "$scratch/tree/$(dirname "$file")"
	kgit show "$commit:$file" > "$scratch/tree/$file"
	(cd "$scratch/tree" && perl scripts/get_maintainer.pl --no-git --no-git-fallback --rolestats -f "$file") > "$scratch/who" 2> "$scratch/errors" ||
		complain "$file: get_maintainer.pl: $(head -n 1 "$scratch/errors")"
	grep -qE '\((maintainer|supporter):' "$scratch/who" || complain "$file has no maintainer in MAINTAINERS"
	grep -q 'linux-mm@kvack.org' "$scratch/who" || complain "$file is not in a section of linux-mm"
done < <(added :/)
judge "$n new files"
