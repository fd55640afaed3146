// SPDX-License-Identifier: GPL-2.0
/* What goes on around the processes of a storm. Each of these puts back what it set. */
#include "storm.h"

#include <limits.h>
#include <sched.h>
#include <sys/swap.h>

void weather_compact(long id)
{
	uint64_t rng = seeded(id);

	while (!over()) {
		switch (below(&rng, 4)) {
		case 0:
			put("/proc/sys/vm/drop_caches", "3");
			break;
		case 1:
			put("/sys/kernel/debug/split_huge_pages", "1");
			break;
		default:
			put("/proc/sys/vm/compact_memory", "1");
		}
		shared->ops++;
		nap(below(&rng, 200) / 1000.0);
	}
}

void weather_cpus(long id)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);
	uint64_t rng = seeded(id);
	char path[128];

	if (n < 2) {
		skip("CPU hotplug: there is one processor");
		return;
	}
	while (!over()) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%ld/online", 1 + below(&rng, n - 1));
		if (put(path, "%d", (int)below(&rng, 2)))
			shared->ops++;
		nap(below(&rng, 200) / 1000.0);
	}
	for (long i = 1; i < n; i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%ld/online", i);
		put(path, "1");
	}
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Blocks of memory that are for what can be moved: the command line has to ask for such. */
void weather_blocks(long id)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	long blocks[64], n = 0, done = 0;
	uint64_t rng = seeded(id);
	char path[128], text[64];

	for (long i = 0; i < 1024 && n < (long)SIZE(blocks); i++) {
		int fd;

		snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%ld/valid_zones", i);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		memset(text, 0, sizeof(text));
		if (read(fd, text, sizeof(text) - 1) > 0 && strstr(text, "Movable") == text)
			blocks[n++] = i;
		close(fd);
	}
	if (!n) {
		skip("memory hotplug: no block of memory can be taken away");
		return;
	}
	sigaction(SIGALRM, &sa, NULL);
	while (!over()) {
		snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%ld/state", blocks[below(&rng, n)]);
		/* It tries for ever, until a signal comes. */
		alarm(5);
		if (put(path, below(&rng, 2) ? "offline" : "online_movable"))
			done++, shared->ops++;
		alarm(0);
		nap(below(&rng, 300) / 1000.0);
	}
	for (long i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%ld/state", blocks[i]);
		put(path, "online_movable");
	}
	printf("# %ld blocks of memory went or came\n", done);
	if (!done && seconds >= 60)
		fault("no block of memory went or came");
}

/*
 * Marks so near to what is available that they are crossed as blocks of memory come and
 * go: of both it is a part of the total, which changes.
 */
void weather_total(long id)
{
	long available, total, scanned = read_long(KSM "pages_scanned"), least = LONG_MAX, most = 0;
	uint64_t rng = seeded(id);

	while (!over()) {
		long permille;

		read_meminfo(&available, &total);
		least = total < least ? total : least;
		most = total > most ? total : most;
		permille = available * 1000 / total + below(&rng, 60) - 30;
		knob("advisor_wmark_low", "1");
		put(KSM "advisor_wmark_high", "%ld", permille < 990 ? permille : 990);
		put(KSM "advisor_wmark_low", "%ld", permille < 990 ? permille - 15 : 975);
		if (below(&rng, 8) == 0)
			knobs_random(&rng);
		else
			knob("advisor_mode", "watermark");
		shared->ops++;
		nap(below(&rng, 1500) / 1000.0);
	}
	scanned = read_long(KSM "pages_scanned") - scanned;
	printf("# %ld to %ld KiB in all, %ld pages scanned\n", least, most, scanned);
	if (seconds >= 60 && scanned <= 0)
		fault("ksmd has not scanned while the total of memory changed");
}

#define GROUP "/sys/fs/cgroup/storm/"

/* event: a number of a file that has one a line, after its name */
static long event(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	char found[64];
	long n, number = -1;

	while (f && fscanf(f, "%63s %ld", found, &n) == 2)
		if (!strcmp(found, name))
			number = n;
	if (f)
		fclose(f);
	if (number < 0)
		fault("%s does not tell %s", path, name);
	return number;
}

