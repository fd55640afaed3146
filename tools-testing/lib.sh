# shellcheck shell=bash disable=SC2034
# What the scripts share: where things are, how they speak, how they call
# git and the kernel's make. Source it, do not run it.

set -euo pipefail
umask 022
export LC_ALL=C

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=$ROOT/build
PATCHES=$ROOT/patches
SERIES=$ROOT/series
MAINLINE=7.3				# the release the series is written for
KERNEL_VERSION=${KERNEL:-$MAINLINE}
BACKPORT=
CACHE=$ROOT/build/ccache		# the compiler's, one for all releases

# Make hands its own flags and every variable of its command line down; the
# kernel's make and the tests must see neither.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL GNUMAKEFLAGS

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# KERNEL=6.12: the series as it was ported to that release. What is made for it
# lies in build/6.12, in the same places as for mainline in build.
kernels() { (cd "$ROOT/patches/backports" && printf '%s\n' */series "$MAINLINE/") | cut -d/ -f1 | sort -uV; }
if [[ $KERNEL_VERSION != "$MAINLINE" ]]; then
	PATCHES=$ROOT/patches/backports/$KERNEL_VERSION
	SERIES=$PATCHES/series
	BUILD=$ROOT/build/$KERNEL_VERSION
	BACKPORT=1
	[[ $KERNEL_VERSION =~ ^[0-9]+\.[0-9]+$ && -f $SERIES ]] ||
		die "KERNEL=$KERNEL_VERSION: the series is not ported to that; there are: $(kernels | paste -sd ' ')"
fi
TREE=$BUILD/linux			# branches base and ksm
BASE_TREE=$BUILD/base/linux		# a worktree of base, without the series
export RUNS=$BUILD/run			# where run.sh leaves what a guest said

case $ROOT in
*[[:space:]:]*) die "'$ROOT': the kernel does not build below a directory whose name holds a space or a colon; move this repository" ;;
esac

# One script at a time in each part of build/; the lock goes with the process.
lock() {
	mkdir -p "$BUILD"
	exec {lock_fd}> "$BUILD/.$1.lock"
	flock -n "$lock_fd" && return
	say "waiting for another run to finish with $1 ..."
	flock "$lock_fd"
}

# need_space GB: fail early, not half-way through an unpack.
need_space() {
	local free
	mkdir -p "$BUILD"
	free=$(df -Pk "$BUILD" | awk 'NR == 2 { print int($4 / 1048576) }')
	((free >= $1)) || die "$BUILD needs $1 GB of free disk space and has $free; make room there"
}

# git on the kernel tree: nobody's settings, so that the same input gives the
# same output (and the same commit ids) everywhere.
kgit() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null \
		git -C "$TREE" -c core.autocrlf=false -c core.commentChar=';' "$@"
}

