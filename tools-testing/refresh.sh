#!/bin/bash
# refresh.sh [--check]: writes patches/ and series from branch ksm of build/linux, and
# the shortlog and diffstat of each topic in cover-letter.txt. Changes nothing
# when nothing changed. With --check it only says what it would change, and
# fails when there is something. With KERNEL=6.12: patches/backports/6.12/ from
# branch ksm of build/6.12/linux; there is no cover letter then.
. "$(dirname "$0")/lib.sh"

check=${1:-}
new=$BUILD/refresh.tmp
[[ -d $TREE/.git ]] || die "there is no $TREE yet; run 'make tree'"
lock tree
trap 'rm -rf "$new"' EXIT
rm -rf "$new"
mkdir -p "$new"
[[ $check ]] || mkdir -p "$PATCHES"
[[ ! $(kgit status --porcelain -uno) ]] || say "note: what is not committed in $TREE is not in the patches"
[[ ! -d $TREE/.git/rebase-merge && ! -d $TREE/.git/rebase-apply ]] ||
	die "a rebase is under way in $TREE; finish it first"
export_patches "$new/patches"

# The same code on another 7.3.y has other line numbers and other context; the
# patches keep those of the version in series' first line unless more differs.
gist() { sed -E 's/^@@ .*//; /^ /d' "$1"/*.patch; (cd "$1" && ls -- *.patch); }
version=$(base_version)
was=$(sed -n '1s/.*line numbers of \([0-9.]*\).*/\1/p' "$SERIES" 2>/dev/null || true)
if [[ $was && $was != "$version" ]] && cmp -s <(gist "$new/patches") <(gist "$PATCHES"); then
	say "nothing changed (the line numbers stay those of Linux $was)"
	exit 0
fi

# series: the topics are comments that people write. One stays in front of
# the patches it stood in front of; a patch that is new has the topic of the one
# before it, or, if it is an old one renamed, of the one that was in its place. One
# that is new in front of all has that of the first.
(cd "$new/patches" && find . -name '*.patch' -printf '%f\n' | sort) > "$new/names"
cat "$SERIES" > "$new/series.old" 2> /dev/null || true
awk -v first="# base: Linux $KERNEL_VERSION (line numbers of $version)" '
	function slug(name) { sub(/^[0-9]+-/, "", name); return name }
	FILENAME == ARGV[1] {
		if (/^# base:/ || /^[ \t]*$/)
			next
		if (/^#/) {
			text = fresh ? text "\n" $0 : $0
			fresh = 1
			next
		}
		fresh = 0
		old[++olds] = slug($1)
		topic[slug($1)] = text
		next
	}
	{ name[++names] = $1; now[slug($1)] = 1 }
	END {
		print first
		t = topic[old[1]]
		for (i = 1; i <= names; i++) {
			s = slug(name[i])
			if (s in topic)
				t = topic[s]
			else if (i <= olds && !(old[i] in now))
				t = topic[old[i]]
			if (t != last)
				print t
			last = t
			print name[i]
		}
	}' "$new/series.old" "$new/names" > "$new/series"

# put FILE TARGET: replaced in one step, and only when it differs.
put() {
	! cmp -s "$new/$1" "$2" || return 0
	[[ $check ]] || { cp "$new/$1" "$new/.put" && mv "$new/.put" "$2"; }
	say "${2#"$ROOT"/}"
	changed=1
}
changed=
while read -r name; do put "patches/$name" "$PATCHES/$name"; done < "$new/names"
put series "$SERIES"
for file in "$PATCHES"/*.patch; do
	if [[ ! -e $file ]] || grep -qxF "${file##*/}" "$new/names"; then continue; fi
	[[ $check ]] || rm "$file"
	say "${file#"$ROOT"/} removed"
	changed=1
done

# The end of each part of the cover letter is generated, the rest is left alone.
# The patches of a topic follow one another.
if [[ ! $BACKPORT && -f $ROOT/cover-letter.txt && -s $new/names ]]; then
	mapfile -t commits < <(kgit rev-list --reverse base..ksm)
	from=$(kgit rev-parse base) n=0
	topics=$(SERIES=$new/series series_topics)
	[[ $topics ]] || die "series names no topic; the cover letter has a part for each"
	for topic in $topics; do
		n=$((n + $(SERIES=$new/series series_names "$topic" | wc -l)))
		to=${commits[n - 1]}
		printf '== topic %s ==\n' "$topic"
		cover_text "$topic"
		echo
		kgit shortlog -w72,2,4 "$from..$to"
		kgit diff --stat=72 --summary --no-color --diff-algorithm=myers --indent-heuristic -M "$from" "$to"
		echo
		from=$to
	done | sed '$d' > "$new/cover-letter.txt"
	put cover-letter.txt "$ROOT/cover-letter.txt"
fi
[[ ! $check || ! $changed ]] || exit 1
[[ $check ]] || note_applied
[[ $changed ]] || say "nothing changed"
