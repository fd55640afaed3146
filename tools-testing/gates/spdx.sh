#!/bin/bash
# patch: every new file begins with its licence, in the comment that its kind has
. "$(dirname "$0")/../gate.sh"

n=0
while read -r file; do
	n=$((n + 1))
	kgit show "$commit:$file" > "$scratch/file"
	first=$(sed -n '1{/^#!/n;p;q}' "$scratch/file")
	case $file in
	*.kunitconfig | */config | *.known) continue ;;
	*.h) want='/\* SPDX-License-Identifier: [^ ].* \*/' ;;
	*.c) want='// SPDX-License-Identifier: [^ ].*' ;;
	*.rst) want='\.\. SPDX-License-Identifier: [^ ].*' ;;
	*) want='# SPDX-License-Identifier: [^ ].*' ;;
	esac
	[[ $first =~ ^$want$ ]] || complain "$file begins with: $first"
done < <(added :/)
judge "$n new files"
