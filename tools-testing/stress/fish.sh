#!/bin/bash
# fish.sh [NAME]...: do the nets catch fish? Puts the faults of fish.list into mm/ksm.c,
# one at a time, and runs the storm on the kernel that has to notice. It has to say what
# the list tells; one that does not fails. The results are in build/stress/fish; what is
# there for the same code, storms and fish is not run again.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../mutants/faults.sh"

here=$ROOT/tools-testing/stress
out=$BUILD/stress
results=$out/fish
lock stress
mkdir -p "$out/log"
touch "$results"

mapfile -d '' -t all < <(faults "$here/fish.list")
names=()
for ((i = 0; i < ${#all[@]}; i += 3)); do names+=("${all[i]}"); done
for name; do
	[[ " ${names[*]} " == *" $name "* ]] || die "there is no fish '$name'; there are: ${names[*]}"
done
faults_tree "$out/linux"
# The guest is in the background; QEMU takes the file away as it ends.
pid=
trap '[[ ! $pid ]] || kill "$(cat "$pid" 2> /dev/null)" 2> /dev/null || :; clean' EXIT
trap 'exit 130' HUP
for ((i = 0; i < ${#all[@]}; i += 3)); do fault_fits "${all[i]}" "${all[i + 2]}" "$here/fish.list"; done

export PERCENT=5
processors=$(nproc)
LANE=${LANE:-real}
((processors > 1)) || LANE=virtual
export LANE
key() {
	{
		printf '%s\n' "$@" "$LANE"
		kgit ls-tree ksm | grep -v $'\ttools$'
		cat "$here"/storm/* "$ROOT"/tools-testing/guest/*.[ch] "$here"/{pack,guest,one}.sh "$here/guests" \
			"$ROOT"/tools-testing/{complaints,run.sh} "$ROOT"/configs/{test,x86_64,stress,stress-*}.config
	} | sha256sum | cut -c1-16
}

# told PATTERN DIR: whether the storm or the kernel has said so
told() {
	{
		grep -a '^FAULT' "$2/output" || :
		grep -aE -f "$ROOT/tools-testing/complaints" "$2/console.log" || :
	} 2> /dev/null | grep -qE -- "$1"
}

"$here/pack.sh" ng
bad=0 n=0
for ((i = 0; i < ${#all[@]}; i += 3)); do
	name=${all[i]}
	[[ ! $* || " $* " == *" $name "* ]] || continue
	[[ ${all[i + 1]} =~ ^([a-z]+)\ ([a-z]+)\ ([0-9]+)\ /(.*)/\ -\ (.*)$ ]] || die "fish.list: what is '${all[i + 1]}'?"
	kernel=${BASH_REMATCH[1]} storm=${BASH_REMATCH[2]} length=${BASH_REMATCH[3]}
	pattern=${BASH_REMATCH[4]} breaks=${BASH_REMATCH[5]}
	key=$(key "${all[@]:i:3}")
	said=$(awk -F'\t' -v key="$key" '$1 == key { said = $3 } END { print said }' "$results")
	if [[ ! $said ]]; then
		put_fault "${all[i + 2]}"
		export SRC=$src OUT=stress/kernel-$kernel
		"$ROOT/tools-testing/kernel.sh" "stress-$kernel" > "$out/fish.log" 2>&1 ||
			die "$name: $(grep -m 1 'error:' "$out/fish.log" || tail -n 1 "$out/fish.log")"
		image=$("$ROOT/tools-testing/kernel.sh" --path "stress-$kernel")
		pid=$out/log/$kernel-$storm.pid
		rm -rf "$out/log/$kernel-$storm" "$pid"
		IMAGE=$image LENGTH=$length "$here/one.sh" "$kernel" "$storm" "${SEED:-1}" "$image" > "$out/fish.line" &
		# What has been said need not be said for the rest of the storm.
		while sleep 1 && kill -0 $! 2> /dev/null; do
			if told "$pattern" "$out/log/$kernel-$storm"; then
				kill "$(cat "$pid" 2> /dev/null)" 2> /dev/null || :
				break
			fi
		done
		wait $!
		line=$(cat "$out/fish.line")
		# A storm that finds no fault has said nothing.
		said=
		[[ ${line##*,} =~ ^(ok|skip) ]] || said=$(
			{ say "${line##*,}"; cat "$out/log/$kernel-$storm/complaints"
			  grep -a '^FAULT' "$out/log/$kernel-$storm/output"; } | grep -aE -m 1 -- "$pattern" | tr '\t' ' ') || :
		said=${said:-nothing of it: ${line##*,}}
		printf '%s\t%s\t%s\n' "$key" "$name" "$said" >> "$results"
	fi
	n=$((n + 1))
	[[ $said != 'nothing of it: '* ]] || bad=$((bad + 1))
	printf '%-19s %-6s %-10s %s\n%38s-> %s\n' "$name" "$kernel" "$storm" "$breaks" '' "$said"
done
say "$((n - bad)) of $n caught"
((bad == 0))
