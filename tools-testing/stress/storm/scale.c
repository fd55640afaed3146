// SPDX-License-Identifier: GPL-2.0
/* A lot of one thing, and a day of waves and calm */
#include "storm.h"

#include <sys/resource.h>
#include <sys/swap.h>

static long goal;

static long merged(void)
{
	return read_long(KSM "pages_sharing") + read_long(KSM "ksm_zero_pages");
}

static bool enough(void)
{
	return merged() >= goal;
}

/*
 * In how many seconds at most something has to be merged when all is of its full size: a
 * slow machine gets as many again as long as more is.
 */
static void until_merged(long pages, double most)
{
	most = 60 + most * percent / 100;
	goal = pages;
	for (long before = merged(); !wait_for(most, enough); before = merged())
		if (merged() <= before)
			fault("%ld pages are merged, in %.0f s no more, and not %ld", merged(), most, goal);
	shared->ops += pages;
}

static void fast(void)
{
	knob("pages_to_scan", "100000");
	knob("sleep_millisecs", "1");
	knob("run", "1");
}

static void verify(const uint64_t *mem, long page, uint64_t value)
{
	long word = page_wrong(mem + page * WORDS, value);

	if (word >= 0)
		fault("damage: page %ld: word %ld is %#lx and not %#lx", page, word,
		      mem[page * WORDS + word], contents(value, word));
	shared->checked++;
}

/* Every other page is another mapping. */
int scale_vmas(void)
{
	long n = 100000 * percent / 100;
	uint64_t *mem;

	put("/proc/sys/vm/max_map_count", "%ld", 2 * n + 1000);
	mem = mmap(NULL, 2 * n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED || madvise(mem, 2 * n * PAGE, MADV_NOHUGEPAGE))
		fault("mmap: %m");
	for (long i = 0; i < n; i++) {
		if (madvise(mem + 2 * i * WORDS, PAGE, MADV_MERGEABLE))
			fault("madvise: %m at mapping %ld", i);
		page_fill(mem + 2 * i * WORDS, (i % 64 + 1) << 8);
	}
	fast();
	until_merged(n - n / 100 - 64, 600);
	for (long i = 0; i < n; i++)
		verify(mem, 2 * i, (i % 64 + 1) << 8);
	/* Half of them by hand, then all by KSM, then all again, to exit in the midst of it. */
	for (long i = 0; i < n; i += 2)
		if (madvise(mem + 2 * i * WORDS, PAGE, MADV_UNMERGEABLE))
			fault("madvise: %m at mapping %ld", i);
	if (!knob("run", "2"))
		fault("run: %m");
	for (long i = 0; i < n; i++)
		verify(mem, 2 * i, (i % 64 + 1) << 8);
	fast();
	until_merged(n / 4, 600);
	munmap(mem, 2 * n * PAGE);
	return 0;
}

static void reap(long n)
{
	int status;

	for (long i = 0; i < n; i++)
		if (wait(&status) < 0 || status)
			fault("process %ld of %ld ended with status %#x", i, n, status);
}

/* many: processes with a few pages each, that wait and then verify them */
static void many(long n, long pages, uint64_t value)
{
	int ends[2], status;
	char byte;

	if (pipe(ends))
		fault("pipe: %m");
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			if (waitpid(-1, &status, WNOHANG) == 0)
				fault("fork: %m at process %ld", i);
			fault("fork: %m at process %ld; one ended with status %#x", i, status);
		}
		if (!pid) {
			uint64_t *mem = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			close(ends[1]);
			if (mem == MAP_FAILED || madvise(mem, pages * PAGE, MADV_MERGEABLE))
				fault("madvise: %m");
			for (long k = 0; k < pages; k++)
				page_fill(mem + k * WORDS, value + ((uint64_t)k << 8));
			if (read(ends[0], &byte, 1) < 0)
				fault("pipe: %m");
			for (long k = 0; k < pages; k++)
				verify(mem, k, value + ((uint64_t)k << 8));
			_exit(0);
		}
	}
	close(ends[0]);
	fast();
	until_merged(n * pages * 9 / 10 - pages, 900);
	knobs_read();
	close(ends[1]);
	reap(n);
}

int scale_processes(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_NPROC, &limit);
	put("/proc/sys/kernel/pid_max", "60000");
	put("/proc/sys/kernel/threads-max", "60000");
	many(10000 * percent / 100, 2, 7777 << 8);
	return 0;
}

int scale_sharers(void)
{
	static const char *const most[] = { "2", "2147483647" };

	for (unsigned int i = 0; i < SIZE(most); i++) {
		if (!knob("run", "2") || !knob("max_page_sharing", most[i]))
			fault("max_page_sharing: %m");
		/* With two sharers a page, one in two of them is a copy. */
		knob("run", "1");
		if (i == 0) {
			long n = 1000 * percent / 100;
			uint64_t *mem = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (mem == MAP_FAILED || madvise(mem, n * PAGE, MADV_MERGEABLE))
				fault("madvise: %m");
			for (long k = 0; k < n; k++)
				page_fill(mem + k * WORDS, 8888 << 8);
			fast();
			until_merged(n / 2 - 2, 300);
			knobs_read();
			for (long k = 0; k < n; k++)
				verify(mem, k, 8888 << 8);
			/* From the ends of the chain and its middle */
			for (long k = 0; k < n; k += 3)
				page_fill(mem + k * WORDS, (uint64_t)(9999 + k) << 8);
			nap(5);
			for (long k = 0; k < n; k++)
				verify(mem, k, (k % 3 ? 8888UL : 9999UL + k) << 8);
			munmap(mem, n * PAGE);
		} else {
			many(1000 * percent / 100, 1, 8888 << 8);
		}
	}
	return 0;
}

