#!/bin/bash
# bench.sh: every peer under every load, each in a guest of its own, in virtual
# time or, where the load says so, in real time, and a report. A case that has been
# run for the same kernel, load and peer is not run again. Environment:
#   PEER="..." LOAD="..."   names of files in peers/ and loads/; all by default, but
#                           that a load may say which peers it is for
#   QUICK=1                 one load and three peers
# Leaves build/bench/LOAD/PEER.csv, figures.json, report.html.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../batch.sh"

here=$ROOT/tools-testing/bench
out=$BUILD/bench
PREFIX=bench
read -r -a loads <<< "${LOAD:-${QUICK:+wave-60}}"
read -r -a peers <<< "${PEER:-${QUICK:+base-none base-ksmtuned watermark}}"
[[ ${loads[*]} ]] || read -r -a loads <<< "$(cd "$here/loads" && echo *)"
[[ ${peers[*]} ]] || read -r -a peers <<< "$(cd "$here/peers" && echo *)"
# known KIND NAME...: each must be a file of that directory
known() {
	local kind=$1 name
	shift
	for name; do
		[[ -f $here/$kind/$name ]] || die "there is none of the $kind called '$name'; there are: $(cd "$here/$kind" && echo *)"
	done
}
known loads "${loads[@]}"
known peers "${peers[@]}"
lock bench
rm -rf "$out"/*.root "$out"/*.root.cpio.gz "$out"/*.cpio.gz.??????	# what a kill may have left

value() { sed -n "s/^$2=//p" "$here/$1" | tr -d '"'; }
# memory LOAD: of its guest, in MiB
memory() {
	local mib
	mib=$(value "loads/$1" mem)
	echo "${mib:-1024}"
}
# lane LOAD: "native" if it runs in the kernel as a program (um), on one processor; "smp"
# if in QEMU on two, in real time; nothing if in virtual time
lane() { value "loads/$1" lane; }
# What tree.sh and kernel.sh call the kernel that a peer is for: nothing if the series
tree() { value "peers/$1" kernel | sed '/^series$/d'; }
# words LOAD PEER: what kernel.sh calls that of a case
words() { tree "$2"; lane "$1" | sed -n 's/native/um-bench/p'; }
# shellcheck disable=SC2046 # nothing, or words
kernel() { "$ROOT/tools-testing/kernel.sh" --path $(words "$1" "$2"); }
# peers_of LOAD: those that are to run it
peers_of() {
	local some
	some=$(value "loads/$1" peers)
	[[ $some && ! ${PEER:-} && ! ${QUICK:-} ]] || some=${peers[*]}
	echo "$some"
}
# archives LOAD: the programs that its guest has besides its own
archives() { echo "$out/userland.cpio.gz $(value "loads/$1" archive | sed "s|.*|$out/&.cpio.gz|")"; }
# key LOAD PEER: stands for all that a case depends on
# shellcheck disable=SC2046 # names without blanks
key() {
	cat "$here/loads/$1" "$here/peers/$2" "$here/guest.sh" "$ROOT"/tools-testing/guest/{ksmload.c,neighbour.c,sample.h} \
		"$ROOT/tools-testing/run.sh" "$(kernel "$1" "$2")" $(archives "$1") \
		$(lane "$1" | sed -n "s|native|$here/native.sh|p") | cat - <(declare -f guest) | sha256sum | cut -c1-16
}

guest() {
	local load=${1%:*} peer=${1#*:} work=$out/$1.root on
	mkdir -p "$work/bench"
	cp "$here/loads/$load" "$work/bench/load"
	cp "$here/peers/$peer" "$work/bench/peer"
	install -m 755 "$here/guest.sh" "$work/bench/guest.sh"
	# The same bytes every time, or the guest's memory is laid out anew.
	find "$work" -exec touch -d @0 {} +
	(cd "$work" && find . -print0 | sort -z | cpio --null -o -H newc -R 0:0 --reproducible --quiet) |
		gzip -n -1 > "$work.cpio.gz"
	rm -rf "$work"
	MEM=$(memory "$load")M INITRD="$(archives "$load") $work.cpio.gz"
	export NAME=$PREFIX-$1 MEM INITRD
	case $(lane "$load") in
	native)
		# A processor of this machine for each
		for ((on = 0; on < $(nproc) - 1; on++)); do
			exec {fd}> "$out/.cpu$on"
			! flock -n "$fd" || break
		done
		ON=$on TIMEOUT=1200 "$here/native.sh" "$(kernel "$load" "$peer")" /bench/guest.sh || return
		;;
	smp)
		SMP=2 QUIET=1 TIMEOUT=1200 "$ROOT/tools-testing/run.sh" "$(kernel "$load" "$peer")" "exec /bench/guest.sh" || return
		;;
	*)
		# A fixed seed and date: the guest draws the same random numbers every time.
		# To clear a page in one string instruction counts as one for each byte with erms,
		# and takes as long as ksmd does to merge it; without, as one for each word.
		CPU=max,-erms,-fsrm VIRTUAL=1 QUIET=1 TIMEOUT=7200 QEMU_ARGS="-seed 1 -rtc base=2026-01-01,clock=vm" \
			"$ROOT/tools-testing/run.sh" "$(kernel "$load" "$peer")" "exec /bench/guest.sh" || return
		;;
	esac
	rm -f "$work.cpio.gz"
	mkdir -p "$out/$load"
	{ echo "# key $(key "$load" "$peer")"; cat "$BUILD/run/$PREFIX-$1/output"; } > "$out/$load/$peer.csv.new"
	mv "$out/$load/$peer.csv.new" "$out/$load/$peer.csv"
}
# As measured: what a guest of 300 s of wave takes; a peer that never rests takes longer.
work() {
	local rate=8
	case $1 in
	*:base-hand | *:base-scan-time) rate=2 ;;
	idle:*) rate=40 ;;
	esac
	case $1 in
	neighbour-?:*) echo $((10 + $2)) ;;
	machines:* | churn:*) echo $((10 + $2 * 4)) ;;
	*) echo $((10 + $2 / rate)) ;;
	esac
}
length() { value "loads/${1%:*}" seconds; }

while read -r _ load peer; do
	# shellcheck disable=SC2046 # nothing, or a word
	"$ROOT/tools-testing/tree.sh" $(tree "$peer")
	# shellcheck disable=SC2046
	"$ROOT/tools-testing/kernel.sh" $(words "$load" "$peer")
done < <(for load in "${loads[@]}"; do
	for peer in $(peers_of "$load"); do say "$(kernel "$load" "$peer") $load $peer"; done
done | sort -u -k 1,1)
"$ROOT/tools-testing/initramfs.sh" "$BUILD/guest/root.cpio.gz"
"$here/userland.sh" "$out/userland.cpio.gz"
for load in "${loads[@]}"; do
	for name in $(value "loads/$load" archive); do
		"$here/$name.sh" "$out/$name.cpio.gz"
	done
done
# Those of the same size together: batch runs as many as fit into this machine.
declare -A sized=()
all=()
for load in "${loads[@]}"; do
	mib=$(memory "$load")
	if ((mib * 1024 + 500000 > $(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo))); then
		say "  skipped: $load, whose guest has $mib MiB: this machine has less"
		continue
	fi
	if [[ $(lane "$load") == smp && $(nproc) -lt 2 ]]; then
		say "  skipped: $load, whose guest has two processors: this machine has one"
		continue
	fi
	for peer in $(peers_of "$load"); do
		all+=("$load:$peer")
		[[ $(head -n 1 "$out/$load/$peer.csv" 2> /dev/null) == "# key $(key "$load" "$peer")" ]] ||
			sized["$(lane "$load") $mib"]+=" $load:$peer"
	done
done
# Those in real time last, for they want the machine alone.
while IFS=' ' read -r mib lane; do
	read -r -a cases <<< "${sized["$lane $mib"]}"
	guest_kb=$((mib * 1024 + 500000)) guest_cpus=$([[ $lane != smp ]] && echo 1 || echo 2) guest_time=${lane:+real} batch 0 "${cases[@]}"
done < <(for key in "${!sized[@]}"; do say "${key#* } ${key% *}"; done | sort -k 2,2 -k 1,1n)
((${#all[@]})) || die "none of these loads fits into this machine"
"$here/figures.py" "$out" "${all[@]}"
"$here/report.py" "$out"
say "report:   $out/report.html"