# series_names [TOPIC]...: the patches in the file series, or of these topics alone.
series_names() {
	[[ -f $SERIES ]] || return 0
	awk -v wanted=" $* " '
		/^# Topic / { topic = $3; sub(/:$/, "", topic) }
		{ sub(/#.*/, ""); sub(/[ \t]+$/, "") }
		$0 != "" && (wanted ~ /^ *$/ || index(wanted, " " topic " "))' "$SERIES"
}
# The topics of series: each applies to the base without the other.
series_topics() { sed -n 's/^# Topic \([a-z]*\):.*/\1/p' "$SERIES"; }
# series_topic WORD...: fails unless each is one
series_topic() {
	local word
	for word; do
		series_topics | grep -qxF -- "$word" || die "series has no topic '$word'; it has: $(series_topics | paste -sd ' ')"
	done
}
# Where the tree and the kernels of base or of one topic are. In each the tree is
# called linux and lies beside what is built of it: the compiler cache, which sees
# names from there, then takes one for another where the sources are the same.
place() { say "$BUILD${1:+/$1}"; }

# export_patches DIR: the commits of branch ksm as files in the new directory
# DIR. Every choice git leaves to its settings is made here, and what depends
# on the base or on git's version (hashes, signature) is left out.
export_patches() {
	mkdir -p "$1"
	[[ ! $(kgit rev-list --merges base..ksm) ]] || die "branch ksm of $TREE holds a merge; rebase it to a line of patches"
	kgit merge-base --is-ancestor base ksm || die "branch ksm of $TREE does not start from its branch base; rebase it"
	kgit format-patch -q -o "$1" --zero-commit --no-signature -N --stat=72 \
		--diff-algorithm=myers --indent-heuristic -U3 -M --no-ext-diff --no-textconv \
		--no-color --src-prefix=a/ --dst-prefix=b/ --no-attach --no-thread --no-base \
		--no-notes --no-cover-letter --encode-email-headers \
		--filename-max-length=64 --suffix=.patch base..ksm
	find "$1" -name '*.patch' -exec sed -i '/^diff --git /,/^@@ /{/^index [0-9a-f]*\.\./d}' {} +
}

# What `make tree` and `make refresh` note in build/linux: the patches and the
# commit that belong together. As long as both are as noted, branch ksm holds
# nothing that patches/ does not.
series_key() {
	{ series_names | sed "s|^|$PATCHES/|" | xargs -r -d '\n' cat 2> /dev/null || true; } | sha256sum | cut -d' ' -f1
}
note_applied() { printf '%s %s\n' "$(series_key)" "$(kgit rev-parse ksm)" > "$TREE/.git/ksm-applied"; }

# apply_series [TOPIC]...: sets tip to the series, or some topics of it, on top of
# base. What git am does, but in an index of its own: nothing is half applied when
# a patch fails, no file is touched that ends up as it was, and as the patch's
# author and date stand for the committer's, the same patches make the same commits.
apply_series() {
	local name key value dir=$TREE/.git/ksm-apply
	local -A header
	rm -rf "$dir"
	mkdir -p "$dir"
	tip=$(kgit rev-parse base)
	GIT_INDEX_FILE=$dir/index kgit read-tree base
	for name in $(series_names "$@"); do
		[[ -f $PATCHES/$name ]] || die "${SERIES#"$ROOT/"} names $name, which is not in ${PATCHES#"$ROOT/"}/"
		kgit mailinfo "$dir/body" "$dir/patch" < "$PATCHES/$name" > "$dir/info" ||
			die "${PATCHES#"$ROOT/"}/$name is not a patch in mail format"
		GIT_INDEX_FILE=$dir/index kgit apply --cached --whitespace=nowarn "$dir/patch" 2> "$dir/errors" || {
			head -n 3 "$dir/errors" >&2
			die "${PATCHES#"$ROOT/"}/$name does not apply to Linux $(base_version); ${remedy:-it is not what the series is for}"
		}
		header=()
		while IFS=: read -r key value; do [[ ! $key ]] || header[$key]=${value# }; done < "$dir/info"
		tip=$(
			export GIT_AUTHOR_NAME=${header[Author]} GIT_AUTHOR_EMAIL=${header[Email]} GIT_AUTHOR_DATE=${header[Date]}
			export GIT_COMMITTER_NAME=${header[Author]} GIT_COMMITTER_EMAIL=${header[Email]} GIT_COMMITTER_DATE=${header[Date]}
			{ printf '%s\n\n' "${header[Subject]}"; cat "$dir/body"; } | git stripspace |
				kgit commit-tree -p "$tip" -F - "$(GIT_INDEX_FILE=$dir/index kgit write-tree)"
		) || die "${PATCHES#"$ROOT/"}/$name lacks an author, a date or a subject"
	done
	rm -rf "$dir"
}

# cover_text TOPIC: its part of the cover letter, which begins after a line
# "== topic TOPIC ==", without what git generates, which begins at "Name (3):".
cover_text() {
	awk -v wanted="$1" '/^== topic .* ==$/ { mine = $3 == wanted; next } mine' "$ROOT/cover-letter.txt" |
		sed -E '/^[^[:space:]].* \([0-9]+\):$/,$d' | sed -E -e '/./,$!d' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# The version of the base tree, such as 7.3.4; or that of a Makefile.
base_version() { kgit show base:Makefile | makefile_version; }
makefile_version() {
	awk '
		/^(VERSION|PATCHLEVEL|SUBLEVEL) *=/ { v[$1] = $3 }
		END { print v["VERSION"] "." v["PATCHLEVEL"] (v["SUBLEVEL"] > 0 ? "." v["SUBLEVEL"] : "") }'
}

# clock SECONDS: as minutes and seconds
clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# kenv COMMAND...: in an environment that holds nothing of the caller's (ARCH,
# CFLAGS, V, DEBUG ... would all change what is built) and no date or host
# name, so that ccache recognises what it has seen, in whichever tree. Not in its
# depend mode: that is faster, but does not see that an image takes in a file by
# .incbin, and then gives out one that holds another kernel of the same size. The
# namespace keeps away from what was cached so. What gcc was given preprocessed is
# compiled as it is, not preprocessed again; clang then warns of what macros hid.
kenv() {
	local cpp=CCACHE_NOCPP2
	[[ " $* " != *" LLVM="* ]] || cpp=CCACHE_CPP2
	env -i "$cpp=1" HOME="${HOME:-/}" TMPDIR="${TMPDIR:-/tmp}" LC_ALL=C \
		PATH="/usr/lib/ccache:$PATH:/usr/sbin:/sbin" \
		CCACHE_DIR="$CACHE" CCACHE_MAXSIZE=4G CCACHE_NAMESPACE=1 CCACHE_BASEDIR="$BUILD" LOCALVERSION= \
		KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' \
		KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=ksm KBUILD_BUILD_HOST=test "$@"
}

# kmake SRC OUT ...: the kernel's make.
kmake() {
	local src=$1 out=$2
	shift 2
	kenv make --no-print-directory -C "$src" O="$out" "$@"
}

# configure SRC OUT [VAR=VALUE]... FRAGMENT...: tinyconfig, or CONFIGURE_FROM (one of
# make's targets, or some in turn), plus the fragments.
# Left alone when neither they nor the kernel's options have changed. An option that Kconfig
# dropped is an error: the kernel would lack what a test relies on.
configure() {
	local src=$1 out=$2 stamp line lost=()
	local -a vars=() fragments=()
	shift 2
	for line; do
		case $line in *=*) vars+=("$line") ;; *) fragments+=("$line") ;; esac
	done
	mkdir -p "$out"
	stamp=$(printf '%s\n' "$src" ${CONFIGURE_FROM:+"$CONFIGURE_FROM"} "${vars[@]}" | cat - "${fragments[@]}" | sha256sum)
	if [[ $(cat "$out/.fragments" 2> /dev/null) == "$stamp" &&
	      ! $(find "$src" -name 'Kconfig*' -newer "$out/.fragments" -print -quit) ]]; then
		return
	fi
	if [[ ! -f $out/.config || $(cat "$out/.fragments" 2>/dev/null) != "$stamp" ]]; then
		rm -f "$out/.fragments"
		# shellcheck disable=SC2086 # several words are several targets
		kmake "$src" "$out" -s "${vars[@]}" ${CONFIGURE_FROM:-tinyconfig}
		"$src/scripts/kconfig/merge_config.sh" -m -Q -O "$out" "$out/.config" \
			"${fragments[@]}" > /dev/null
	fi
	kmake "$src" "$out" -s "${vars[@]}" olddefconfig
	while read -r line; do
		case $line in
		CONFIG_*) grep -qxF -- "$line" "$out/.config" || lost+=("$line") ;;
		'# CONFIG_'*' is not set') ! grep -q "^${line:2:-11}=" "$out/.config" || lost+=("$line") ;;
		esac
	done < <(last_values "${fragments[@]}")
	[[ ${#lost[@]} == 0 ]] || die "${fragments[*]#"$ROOT/"}: Kconfig did not take: ${lost[*]} (a dependency is missing from the fragment)"
	printf '%s\n' "$stamp" > "$out/.fragments"
}

# The options of some fragments; a later fragment overrides an earlier one.
last_values() {
	awk '/^CONFIG_/ { split($0, a, "="); v[a[1]] = $0 }
	     /^# CONFIG_.* is not set/ { v[$2] = $0 }
	     END { for (o in v) print v[o] }' "$@"
}

# progress TOTAL: reads make's output, says now and then how far it is. TOTAL
# is how many steps a build from nothing takes, which is what an estimate of
# the time left can be based on; 0 when only a part will be built.
progress() {
	local total=$1 n=0 next=15 start=$SECONDS t line
	while IFS= read -r line; do
		[[ $line =~ ^\ \ [A-Z]+\ + ]] || continue
		n=$((n + 1))
		t=$((SECONDS - start))
		((t >= next)) || continue
		next=$((t + 15))
		if ((total > n)); then
			say "  $n of about $total steps, $(clock $t) so far, about $(clock $((t * (total - n) / n))) to go"
		else
			say "  $n steps, $(clock $t) so far"
		fi
	done
	((n == 0)) || say "  $n steps, $(clock $((SECONDS - start)))"
}

# build SRC OUT LOG TOTAL ARGUMENT...: make with progress; the whole output
# goes to LOG, and from there the errors to the user when it fails.
build() {
	local src=$1 out=$2 log=$3 total=$4
	shift 4
	if ! kmake "$src" "$out" -j"$(nproc)" "$@" 2>&1 | tee "$log" | progress "$total"; then
		grep -m 10 -E 'error|Error|undefined reference|\*\*\*' "$log" >&2 || tail -n 10 "$log" >&2
		die "the build failed; all of its output is in $log"
	fi
}
