// SPDX-License-Identifier: GPL-2.0
/*
 * grab - how soon ksmd starts when memory is taken at once
 *
 * usage: grab KEEP COUNT
 *
 * COUNT times, at moments that fall anywhere in the second between two of
 * ksmd's looks: takes memory until KEEP MiB are free, and waits until
 * pages_to_scan is above 0. Prints the mean and the longest wait in ms, and how many were below 20
 * ms: too soon for one of ksmd's own looks, but by chance.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "sample.h"

static void pause_ms(long ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

int main(int argc, char **argv)
{
	/* A huge page at a time: the whole fall has to fit between two looks. */
	const size_t step = 2 << 20;
	double sum = 0, longest = 0;
	unsigned int seed = 1;
	long soon = 0, keep;

	if (argc != 3) {
		fprintf(stderr, "usage: grab KEEP COUNT\n");
		return 2;
	}
	keep = atol(argv[1]) << 10;
	for (long i = 0; i < atol(argv[2]); i++) {
		double start, waited;
		size_t size, at;
		char *mem;

		/* ksmd rests before each, for a time of its own. */
		while (read_long(KSM "pages_to_scan") > 0)
			pause_ms(10);
		pause_ms(2000 + rand_r(&seed) % 1000);

		size = meminfo(meminfo_text(), "MemTotal:") << 10;
		mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (mem == MAP_FAILED) {
			perror("grab: mmap");
			return 1;
		}
		madvise(mem, size, MADV_HUGEPAGE);
		/* No further than that: there is no swap, and the OOM killer is next. */
		for (at = 0; at < size && meminfo(meminfo_text(), "MemFree:") > keep; at += step)
			for (size_t page = at; page < at + step && page < size; page += 4096)
				mem[page] = 1;
		start = now();
		while (read_long(KSM "pages_to_scan") == 0 && now() - start < 5)
			pause_ms(1);
		waited = (now() - start) * 1000;
		sum += waited;
		soon += waited < 20;
		if (waited > longest)
			longest = waited;
		munmap(mem, size);
	}
	printf("mean %.0f longest %.0f soon %ld\n", sum / atol(argv[2]), longest, soon);
	return 0;
}
