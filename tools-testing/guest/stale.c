// SPDX-License-Identifier: GPL-2.0
/*
 * stale - leaves KSM pages to nobody, and waits until KSM has noticed
 *
 * Pages that have merged are unmapped while a pipe still has them, so KSM keeps
 * their nodes when it drops the rmap_items; then the pipe is closed. The nodes are
 * a chain, which can be seen from here. Prints after how many seconds it has gone.
 *
 * usage: stale SECONDS
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define SAME 4

static long ksm(const char *file, const char *value)
{
	char path[64], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", file);
	fd = open(path, value ? O_WRONLY : O_RDONLY);
	if (fd < 0 || (value ? write(fd, value, strlen(value)) : read(fd, text, sizeof(text) - 1)) <= 0) {
		perror(path);
		exit(1);
	}
	close(fd);
	return atol(text);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Seconds until the file has that value; the program ends if it has not in time. */
static double until(const char *file, long value, long seconds)
{
	double start = now();

	while (ksm(file, NULL) != value) {
		if (now() > start + seconds) {
			fprintf(stderr, "%s is %ld after %ld s\n", file, ksm(file, NULL), seconds);
			exit(1);
		}
		usleep(10000);
	}
	return now() - start;
}

int main(int argc, char **argv)
{
	long seconds = argc == 2 ? atol(argv[1]) : 0;
	struct iovec pages = { .iov_len = SAME * PAGE };
	int held[2];
	char *memory;

	if (seconds <= 0) {
		fprintf(stderr, "usage: stale SECONDS\n");
		return 2;
	}
	memory = mmap(NULL, (SAME + 1) * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || pipe(held) || madvise(memory, (SAME + 1) * PAGE, MADV_MERGEABLE)) {
		perror("mergeable memory");
		return 1;
	}
	memset(memory, 1, SAME * PAGE);
	memset(memory + SAME * PAGE, 2, PAGE);	/* stays, so that there is something to scan */

	ksm("run", "2");
	ksm("max_page_sharing", "2");
	ksm("run", "1");
	until("stable_node_dups", SAME / 2, 10);
	pages.iov_base = memory;
	if (vmsplice(held[1], &pages, 1, 0) != SAME * PAGE || munmap(memory, SAME * PAGE)) {
		perror("vmsplice");
		return 1;
	}
	until("pages_shared", 0, 10);
	if (ksm("stable_node_chains", NULL) != 1) {
		fprintf(stderr, "nothing was left\n");
		return 1;
	}
	close(held[0]);
	close(held[1]);
	printf("%.1f\n", until("stable_node_chains", 0, seconds));
	ksm("run", "2");
	ksm("max_page_sharing", "256");
	return 0;
}