/* A process that is larger than the guest, unless ksmd keeps up */
int scale_one(void)
{
	long n = (16L << 30) / PAGE * percent / 100, filled = 0;
	uint64_t *mem = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	/* What is in swap is not merged, and a node may swap while others have memory. */
	if (swapoff("/dev/zram0") && errno != EINVAL)
		fault("swapoff: %m");
	if (mem == MAP_FAILED || madvise(mem, n * PAGE, MADV_MERGEABLE) || madvise(mem, n * PAGE, MADV_NOHUGEPAGE))
		fault("madvise: %m");
	fast();
	while (filled < n) {
		long available, total, lump = 4096;

		for (; lump && filled < n; lump--, filled++)
			page_fill(mem + filled * WORDS, (uint64_t)(filled % 64 ? filled % 1021 + 1 : filled + 2000) << 8);
		for (double limit = now() + 600;; nap(0.1)) {
			read_meminfo(&available, &total);
			if (available > total / 4)
				break;
			if (now() > limit)
				fault("ksmd merges nothing: %ld of %ld pages are there", filled, n);
		}
		knobs_read();
		shared->ops += 4096;
	}
	until_merged(n / 64 * 63 - 1100 - n / 200, 1200);
	for (long i = 0; i < n; i++)
		verify(mem, i, (uint64_t)(i % 64 ? i % 1021 + 1 : i + 2000) << 8);
	return 0;
}

/* Objects that are in use, as slabinfo tells; -1 where it does not */
static long slab(const char *name)
{
	FILE *f = fopen("/proc/slabinfo", "r");
	char line[512], found[64];
	long used = -1, n;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %ld", found, &n) == 2 && !strcmp(found, name))
			used = n;
	if (f)
		fclose(f);
	if (used < 0)
		fault("/proc/slabinfo does not tell %s: is slab_nomerge on the command line?", name);
	return used;
}

static void wave(long cycle, double length)
{
	long n = 4 + cycle % 3;

	for (long i = 0; i < n; i++) {
		struct area a;
		pid_t pid = fork();

		if (pid < 0)
			fault("fork: %m");
		if (pid)
			continue;
		area_new(&a, cycle * 16 + i, 4096);
		catch_sigbus(&a);
		for (long page = 0; page < a.pages; page++)
			area_fill(&a, page, area_value(&a));
		for (double until = now() + length; now() < until && !shared->stop; nap(0.05))
			op_random(&a, WRITE | ADVISE | MAP | FORK);
		area_check(&a, 0, a.pages);
		_exit(0);
	}
	reap(n);
}

/*
 * Waves of ten seconds in half an hour each. In the calm all that was merged goes, and
 * what KSM and its caches hold has to be what it was after the first.
 */
int long_run(void)
{
	const double period = 1800;
	long first_free = 0, first_items = 0, first_nodes = 0, cycles = 0;
	double start = now();

	for (; !shared->stop && (now() < end || cycles < 2); cycles++) {
		double next = start + (cycles + 1) * period;
		long items, nodes, free;

		knobs_default();
		knob("advisor_mode", cycles % 3 == 0 ? "watermark" : cycles % 3 == 1 ? "none" : "scan-time");
		if (cycles % 3 == 0) {
			knob("advisor_wmark_high", "990");
			knob("advisor_wmark_low", "980");
		}
		wave(cycles, 10);
		/*
		 * Pages that nobody has any more are looked for by and by while ksmd scans, which
		 * it does for a visitor, and in two minutes it comes to all of them.
		 */
		for (int visitors = 0; !wait_for(10, all_gone); visitors++) {
			if (visitors == 4)
				fault("cycle %ld: %s is still %ld, 10 minutes after all have left",
				      cycles, what_is_left, left);
			nap(130);
			if (!merges(120))
				fault("cycle %ld: ksmd does not merge any more", cycles);
		}
		if (next > now())
			nap(next - now());
		put("/proc/sys/vm/drop_caches", "3");
		nap(2);
		free = meminfo(meminfo_text(), "MemFree:");
		items = slab("ksm_rmap_item");
		nodes = slab("ksm_stable_node");
		printf("# cycle %ld at %.0f s: free %ld KiB, %ld rmap_items, %ld stable_nodes in the caches\n",
		       cycles, now() - start, free, items, nodes);
		/* The first finds caches empty that stay as they are from then on. */
		if (cycles < 2) {
			first_free = free, first_items = items, first_nodes = nodes;
			continue;
		}
		if (free < first_free - 16384 || items > first_items + 512 || nodes > first_nodes + 512)
			fault("cycle %ld: %ld KiB are free and %ld were; %ld rmap_items, %ld were; %ld nodes, %ld were",
			      cycles, free, first_free, items, first_items, nodes, first_nodes);
	}
	return 0;
}
