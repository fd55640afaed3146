// SPDX-License-Identifier: GPL-2.0
/*
 * swapin - pages that KSM had merged come back from swap, first to a process that then
 * ends, then to another
 *
 * What the second finds in the swap cache was of the first, whose anon_vma is gone by
 * then. See reproduce.sh.
 *
 * usage: swapin PAGES
 */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
/* Both have it there: a page at another address is copied at once. */
#define WHERE ((unsigned int *)0x600000000000UL)
#define GROUP "/sys/fs/cgroup/swapin"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int set(const char *path, const char *value)
{
	FILE *stream = fopen(path, "w");
	int bad;

	if (!stream)
		return -1;
	bad = fputs(value, stream) < 0;
	return fclose(stream) || bad ? -1 : 0;
}

static void ksm_set(const char *file, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", file);
	if (set(path, value))
		die(path);
}

static long ksm_get(const char *file)
{
	char path[64];
	FILE *stream;
	long value;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", file);
	stream = fopen(path, "r");
	if (!stream || fscanf(stream, "%ld", &value) != 1)
		die(path);
	fclose(stream);
	return value;
}

static unsigned int word(unsigned long i)
{
	return (i + 1) * 2654435761u;
}

static void user(unsigned long pages)
{
	unsigned int *memory = mmap(WHERE, pages * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	unsigned long words = pages * PAGE / sizeof(*memory);

	if (memory == MAP_FAILED || madvise(memory, pages * PAGE, MADV_MERGEABLE))
		die("mergeable memory");
	for (unsigned long i = 0; i < words; i++)
		memory[i] = word(i);
	raise(SIGSTOP);
	for (unsigned long i = 0; i < words; i++) {
		if (memory[i] != word(i)) {
			fprintf(stderr, "word %lu is %#x\n", i, memory[i]);
			exit(1);
		}
	}
	exit(0);
}

static pid_t start(unsigned long pages)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		user(pages);
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		die("a user of memory");
	return pid;
}

static void finish(pid_t pid)
{
	int status;

	kill(pid, SIGCONT);
	if (waitpid(pid, &status, 0) != pid || status)
		die("a user of memory");
}

/* How many of its pages are in swap */
static unsigned long swapped(pid_t pid, unsigned long pages)
{
	unsigned long n = 0;
	char path[64];
	uint64_t entry;
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	stream = fopen(path, "r");
	if (!stream || fseek(stream, (unsigned long)WHERE / PAGE * sizeof(entry), SEEK_SET))
		die(path);
	for (unsigned long i = 0; i < pages; i++) {
		if (fread(&entry, sizeof(entry), 1, stream) != 1)
			die(path);
		n += entry >> 62 & 1;
	}
	fclose(stream);
	return n;
}

static void wait_scans(int scans)
{
	long last = ksm_get("full_scans") + scans;

	while (ksm_get("full_scans") < last)
		usleep(1000);
}

int main(int argc, char **argv)
{
	unsigned long pages = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	pid_t first, second;

	if (!pages) {
		fprintf(stderr, "usage: swapin PAGES\n");
		return 2;
	}
	mkdir("/sys/fs", 0755);
	if (system("mount -t cgroup2 none /sys/fs/cgroup && "
		   "echo +memory > /sys/fs/cgroup/cgroup.subtree_control && "
		   "echo 64M > /sys/block/zram0/disksize && mkswap /dev/zram0 > /dev/null") ||
	    swapon("/dev/zram0", 0) || mkdir(GROUP, 0755) || set(GROUP "/cgroup.procs", "0"))
		die("a swap device and a cgroup");
	ksm_set("smart_scan", "0");
	ksm_set("pages_to_scan", "1000");
	first = start(pages);
	second = start(pages);
	if (set("/sys/fs/cgroup/cgroup.procs", "0"))
		die("the cgroup");
	ksm_set("run", "1");
	while (ksm_get("pages_sharing") < (long)pages)
		usleep(1000);
	ksm_set("run", "0");
	/* A part of it is as good: it is asked for until nothing is left. */
	while (swapped(first, pages) < pages || swapped(second, pages) < pages)
		set(GROUP "/memory.reclaim", "1M");
	finish(first);
	/* ksmd has what it knows of the first hold on to its anon_vma. */
	ksm_set("run", "1");
	wait_scans(3);
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	finish(second);
	return 0;
}
