#!/bin/bash
# patch: git diff --check has nothing to say
. "$(dirname "$0")/../gate.sh"

kgit diff --check "$commit~" "$commit" > "$complaints" || true
judge "git diff --check is silent"
