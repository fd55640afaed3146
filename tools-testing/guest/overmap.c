// SPDX-License-Identifier: GPL-2.0
/*
 * overmap - a process maps over a page again and again, which ksmd would like to
 * merge with a page of another
 *
 * The page was moved there, so its anon_vma goes with it, while what is mapped in
 * its place is mergeable as well and has another. See reproduce.sh.
 *
 * usage: overmap ROUNDS (of eight full scans)
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#endif
#define PAGE 4096UL

static FILE *ksm(const char *file, const char *mode)
{
	char path[64];
	FILE *stream;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", file);
	stream = fopen(path, mode);
	if (!stream) {
		perror(path);
		exit(1);
	}
	return stream;
}

static void ksm_set(const char *file, const char *value)
{
	FILE *stream = ksm(file, "w");

	if (fputs(value, stream) < 0 || fclose(stream)) {
		perror(file);
		exit(1);
	}
}

static long full_scans(void)
{
	FILE *stream = ksm("full_scans", "r");
	long scans;

	if (fscanf(stream, "%ld", &scans) != 1)
		exit(1);
	fclose(stream);
	return scans;
}

static void wait_scans(int scans)
{
	long last = full_scans() + scans;

	while (full_scans() < last)
		usleep(1000);
}

static void fill(char *page, unsigned int seed)
{
	for (unsigned int i = 0; i < PAGE / sizeof(seed); i++)
		((unsigned int *)page)[i] = seed * 2654435761u + i * (seed | 1);
}

static char *map(char *where, unsigned long pages, int flags)
{
	char *memory = mmap(where, pages * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

static void overmap(volatile unsigned int *seed)
{
	char *room = mmap(NULL, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *next = room + 8 * PAGE, *page = next + PAGE, *elsewhere = room + 32 * PAGE;

	if (room == MAP_FAILED || prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0)) {
		perror("mergeable memory");
		exit(1);
	}
	/* What is mapped over the page becomes part of this one's mapping. */
	map(next, 1, MAP_FIXED);
	memset(next, 0x5a, PAGE);
	for (;;) {
		map(elsewhere, 1, MAP_FIXED);
		fill(elsewhere, *seed);
		if (mremap(elsewhere, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page) != page) {
			perror("mremap");
			exit(1);
		}
		usleep(2000);
		map(page, 1, MAP_FIXED);
	}
}

int main(int argc, char **argv)
{
	int rounds = argc == 2 ? atoi(argv[1]) : 0;
	unsigned int *seed;
	char *memory;
	pid_t pid;

	if (rounds <= 0) {
		fprintf(stderr, "usage: overmap ROUNDS\n");
		return 2;
	}
	seed = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memory = map(NULL, 1, 0);
	if (seed == MAP_FAILED || madvise(memory, PAGE, MADV_MERGEABLE)) {
		perror("mergeable memory");
		return 1;
	}
	fill(memory, 0);
	ksm_set("run", "2");
	ksm_set("smart_scan", "0");
	ksm_set("pages_to_scan", "1000");
	ksm_set("sleep_millisecs", "5");
	pid = fork();
	if (!pid)
		overmap(seed);
	if (pid < 0) {
		perror("fork");
		return 1;
	}
	ksm_set("run", "1");
	/* The other's page is put into the unstable tree before this one is like it. */
	for (int i = 1; i <= rounds; i++) {
		*seed = i;
		wait_scans(4);
		fill(memory, i);
		wait_scans(4);
		fill(memory, 0);
	}
	/* Without the other nothing was shown. */
	if (waitpid(pid, NULL, WNOHANG)) {
		fprintf(stderr, "the process that maps over the page has ended\n");
		return 1;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}
