// SPDX-License-Identifier: GPL-2.0
/*
 * devzero - empty pages that KSM has replaced by the zero page move to a device
 *
 * None of them is one of KSM any more. See reproduce.sh.
 *
 * usage: devzero PAGES
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL

/* As lib/test_hmm_uapi.h of the kernel has it */
struct hmm_dmirror_cmd {
	uint64_t addr, ptr, npages, cpages, faults;
};

#define HMM_DMIRROR_MIGRATE_TO_DEV _IOWR('H', 0x02, struct hmm_dmirror_cmd)

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void ksm_set(const char *file, const char *value)
{
	char path[64];
	FILE *stream;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", file);
	stream = fopen(path, "w");
	if (!stream || fputs(value, stream) < 0 || fclose(stream))
		die(path);
}

static long zero_pages(void)
{
	FILE *stream = fopen("/sys/kernel/mm/ksm/ksm_zero_pages", "r");
	long pages;

	if (!stream || fscanf(stream, "%ld", &pages) != 1)
		die("ksm_zero_pages");
	fclose(stream);
	return pages;
}

int main(int argc, char **argv)
{
	long pages = argc == 2 ? atol(argv[1]) : 0;
	struct hmm_dmirror_cmd cmd = { .npages = pages };
	int device = open("/dev/hmm_dmirror0", O_RDWR);
	char *memory, *mirror;

	if (pages <= 0) {
		fprintf(stderr, "usage: devzero PAGES\n");
		return 2;
	}
	if (device < 0)
		die("/dev/hmm_dmirror0");
	memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mirror = malloc(pages * PAGE);
	if (memory == MAP_FAILED || !mirror || madvise(memory, pages * PAGE, MADV_NOHUGEPAGE) ||
	    madvise(memory, pages * PAGE, MADV_MERGEABLE))
		die("mergeable memory");
	memset(memory, 0, pages * PAGE);
	ksm_set("use_zero_pages", "1");
	ksm_set("pages_to_scan", "1000");
	ksm_set("run", "1");
	while (zero_pages() < pages)
		usleep(1000);
	ksm_set("run", "0");
	cmd.addr = (uintptr_t)memory;
	cmd.ptr = (uintptr_t)mirror;
	if (ioctl(device, HMM_DMIRROR_MIGRATE_TO_DEV, &cmd) || (long)cmd.cpages != pages)
		die("HMM_DMIRROR_MIGRATE_TO_DEV");
	if (zero_pages()) {
		printf("FAULT: %ld of %ld zero pages are still counted\n", zero_pages(), pages);
		return 1;
	}
	return 0;
}
