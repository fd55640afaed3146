#!/bin/bash
# this repository's own files: shellcheck and codespell find nothing
. "$(dirname "$0")/../checks.sh"

cd "$ROOT"
files() { find . \( -path ./build -o -path ./.git \) -prune -o -type f "$@" -print; }
while read -r file; do
	check "shellcheck ${file#./}" shellcheck -x "$file"
done < <({ files -name '*.sh'; files -path './.ci/*'; } | xargs grep -lE '^#!.*sh$|^# shellcheck shell=' | sort)
mapfile -t texts < <(files \( -name '*.md' -o -name '*.txt' -o -name '*.rst' -o -name '*.sh' -o -name '*.[ch]' -o -name Makefile -o -name '*.config' \))
check "spelling" codespell -q 3 "${texts[@]}"
finish