/* A limit that is too low at times: what does not go to swap gets killed. */
void weather_cgroup(long id)
{
	uint64_t rng = seeded(id);
	long kills;

	while (!over()) {
		switch (below(&rng, 4)) {
		case 0:
			put(GROUP "memory.swap.max", "%ldM", below(&rng, 5));
			put(GROUP "memory.max", "%ldM", 12 + below(&rng, 12));
			break;
		case 1:
			put(GROUP "memory.high", "%ldM", 8 + below(&rng, 32));
			break;
		case 2:
			put(GROUP "memory.reclaim", "%ldM", 1 + below(&rng, 16));
			break;
		default:
			put(GROUP "memory.max", "max");
			put(GROUP "memory.high", "max");
			put(GROUP "memory.swap.max", "max");
		}
		shared->ops++;
		nap(below(&rng, 400) / 1000.0);
	}
	put(GROUP "memory.max", "max");
	put(GROUP "memory.high", "max");
	put(GROUP "memory.swap.max", "max");
	kills = event(GROUP "memory.events", "oom_kill");
	printf("# %ld processes were killed for want of memory\n", kills);
	if (!kills && seconds >= 60)
		fault("nobody was killed for want of memory");
}

/*
 * Memory that changes little: it is merged, goes out, and comes back when somebody looks.
 * The second half has what the first has. Of a page whose twin has left it, and which was
 * then given back, nothing may be lost once the twin is back.
 */
void weather_idle(long id)
{
	const long half = 256, count = 64;
	struct area a;

	if (!put(GROUP "cgroup.procs", "0"))
		fault("cgroup: %m");
	area_new(&a, id, 2 * half);
	while (!over()) {
		long from = below(&a.rng, half - count), what = below(&a.rng, 4);

		nap(below(&a.rng, 1000) / 1000.0);
		/* The first half's pages come back, and are copied for the second. */
		if (what == 0) {
			guard_begin(&a.rng, 200);
			madvise(a.mem, a.pages * PAGE, MADV_POPULATE_READ);
			guard_end();
		}
		for (long page = from; what == 1 && page < from + count; page++)
			area_fill(&a, page + half, 1);
		if (what == 1)
			guarded(&a.rng, madvise(a.mem + from * WORDS, count * PAGE, MADV_FREE));
		for (long page = from; page < from + count; page++) {
			/* Some others have, too. */
			uint64_t value = (page < half / 2 ? page : id * half + page) << 8 | 2;

			if (what == 1)
				a.value[page] |= MAYBE_ZERO;
			if (what == 2)
				area_fill(&a, page, value);
			if (what == 1 || what == 2)
				area_fill(&a, page + half, value);
		}
		if (what != 1)
			area_check(&a, from, count);
		area_check(&a, from + half, count);
		shared->ops++;
	}
	area_check(&a, 0, a.pages);
}

void weather_swap(long id)
{
	uint64_t rng = seeded(id);
	int error;

	while (!over()) {
		nap(below(&rng, 800) / 1000.0);
		shared->ops++;
		/* MADV_PAGEOUT leaves alone what others have mapped, as they have KSM pages. */
		if (below(&rng, 4)) {
			put(GROUP "memory.reclaim", "%ldM", 1 + below(&rng, 12));
			continue;
		}
		guard_begin(&rng, 1000);
		error = swapoff("/dev/zram0");
		guard_end();
		if (error && inject && errno == ENOMEM)
			continue;
		if (error) {
			skip("swapoff: %m");
			return;
		}
		if (swapon("/dev/zram0", 0))
			fault("swapon: %m");
	}
}

/* All that suspending does until the processes are frozen, and back */
void weather_freezer(long id)
{
	uint64_t rng = seeded(id);

	if (!put("/sys/power/pm_test", "freezer")) {
		skip("the freezer: %m");
		return;
	}
	put("/sys/module/suspend/parameters/pm_test_delay", "0");
	while (!over()) {
		double start = now();

		/* It gives up after 20 s. */
		if (put("/sys/power/state", "freeze"))
			shared->ops++;
		else if ((errno != EBUSY && errno != EAGAIN) || now() - start > 15)
			fault("the freezer, after %.0f s: %m", now() - start);
		nap(below(&rng, 400) / 1000.0);
	}
	put("/sys/power/pm_test", "none");
}

#define STARVE_PRIORITY 50

