#!/bin/bash
# patch: the subject names what it is about, in the form that the files' history has
. "$(dirname "$0")/../gate.sh"

subject=$(kgit show -s --format=%s "$commit")
text=${subject##*: }
((${#subject} <= 75)) || complain "it has ${#subject} characters, more than 75"
[[ $subject == *': '* ]] || complain "no prefix, such as mm/ksm:"
[[ $subject != *. ]] || complain "a full stop at the end"
[[ $subject != *'  '* ]] || complain "two spaces in a row"
[[ $text =~ ^[a-z] ]] || complain "'${text%% *}' after the prefix is not in lower case"
# An order to the code base: not that something was done, is being done or does.
case ${text%% *} in
*ed | *ing | *[^s]s) complain "'${text%% *}' is not imperative" ;;
esac
# The prefix is one that commits to the same places have had before.
prefix=${subject%%: *}
case $prefix in
mm/ksm | mm/userfaultfd | mm/migrate_device | Docs/mm | Docs/ABI | selftests/mm | mm) ;;
*) complain "'$prefix:' is no prefix of what KSM consists of" ;;
esac
judge "$subject"
