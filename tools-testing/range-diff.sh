#!/bin/bash
# range-diff.sh TAG: git range-diff of the series as it is in that commit of this
# repository and branch ksm of build/linux, on the same base.
#
# range-diff.sh --tip TAG [TOPIC]: only makes commits of it, or of one topic of it,
# in build/linux, where no branch holds them, and prints the last one's id.
. "$(dirname "$0")/lib.sh"

only=
[[ ${1:-} != --tip ]] || { only=1; shift; }
since=${1:-}
[[ $since ]] || die "since when? make range-diff SINCE=posted-v1"
[[ -d $TREE/.git ]] || die "there is no $TREE yet; run 'make tree'"
commit=$(git -C "$ROOT" rev-parse -q --verify --end-of-options "$since^{commit}" 2> /dev/null) ||
	die "SINCE=$since: this repository has no such commit"

# What mbox.sh reads is the id alone.
lock tree >&2
old=$BUILD/range-diff.tmp
trap 'rm -rf "$old" "$TREE/.git/ksm-apply"' EXIT
rm -rf "$old"
mkdir -p "$old"
patches=${PATCHES#"$ROOT/"} series=${SERIES#"$ROOT/"}
git -C "$ROOT" -c core.autocrlf=false archive "$commit" "$patches" "$series" 2> /dev/null |
	tar -x -C "$old" 2> /dev/null || die "SINCE=$since: there is no series in that commit"
tip=$(
	ROOT=$old PATCHES=$old/$patches SERIES=$old/$series
	remedy="there is nothing to compare with"
	{ series_topic "${@:2}" && apply_series "${@:2}"; } 2> "$old/errors"
	say "$tip"
) || die "SINCE=$since: $(sed '$!d; s/^error: //' "$old/errors")"

# A pager would keep the lock.
if [[ $only ]]; then say "$tip"; else kgit --no-pager range-diff --color=auto "base..$tip" base..ksm; fi
