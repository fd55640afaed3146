// SPDX-License-Identifier: GPL-2.0
/*
 * A fault that a storm has found and that base has as well, with or without the series:
 * a page that was merged is unmerged by FAULT_FLAG_UNSHARE, and the copy that
 * wp_page_copy() then makes is clean, in the page table and in itself. Once it is shared by
 * fork(), MADV_FREE in one of the two makes it a page that reclaim may drop, for of a clean
 * page it does not ask who else has it; and the other reads zeroes. The storms keep
 * clear of it (op_free()); this shows it, alone:
 *
 *   make run BASE=1 INITRD=build/stress/storm.cpio.gz CMD='storm-guest 0 1 100 unshared'
 */
#include "storm.h"

#define N 256

static bool merged(void)
{
	return read_long("/proc/self/ksm_merging_pages") >= N;
}

int unshared(void)
{
	uint64_t *mem = mmap(NULL, N * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long lost = 0;
	int ends[2], status;
	char byte = 0;
	pid_t pid;

	put("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	mkdir("/sys/fs/cgroup/storm", 0755);
	if (!put("/sys/fs/cgroup/storm/cgroup.procs", "0") || mem == MAP_FAILED || pipe(ends) ||
	    madvise(mem, N * PAGE, MADV_MERGEABLE))
		fault("it cannot be tried: %m");
	for (long i = 0; i < N; i++)
		page_fill(mem + i * WORDS, (i / 2 + 1) << 8);
	knob("run", "1");
	if (!wait_for(60, merged) || madvise(mem, N * PAGE, MADV_UNMERGEABLE))
		fault("it cannot be tried: nothing was merged or unmerged");
	pid = fork();
	if (!pid) {
		if (read(ends[0], &byte, 1) != 1)
			_exit(1);
		for (long i = 0; i < N; i++)
			lost += page_wrong(mem + i * WORDS, (i / 2 + 1) << 8) >= 0;
		if (lost)
			fault("damage: a child has lost %ld of %d pages that its parent gave back", lost, N);
		_exit(0);
	}
	madvise(mem, N * PAGE, MADV_FREE);
	/* What is in the LRU caches is not reclaimed. */
	put("/proc/sys/vm/drop_caches", "1");
	for (int i = 0; i < 4; i++)
		put("/sys/fs/cgroup/storm/memory.reclaim", "4M");
	if (write(ends[1], &byte, 1) != 1 || waitpid(pid, &status, 0) != pid)
		return 1;
	return 0;
}
