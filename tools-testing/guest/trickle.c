// SPDX-License-Identifier: GPL-2.0
/*
 * trickle - faults in pages one by one, so that its CPU's LRU cache is never empty
 *
 * usage: trickle HZ SECONDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096UL

int main(int argc, char **argv)
{
	long hz = argc == 3 ? atol(argv[1]) : 0, pages = argc == 3 ? hz * atol(argv[2]) : 0;
	char *memory;

	if (hz <= 0 || pages <= 0) {
		fprintf(stderr, "usage: trickle HZ SECONDS\n");
		return 2;
	}
	memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	madvise(memory, pages * PAGE, MADV_NOHUGEPAGE);
	for (long i = 0; i < pages; i++) {
		struct timespec pause = { 0, 1000000000L / hz % 1000000000L };

		memory[i * PAGE] = 1;
		nanosleep(&pause, NULL);
	}
	return 0;
}
