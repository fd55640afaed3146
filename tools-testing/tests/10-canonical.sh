#!/bin/bash
# patches/ and series are just what branch ksm gives
. "$(dirname "$0")/../checks.sh"

check "make refresh would change nothing" "$ROOT/tools-testing/refresh.sh" --check

# A developer's settings must not show in the patches.
cat > "$scratch/.gitconfig" <<-END
	[format]
		signature = "me"
		numbered = true
		signOff = true
		thread = true
		headers = "X-Me: me\n"
		coverLetter = true
	[diff]
		noprefix = true
		algorithm = histogram
		renames = false
		context = 7
		statGraphWidth = 5
	[core]
		abbrev = 40
	[user]
		name = Somebody Else
		email = else@example.org
END
check "nor with other git settings, language and time zone" \
	env HOME="$scratch" XDG_CONFIG_HOME="$scratch" LANG=C.UTF-8 LC_ALL=C.UTF-8 TZ=Asia/Tokyo \
	"$ROOT/tools-testing/refresh.sh" --check

check "series names each patch once, in order" \
	cmp <(series_names) <(cd "$ROOT/patches" && printf '%s\n' [0-9]*.patch)
check "series begins with the base version" \
	grep -q "^# base: Linux $KERNEL_VERSION" <(head -n 1 "$ROOT/series")
if grep -lE '^(index [0-9a-f]+\.\.|Signed-off-by:)' "$ROOT"/patches/*.patch >&2; then
	fail "no hashes and no sign-off in the patches"
else
	pass "no hashes and no sign-off in the patches"
fi
# Whether they apply takes the kernel they are for: make tree KERNEL=6.12.
for dir in "$ROOT"/patches/backports/*/; do
	dir=${dir%/} kernel=${dir##*/}
	check "$kernel: its series names each of its patches once, in order" \
		cmp <(SERIES=$dir/series series_names) <(cd "$dir" && printf '%s\n' [0-9]*.patch)
	check "$kernel: they are those of $KERNEL_VERSION" cmp <(series_names) <(SERIES=$dir/series series_names)
	check "$kernel: so are their topics" cmp <(grep '^#' "$ROOT/series" | tail -n +2) <(grep '^#' "$dir/series" | tail -n +2)
done
finish
