/*
 * The load and the clock of bench-scan.sh: process 1 of a kernel that runs it
 * natively, or any in the test guest (virtual.sh). LOAD MIB PASSES [KNOB=VALUE]...
 * makes that much mergeable memory, has ksmd scan it that often and prints what
 * each pass took, a line a figure:
 *
 *	floor NS		reading each page once, a page
 *	pass N NS VISITED	CPU time of ksmd, and the pages it did not skip
 *	end KEY VALUE		counters of KSM afterwards
 *
 * A pass is one batch: pages_to_scan has no end, and ksmd sleeps after it.
 *
 * The loads: unique; volatile, where a word near the start of each page is written
 * to between two passes, and volatile-end, near its end; half (every other page one
 * of four that are the same), same, zero, and collide: pages that differ and have
 * one checksum.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#define PAGE 4096
#define WORDS (PAGE / sizeof(uint64_t))
#define KSM "/sys/kernel/mm/ksm/"

static void bye(int status)
{
	printf("status %d\n", status);
	fflush(stdout);
	sync();
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	_exit(status);
}

static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("error: ", stdout);
	vprintf(format, args);
	printf(": %s\n", strerror(errno));
	bye(1);
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		die("clock_gettime");
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static unsigned long get(const char *name)
{
	char path[128];
	unsigned long value;
	FILE *file;

	snprintf(path, sizeof(path), KSM "%s", name);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%lu", &value) != 1)
		die("%s", path);
	fclose(file);
	return value;
}

static void set(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), KSM "%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die("%s to %s", value, path);
	close(fd);
}

/* The clock of ksmd's CPU time */
static clockid_t ksmd_clock(void)
{
	char path[64], name[32];
	FILE *file;
	int pid;

	for (pid = 2; pid < 1000; pid++) {
		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%31s", name) == 1 && !strcmp(name, "ksmd")) {
			fclose(file);
			return (clockid_t)((~(unsigned int)pid << 3) | 2);
		}
		fclose(file);
	}
	errno = ESRCH;
	die("ksmd");
	return 0;
}

/* Contents that only pages with the same id share, in so many words */
static void fill_words(uint64_t *page, uint64_t id, unsigned int words)
{
	uint64_t x = (id + 1) * 0x9e3779b97f4a7c15ULL;
	unsigned int i;

	for (i = 0; i < words; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		page[i] = x;
	}
}

static void fill(uint64_t *page, uint64_t id) { fill_words(page, id, WORDS); }

/*
 * Makes the page's XXH64 what that of zeroes would be after its first two stripes
 * of 32 bytes, hence the same for all pages that are the same after those. What a
 * lane takes in is added to it times the second prime, rotated left by 31 and
 * multiplied by the first: all of that can be undone. So the lanes' second words
 * make up for whatever the first are.
 */
static void collide(uint64_t *page)
{
	const uint64_t p1 = 11400714785074694791ULL, p2 = 14029467366897019727ULL;
	const uint64_t seed[4] = { p1 + p2, p2, 0, -p1 };
	uint64_t inverse = p2, was, zero, lane;
	unsigned int i;

	for (i = 0; i < 6; i++)
		inverse *= 2 - p2 * inverse;
	for (i = 0; i < 4; i++) {
#define ROUND(acc) (((acc) << 31 | (acc) >> 33) * p1)
		zero = ROUND(seed[i]);
		was = seed[i] + page[i] * p2;
		lane = ROUND(was);
		/* lane + page[4 + i] * p2 is to be what zero + 0 * p2 is. */
		page[4 + i] = (zero - lane) * inverse;
	}
}

static int is(const char *load, const char *name) { return !strcmp(load, name); }
static int rewritten(const char *load) { return is(load, "volatile") || is(load, "volatile-end"); }

/*
 * The process that has the memory. It runs only between passes: this kernel brings
 * the machine's mappings up to date when a process runs whose pages were merged,
 * and its clock ticks so slowly that ksmd would be charged for that.
 */
