#!/bin/bash
# series: b4 prep and b4 send make mails of it that give the same commits, to those whom get_maintainer.pl names
. "$(dirname "$0")/../gate.sh"

# A clone of little more than get_maintainer.pl, for b4 leaves its notes in one. Its
# home, so nobody's settings; nothing is looked up and nothing is mailed.
clone=$scratch/clone
export HOME=$scratch GIT_CONFIG_GLOBAL=$scratch/gitconfig GIT_CONFIG_SYSTEM=/dev/null
export EDITOR=$scratch/cover GIT_EDITOR=$scratch/cover
git config --file "$GIT_CONFIG_GLOBAL" user.name 'Test Sender'
git config --file "$GIT_CONFIG_GLOBAL" user.email sender@example.org
git config --file "$GIT_CONFIG_GLOBAL" sendemail.smtpserver localhost.invalid
git config --file "$GIT_CONFIG_GLOBAL" core.commentChar ';'
git clone -q --shared -n "$TREE" "$clone"
cd "$clone"
git sparse-checkout set --no-cone '/*' '!/*/' /scripts/ /mm/
b4() { command b4 --offline-mode --no-interactive "$@" >> "$scratch/log" 2>&1 || verdict FAIL "b4 $1: $(tail -n 1 "$scratch/log")"; }

# send NAME COVER TIP
send() {
	local out=$scratch/mails-$1 count n=0
	git checkout -q -B "from-$1" "$(kgit rev-parse "$BASE")"
	mkdir -p Documentation arch drivers fs include init ipc kernel lib
	b4 prep -n "$1" -f HEAD
	git rev-list --reverse "$BASE_ID..$3" | xargs git cherry-pick --keep-redundant-commits --allow-empty > "$scratch/log" 2>&1 ||
		verdict FAIL "cherry-pick: $(tail -n 1 "$scratch/log")"
	# What b4 keeps at the end of the letter stays.
	# shellcheck disable=SC2016 # for sh
	printf '#!/bin/sh\n{ cat "%s"; echo; sed -n "/^Signed-off-by/,\\$p" "$1"; } > "$1.new" && mv "$1.new" "$1"\n' "$2" > "$scratch/cover"
	chmod +x "$scratch/cover"
	b4 prep --edit-cover
	b4 prep --auto-to-cc
	b4 send -o "$out" --no-sign
	count=$(git rev-list --count "$BASE_ID..$3")
	[[ $(find "$out" -name '*.eml' | wc -l) == $((count + 1)) ]] || complain "$1: not a mail a patch and a letter"
	grep -qF "Subject: [PATCH 00/$count] $(head -n 1 "$2" | cut -c1-40)" "$out"/0000-*.eml ||
		grep -qE "^Subject: \[PATCH 0*0/$count\]" "$out"/0000-*.eml || complain "$1: the letter is not 0 of $count"
	grep -qF "$(kgit diff --shortstat "$BASE" "$3")" "$out"/0000-*.eml || complain "$1: the letter's diffstat is another"
	for who in 'To: .*akpm@linux-foundation.org' 'linux-mm@kvack.org' 'linux-kernel@vger.kernel.org'; do
		# In the headers: a diff of MAINTAINERS names the list as well.
		n=$(for mail in "$out"/*.eml; do sed '/^$/q' "$mail" | grep -qE "$who" && echo; done | wc -l)
		((n == count + 1)) || complain "$1: $n of $((count + 1)) mails go to ${who#To: .\*}"
	done
	git checkout -q --detach "$BASE_ID"
	rm "$out"/0000-*.eml
	git am -q "$out"/*.eml > "$scratch/log" 2>&1 ||
		complain "$1: git am: $(tail -n 1 "$scratch/log")"
	[[ $(git rev-parse 'HEAD^{tree}') == "$(git rev-parse "$3^{tree}")" ]] || complain "$1: the mails give another tree"
	cmp -s <(messages "$3") <(messages HEAD) || complain "$1: the mails give other messages"
}
messages() { git log --format='%an <%ae>%n%B' "$BASE_ID..$1" | grep -v '^Signed-off-by: Test Sender' | cat -s; }
BASE_ID=$(kgit rev-parse "$BASE")

if [[ $commit == "$(kgit rev-parse ksm)" ]]; then
	for topic in $(series_topics); do
		cover_text "$topic" > "$scratch/$topic.txt"
		apply_series "$topic"
		send "$topic" "$scratch/$topic.txt" "$tip"
	done
else
	printf 'mm/ksm: test\n\nA letter.\n' > "$scratch/test.txt"
	send test "$scratch/test.txt" "$commit"
fi
judge "$(find "$scratch"/mails-* -name '*.eml' | wc -l) patches"
