#!/bin/bash
# patch: the message says why, in lines of 75 characters, with tags as they have to be
. "$(dirname "$0")/../gate.sh"

kgit show -s --format=%b "$commit" > "$scratch/body"
grep -q . "$scratch/body" || complain "there is no text below the subject"
# What is indented is a table or a command; an address cannot be broken.
while read -r line; do
	complain "longer than 75 characters: $line"
done < <(grep -E '^.{76,}' "$scratch/body" | grep -vE '^[[:space:]]|https?://|^(Fixes|Reported-by|Closes|Link|Cc): ' || true)
previous=
while read -r line; do
	case $line in
	Fixes:*)
		[[ $line =~ ^'Fixes: '[0-9a-f]{12,40}\ \(\".+\"\)$ ]] ||
			complain "not of the form Fixes: 0123456789ab (\"subject\"): $line"
		;;
	Link:* | Closes:*)
		[[ $line =~ ^(Link|Closes):\ https?://[^[:space:]]+(\ \[[0-9]+\]|\ \#.*)?$ ]] ||
			complain "no address, or more than that: $line"
		;;
	esac
	[[ $previous != Reported-by:* || $line == Closes:* || $line == Link:* ]] ||
		complain "no Closes: follows $previous"
	# DCO: whoever sends them adds theirs.
	[[ $line != Signed-off-by:* ]] || complain "signed off before it is sent: $line"
	previous=$line
done < "$scratch/body"
[[ $previous != Reported-by:* ]] || complain "no Closes: follows $previous"
judge "$(wc -l < "$scratch/body") lines"