static void own(const char *load, size_t pages, const int *order, const int *done)
{
	uint64_t start, sum = 0, *memory, *page;
	unsigned int n;
	size_t i;
	char c = 0;

	/* With the other side's ends this would never see it go. */
	close(order[1]);
	close(done[0]);
	memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		die("mmap");
	for (i = 0; i < pages; i++) {
		page = memory + i * WORDS;
		if (is(load, "unique") || rewritten(load))
			fill(page, i);
		else if (is(load, "half"))
			/* every other page; those between, four of each */
			fill(page, i & 1 ? i : (i / 8) * 2);
		else if (is(load, "same"))
			fill(page, 0);
		else if (is(load, "zero"))
			memset(page, 0, PAGE);
		else if (is(load, "collide"))
			fill(page, 0), fill_words(page, i, 4), collide(page);
		else
			die("there is no load %s", load);
		if (is(load, "collide") && XXH64(page, PAGE, 0) != XXH64(memory, PAGE, 0))
			errno = 0, die("page %zu does not collide", i);
	}
	/* Twice, for the first time it also warms up. */
	for (n = 0; n < 2; n++) {
		start = now_ns(CLOCK_MONOTONIC);
		for (i = 0; i < pages; i++)
			sum ^= XXH64(memory + i * WORDS, PAGE, 0);
	}
	printf("floor %lu (%x)\n", (unsigned long)((now_ns(CLOCK_MONOTONIC) - start) / pages),
	       (unsigned int)sum & 1);

	if (madvise(memory, pages * PAGE, MADV_MERGEABLE))
		die("madvise");
	for (n = 1; write(done[1], &c, 1) == 1 && read(order[0], &c, 1) == 1; n++)
		if (rewritten(load))
			for (i = 0; i < pages; i++)
				memory[i * WORDS + (is(load, "volatile") ? n : -n) % WORDS]++;
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *load = argc > 1 ? argv[1] : "unique";
	unsigned long mib = argc > 2 ? strtoul(argv[2], NULL, 0) : 64;
	unsigned int passes = argc > 3 ? strtoul(argv[3], NULL, 0) : 3;
	size_t pages = mib << 8;
	unsigned long scans, scanned, now;
	int arg, order[2], done[2];
	uint64_t start, cpu;
	clockid_t ksmd;
	unsigned int n;
	char *equals, c = 0;
	pid_t owner;

	setvbuf(stdout, NULL, _IOLBF, 0);
	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	if (getpid() != 1 && access("/init", X_OK)) {
		fprintf(stderr, "scanload: this is for bench-scan.sh's kernels and the test guest\n");
		return 2;
	}
	ksmd = ksmd_clock();
	for (arg = 4; arg < argc; arg++) {
		/* um's own, at the end of what it is called with */
		if (!strncmp(argv[arg], "console=", 8))
			continue;
		equals = strchr(argv[arg], '=');
		if (!equals)
			die("what is %s", argv[arg]);
		*equals = 0;
		set(argv[arg], equals + 1);
	}
	set("pages_to_scan", "4000000000");
	set("sleep_millisecs", "50");

	if (pipe(order) || pipe(done))
		die("pipe");
	owner = fork();
	if (owner < 0)
		die("fork");
	if (!owner)
		own(load, pages, order, done);
	close(order[0]);
	close(done[1]);
	if (read(done[0], &c, 1) != 1)
		die("the process that has the memory");
	scans = get("full_scans");
	scanned = get("pages_scanned");
	cpu = now_ns(ksmd);
	set("run", "1");
	for (n = 1; n <= passes; n++) {
		while (get("full_scans") < scans + n)
			usleep(2000);
		start = now_ns(ksmd);
		now = get("pages_scanned");
		printf("pass %u %lu %lu\n", n, (unsigned long)((start - cpu) / pages),
		       now - scanned);
		cpu = start;
		scanned = now;
		if (rewritten(load) &&
		    (write(order[1], &c, 1) != 1 || read(done[0], &c, 1) != 1))
			die("the process that has the memory");
	}
	set("run", "0");
	/* Of a kernel that counts (counts.sh) */
	for (n = 0; n < 3; n++) {
		const char *name = (const char *[]){ "count_levels", "count_fetched", "count_bytes" }[n];
		char path[128];

		snprintf(path, sizeof(path), "../../../module/ksm/parameters/%s", name);
		if (!access("/sys/module/ksm/parameters/count_levels", R_OK))
			printf("end %s %lu\n", name, get(path));
	}
	printf("end pages_shared %lu\nend pages_sharing %lu\nend pages_unshared %lu\nend pages_volatile %lu\nend ksm_zero_pages %lu\n",
	       get("pages_shared"), get("pages_sharing"), get("pages_unshared"),
	       get("pages_volatile"), get("ksm_zero_pages"));
	bye(0);
}
