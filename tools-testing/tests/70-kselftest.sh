#!/bin/bash
# the tree's own tests about KSM, in QEMU
. "$(dirname "$0")/../checks.sh"

# LONG=1: also on the base kernel, and with each topic alone
# ONLY="ksm_madvise [ARGUMENT...]" runs one program alone, on the patched kernel.
what=${ONLY:-ksm ksm_numa rmap vma_merge}
out=$BUILD/kselftest
known=${0%.sh}.known
# name: QEMU: words for guest/kselftest.sh: what else than the above
# Two processors, for races, are in real time, which the advisor's tests share with
# whatever else this machine does; so those run in virtual time.
guests='
plain:     VIRTUAL=1:                          thp=never:
numa:      VIRTUAL=1 APPEND=numa=fake=2:       thp=madvise:
swap-thp:  VIRTUAL=1:                          swap thp=always:
full:      VIRTUAL=1 APPEND=numa=fake=2:       swap thp=always:
smp:       SMP=2 APPEND=numa=fake=2:           swap thp=madvise:  ksm_madvise
'
kinds=('')
[[ ! ${LONG:-} || ${ONLY:-} ]] || mapfile -t -O 1 kinds < <(echo base; series_topics)
# made KIND...: builds what their guests need, with the series if KIND is empty
made() {
	local kind
	[[ ! $* ]] || "$ROOT/tools-testing/tree.sh" "$@"
	for kind; do
		"$ROOT/tools-testing/kernel.sh" ${kind:+"$kind"}
		"$ROOT/tools-testing/selftests.sh" ${kind:+"$kind"}
	done
}
made '' >&2
made "${kinds[@]:1}" >&2
# runs_on KIND NAME ELSE: whether that guest is worth it. A program by its name is
# one of the series; a topic alone is run in one guest.
runs_on() {
	case $1 in
	'') true ;;
	base) [[ ! $3 ]] ;;
	*) [[ $2 == full ]] ;;
	esac
}

# run_guest KIND NAME SETTINGS WORDS WHAT: leaves its TAP in NAME[-KIND].tap.
run_guest() {
	local file=$out/$2${1:+-$1} status=0
	local -a settings
	read -r -a settings <<< "$3"
	# ksm_advisor reads the disk into the page cache. It is none of this machine's:
	# while a guest in virtual time waits for that, its clock leaps to the deadlines.
	env "${settings[@]}" NAME="kselftest-$2${1:+-$1}" QUIET=1 TIMEOUT=1200 \
		QEMU_ARGS="-drive driver=null-co,size=1G,read-zeroes=on,if=virtio,readonly=on" \
		INITRD="$("$ROOT/tools-testing/selftests.sh" ${1:+"$1"} --path)" \
		"$ROOT/tools-testing/run.sh" "$("$ROOT/tools-testing/kernel.sh" ${1:+"$1"} --path)" \
		"exec kselftest $4 $5" 2> "$file.err" || status=$?
	cp "$BUILD/run/kselftest-$2${1:+-$1}/output" "$file.tap"
	# 1: a test failed, which the TAP tells; 4: skipped, likewise
	[[ $status == [014] ]] || echo "the guest ended with status $status" >> "$file.err"
}

# base_fails SETTINGS WORDS PROGRAM: whether the program fails on the base kernel
# in one of 50 runs; those that are known do so now and then.
base_fails() {
	local -a settings
	made base
	read -r -a settings <<< "$1"
	env "${settings[@]}" NAME=kselftest-again QUIET=1 TIMEOUT=600 \
		INITRD="$("$ROOT/tools-testing/selftests.sh" base --path)" \
		"$ROOT/tools-testing/run.sh" "$("$ROOT/tools-testing/kernel.sh" base --path)" \
		"kselftest $2 $3; cd /selftests/mm; for i in \$(seq 49); do ./$3 || exit 0; done; exit 2"
}

# cases TAP: a line a case, tab-separated: result, program: case, reason
cases() {
	awk '
	function put(result, what, why) { printf "%s\t%s\t%s\n", result, what, why; last = what }
	/^# running / { program = $0; sub(/^# running (bash )?(\.\/)?/, "", program); n = bad = 0 }
	/^# (not )?ok [0-9]+/ {
		bad += $2 == "not"
		n++
		result = $2 == "not" ? "fail" : /# (SKIP|XFAIL)/ ? "skip" : "pass"
		name = why = $0
		sub(/^# (not )?ok [0-9]+( - )? */, "", name)
		sub(/ *# (SKIP|XFAIL).*/, "", name)
		if (!sub(/.*# (SKIP|XFAIL) */, "", why)) why = ""
		put(result, program ": " (name == "" ? why : name), why == "" ? "no reason given" : why)
	}
	# A program that died, or that has no cases.
	/^not ok / && !bad { put("fail", program, $0) }
	/^ok / && !n { put(/# SKIP/ ? "skip" : "pass", program, "see its output") }
	/^1\.\.[0-9]+$/ { whole = 1 }
	END { if (!whole) put("fail", "the run as a whole", "it broke off after " last) }' "$1"
}

rm -rf "$out"
mkdir -p "$out"
jobs=()
for kind in "${kinds[@]}"; do
	while IFS=: read -r name settings words else; do
		if [[ $name ]] && runs_on "$kind" "$name" "$else"; then
			jobs+=("$kind" "$name" "$settings" "$words" "${ONLY:-${else:-$what}}")
		fi
	done <<< "$guests"
done
export -f run_guest
export out ROOT BUILD
printf '%s\0' "${jobs[@]}" | xargs -0 -n 5 -P "$(nproc)" bash -euc 'run_guest "$@"' -

while IFS=: read -r name settings words _; do
	[[ $name ]] || continue
	for kind in "${kinds[@]}"; do
		[[ -e $out/$name${kind:+-$kind}.tap ]] || continue
		cat "$out/$name${kind:+-$kind}.err" >&2
		cases "$out/$name${kind:+-$kind}.tap" > "$out/$name${kind:+-$kind}.cases"
		check "$name${kind:+, $kind}: the guest ends well" test ! -s "$out/$name${kind:+-$kind}.err"
	done
	for kind in "${kinds[@]}"; do
		[[ $kind != base && -e $out/$name${kind:+-$kind}.cases ]] || continue
		while IFS=$'\t' read -r result what why; do
			title="$name${kind:+ with the topic $kind alone}, $what"
			case $result in
			pass) pass "$title" ;;
			skip) skip "$title: $why" ;;
			fail)
				# Only what fails without the series as well, for a reason that we
				# know, is not held against it.
				reason=$(awk -F'\t' -v what="$what" '$1 == what { print $2 }' "$known")
				if [[ $reason && ! ${ONLY:-} ]] && { grep -qsF "fail	$what	" "$out/$name-base.cases" ||
				   base_fails "$settings" "$words" "${what%%:*}" >&2 < /dev/null; }; then
					skip "$title: fails on the base kernel as well: $reason"
				else
					fail "$title"
				fi
				;;
			esac
		done < "$out/$name${kind:+-$kind}.cases"
	done
done <<< "$guests"
finish