/*
 * Takes or gives back memory until permille of it is available. In huge pages where there are
 * some: one by one, these kernels take seconds for what is to go up and down ten times a second.
 */
static void take(long permille)
{
	const unsigned long piece = 2UL << 20;
	static unsigned long taken_bytes;
	static char *ballast;
	long available, total;

	read_meminfo(&available, &total);
	if (!ballast) {
		ballast = mmap(NULL, total << 10, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (ballast == MAP_FAILED)
			fault("mmap of a ballast: %m");
		madvise(ballast, total << 10, MADV_HUGEPAGE);
	}
	for (; available > total * permille / 1000 && taken_bytes + piece <= (unsigned long)total << 10;
	     available -= piece >> 10, taken_bytes += piece)
		if (madvise(ballast + taken_bytes, piece, MADV_POPULATE_WRITE))
			return;
	for (; available < total * permille / 1000 && taken_bytes; available += piece >> 10) {
		taken_bytes -= piece;
		madvise(ballast + taken_bytes, piece, MADV_DONTNEED);
	}
}

/* Memory is taken and given back around the marks, and the kernel's own marks move. */
void weather_marks(long id)
{
	uint64_t rng = seeded(id);
	struct sched_param above = { .sched_priority = STARVE_PRIORITY + 1 };
	long min_free = read_long("/proc/sys/vm/min_free_kbytes"), scanned = read_long(KSM "pages_scanned");
	long available, total, lowest = 1000, highest = 0;

	/* weather_starve() is not to keep it from that. */
	if (sched_setscheduler(0, SCHED_FIFO, &above))
		skip("real time: %m");
	knob("advisor_mode", "watermark");
	while (!over()) {
		take(below(&rng, 2) ? 390 + below(&rng, 70) : 190 + below(&rng, 30));
		if (below(&rng, 5) == 0)
			put("/proc/sys/vm/min_free_kbytes", "%ld", min_free * (1 + below(&rng, 8)));
		if (below(&rng, 5) == 0)
			put("/proc/sys/vm/watermark_scale_factor", "%ld", 10 + below(&rng, 500));
		if (below(&rng, 20) == 0)
			knob("advisor_mode", below(&rng, 2) ? "none" : "watermark");
		else if (below(&rng, 10) == 0)
			knob("advisor_mode", "watermark");
		shared->ops++;
		nap(0.1);
		read_meminfo(&available, &total);
		if (available * 1000 / total < lowest)
			lowest = available * 1000 / total;
		if (available * 1000 / total > highest)
			highest = available * 1000 / total;
	}
	put("/proc/sys/vm/min_free_kbytes", "%ld", min_free);
	put("/proc/sys/vm/watermark_scale_factor", "10");
	scanned = read_long(KSM "pages_scanned") - scanned;
	printf("# from %ld to %ld permille were available, %ld pages scanned\n", lowest, highest, scanned);
	if (seconds >= 60 && (lowest > 300 || highest < 400 || scanned <= 0))
		fault("no storm around the marks: %ld to %ld permille, %ld pages scanned", lowest, highest, scanned);
}

/* The clock on the wall; the one that counts from boot jumps as one.sh stops the machine. */
void weather_clock(long id)
{
	uint64_t rng = seeded(id);

	while (!over()) {
		struct timespec t;

		clock_gettime(CLOCK_REALTIME, &t);
		t.tv_sec += below(&rng, 2000000) - 1000000;
		if (t.tv_sec < 1000000)
			t.tv_sec = 2000000000;
		if (clock_settime(CLOCK_REALTIME, &t))
			fault("the clock: %m");
		shared->ops++;
		nap(below(&rng, 500) / 1000.0);
	}
}

/* A thread of real-time priority a processor, which leaves little to ksmd */
void weather_starve(long id)
{
	struct sched_param param = { .sched_priority = STARVE_PRIORITY };
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t rng = seeded(id);

	for (long i = 1; i < n; i++)
		if (!fork())
			break;
	if (sched_setscheduler(0, SCHED_FIFO, &param)) {
		skip("real time: %m");
		return;
	}
	while (!over()) {
		double until = now() + below(&rng, 700) / 1000.0;

		while (now() < until)
			;
		shared->ops++;
		nap(below(&rng, 400) / 1000.0);
	}
}
