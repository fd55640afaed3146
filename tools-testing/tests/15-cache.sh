#!/bin/bash
# the compiler cache gives out what was asked for
. "$(dirname "$0")/../checks.sh"

cd "$scratch"
export BUILD=$scratch CACHE=$scratch/ccache
# object NAME: an object made of a source that stays the same, and a file
object() { printf '%s' "$1" > data; kenv gcc -c -MMD -o "$1.o" source.S && grep -q "$1" "$1.o"; }
printf '.section .data\n.incbin "data"\n' > source.S
check "an image of the first kernel holds the first kernel" object kernel-1
check "and one of a second, of the same size, the second" object kernel-2
check "and the first again" object kernel-1

echo 'int a;' > source.c
# hits: how many of what is compiled now is in the cache
hits() {
	rm -f source.o
	kenv ccache --zero-stats > /dev/null
	kenv gcc -c -MMD -o source.o source.c
	kenv ccache --print-stats | awk '$1 == "direct_cache_hit" { print $2 }'
}
check "what was never compiled is compiled" test "$(hits)" = 0
check "and is not compiled again" test "$(hits)" = 1
finish
