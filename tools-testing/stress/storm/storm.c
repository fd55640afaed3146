// SPDX-License-Identifier: GPL-2.0
/*
 * storm - tries to break KSM, and verifies each byte of memory as it does
 *
 * usage: storm NAME [seconds=N] [seed=N] [percent=N] [inject=1]
 *        storm list
 *        storm merged COMMAND...	all memory of the command is mergeable
 *
 * A storm is a number of processes that do random things to memory of which they know
 * the contents, and weather: what goes on around them. When it is over, "storm calm" tells
 * whether ksmd is well: it merges two pages, and all that it counts goes back to 0. Exits
 * with 0, or 1 when there was a fault, which is told. What this guest cannot do is told by
 * "skip".
 *
 * The seed decides all that the processes do, but not when: in virtual time a run repeats.
 */
#include "storm.h"

#include <pthread.h>
#include <stdarg.h>

struct shared *shared;
uint64_t seed = 1;
double seconds = 20;
double end;
bool inject;
long percent = 100;

static int calm(void);

static const struct storm {
	const char *name, *what;
	unsigned int kinds;
	void (*weather[4])(long id);
	int workers;
	long pages;
	bool kills;		/* processes may be killed */
	bool own_knobs;		/* the weather sets them */
	bool grouped;		/* in a cgroup */
	bool threads;		/* some processes have one more, which advises as well */
	int (*alone)(void);	/* instead of all that */
} storms[] = {
	{ "knobs", "valid, edge and garbage values to every file", WRITE | ADVISE | ANY, { knob_storm },
	  .workers = 3, .pages = 96, .own_knobs = true },
	{ "modes", "none, scan-time, watermark and run 0, 1, 2 every few ms", WRITE | ADVISE | ANY, { mode_storm },
	  .workers = 4, .pages = 128, .own_knobs = true },
	{ "fork", "fork, exit and exec as ksmd scans", WRITE | ADVISE | ANY | FORK, .workers = 4, .pages = 96 },
	{ "advise", "mergeable and not, given back, moved, cut and protected", WRITE | ADVISE | ANY | MAP,
	  .workers = 6, .pages = 128, .threads = true },
	{ "random", "everything that has a model", ALL, { weather_compact }, .workers = 6, .pages = 200 },
	{ "swap", "out to zram and back", WRITE | ADVISE | SWAP | FORK,
	  { weather_swap, weather_compact, weather_idle, weather_idle }, .workers = 5, .pages = 700, .grouped = true },
	{ "huge", "huge pages collapse and split", WRITE | ADVISE | HUGE | MAP, { weather_compact },
	  .workers = 4, .pages = 1400 },
	{ "migrate", "pages move between NUMA nodes, compaction", WRITE | ADVISE | MIGRATE,
	  { weather_compact }, .workers = 5, .pages = 256 },
	{ "hotplug", "processors and memory come and go", WRITE | ADVISE | SWAP,
	  { weather_cpus, weather_blocks, weather_total }, .workers = 5, .pages = 512, .own_knobs = true },
	{ "memcg", "limits, and sharers that are killed", WRITE | ADVISE | FORK | SWAP, { weather_cgroup },
	  .workers = 6, .pages = 1024, .kills = true, .grouped = true },
	{ "poison", "pages that fail", WRITE | ADVISE | POISON, .workers = 5, .pages = 128 },
	{ "pins", "pages in pipes, io_uring's buffers, userfaultfd", WRITE | ADVISE | PIN | UFFD,
	  .workers = 5, .pages = 96 },
	{ "freezer", "suspend's freezer", WRITE | ADVISE | FORK, { weather_freezer }, .workers = 4, .pages = 128 },
	{ "marks", "memory around the marks, a clock that jumps, ksmd starved", WRITE | ADVISE | SWAP,
	  { weather_marks, weather_clock, weather_starve }, .workers = 3, .pages = 1024, .own_knobs = true },
	{ "vmas", "100 000 mergeable mappings", .alone = scale_vmas },
	{ "processes", "10 000 processes", .alone = scale_processes },
	{ "one", "a process of 16 GiB", .alone = scale_one },
	{ "sharers", "1 000 sharers of a page, max_page_sharing 2 and the largest", .alone = scale_sharers },
	{ "calm", "no storm, but what follows each: whether KSM is well", .alone = calm },
	{ "long", "waves and calm; all is as it was after each", .alone = long_run },
};
static const struct storm *storm;

void fault(const char *format, ...)
{
	char text[512];
	va_list args;
	int size;

	va_start(args, format);
	size = snprintf(text, sizeof(text), "FAULT: ");
	size += vsnprintf(text + size, sizeof(text) - size - 1, format, args);
	va_end(args);
	if (size > (int)sizeof(text) - 2)
		size = sizeof(text) - 2;
	text[size++] = '\n';
	shared->faults++;
	shared->stop = true;
	/* What could not be told here is told by who started this. */
	_exit(write(STDOUT_FILENO, text, size) == size ? BAD : BAD + 1);
}

void skip(const char *format, ...)
{
	const char *none;
	va_list args;

	/* A format is at the same address in all processes: they are forked. */
	for (unsigned int i = 0; i < SIZE(shared->said); i++) {
		none = NULL;
		if (atomic_compare_exchange_strong(&shared->said[i], &none, format))
			break;
		if (none == format)
			return;
	}
	va_start(args, format);
	printf("skip ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

void nap(double seconds)
{
	struct timespec pause = { seconds, (seconds - (time_t)seconds) * 1e9 };

	nanosleep(&pause, NULL);
}

bool over(void)
{
	return shared->stop || now() >= end;
}

/*
 * Where the kernel can be told to fail the next allocations of a task, it is told so in
 * a third of the calls.
 */
static int fail_nth = -1;

void guard_begin(uint64_t *rng, long most)
{
	char text[16];

	if (!inject || below(rng, 3))
		return;
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	snprintf(text, sizeof(text), "%ld", 1 + below(rng, most));
	if (fail_nth >= 0 && write(fail_nth, text, strlen(text)) < 0)
		fault("fail-nth: %m");
}

void guard_end(void)
{
	int error = errno;
	char text[16] = "";

	if (fail_nth < 0)
		return;
	/* What is left to count of it is 0 when it has happened. */
	if (pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0)
		shared->injected++;
	if (pwrite(fail_nth, "0", 1, 0) < 0)
		fault("fail-nth: %m");
	close(fail_nth);
	fail_nth = -1;
	errno = error;
}

bool wait_for(double seconds, bool (*condition)(void))
{
	double until = now() + seconds;

	while (!condition()) {
		if (now() > until || shared->stop)
			return false;
		nap(0.05);
	}
	return true;
}

static bool has_merged(void)
{
	return read_long("/proc/self/ksm_merging_pages") >= 32;
}

/* merges: whether ksmd merges pages that are the same, in a process of its own */
bool merges(double seconds)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return false;
	if (!pid) {
		uint64_t *mem = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (mem == MAP_FAILED || madvise(mem, 64 * PAGE, MADV_MERGEABLE))
			_exit(2);
		for (long i = 0; i < 64; i++)
			page_fill(mem + i * WORDS, (i / 32 + 1000) << 8);
		if (!wait_for(seconds, has_merged))
			_exit(1);
		for (long i = 0; i < 64; i++)
			if (page_wrong(mem + i * WORDS, (i / 32 + 1000) << 8) >= 0)
				fault("damage: two pages that were merged are not as they were");
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

long left;
const char *what_is_left;

/* Nobody has mergeable memory any more: nothing is to be counted. */
bool all_gone(void)
{
	static const char *const counters[] = { "pages_shared", "pages_sharing", "pages_unshared",
		"pages_volatile", "ksm_zero_pages", "stable_node_chains", "stable_node_dups" };
	char path[128];

	for (unsigned int i = 0; i < SIZE(counters); i++) {
		snprintf(path, sizeof(path), KSM "%s", counters[i]);
		left = read_long(path);
		what_is_left = counters[i];
		if (left)
			return false;
	}
	return true;
}

static bool unmerged(void)
{
	/* What is written once more changes nothing. */
	return knob("run", "0") && knob("run", "2") && all_gone();
}

static long progress(void)
{
	return read_long(KSM "pages_scanned") + read_long(KSM "full_scans");
}

static long last_progress;

static bool progressed(void)
{
	return progress() != last_progress;
}

/* Mergeable and not, while the other thread does all that processes do */
static void *advise_too(void *argument)
{
	struct area *a = argument;
	uint64_t rng = seeded(a->id ^ 0x7472);

	for (;;) {
		long from = below(&rng, a->pages), count = 1 + below(&rng, a->pages - from);

		/* It may just have moved, and nothing is there any more. */
		madvise(*(uint64_t *volatile *)&a->mem + from * WORDS, count * PAGE,
			below(&rng, 3) ? MADV_MERGEABLE : MADV_UNMERGEABLE);
		nap(below(&rng, 50) / 1000.0);
	}
	return NULL;
}

/* A worker's life: short, as it also ends in the midst of a scan */
static void worker(long id)
{
	uint64_t rng = seeded(id ^ 0xa5a5);
	double until = now() + 1 + below(&rng, 7000) / 1000.0;
	pthread_t thread;
	struct area a;

	if (storm->grouped && !put("/sys/fs/cgroup/storm/cgroup.procs", "0"))
		fault("cgroup: %m");
	area_new(&a, id, storm->pages);
	catch_sigbus(&a);
	if (storm->threads && id % 2 && pthread_create(&thread, NULL, advise_too, &a))
		fault("a thread: %m");
	while (!over() && now() < until)
		op_random(&a, storm->kinds);
	area_check(&a, 0, a.pages);
	_exit(0);
}

static void start(pid_t *pid, void (*what)(long id), long id)
{
	fflush(NULL);
	*pid = fork();
	if (*pid < 0 && !inject && !storm->kills)
		fault("fork: %m");
	if (*pid)
		return;
	if (what) {
		what(id);
		fflush(NULL);
		_exit(0);
	}
	worker(id);
}

/* judge: whether a process that has ended did so for a reason */
static void judge(int status)
{
	if (WIFEXITED(status) ? WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == BAD :
	    storm->kills && WTERMSIG(status) == SIGKILL)
		return;
	fault("a process ended with status %#x", status);
}

static int run_storm(void)
{
	pid_t workers[16] = { 0 }, weather[SIZE(storm->weather)] = { 0 }, pid;
	uint64_t rng = seeded(0x5702);
	double turn = now(), read_next = now();
	long id = 1;
	int status;

	/* Orphans come here, with what they have to say. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	last_progress = progress();
	for (unsigned int i = 0; i < SIZE(storm->weather) && storm->weather[i]; i++)
		start(&weather[i], storm->weather[i], 0x7000 + i);
	while (!over()) {
		for (int i = 0; i < storm->workers; i++)
			if (workers[i] <= 0)
				start(&workers[i], NULL, id++);
		nap(0.02);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			judge(status);
			for (int i = 0; i < storm->workers; i++)
				if (workers[i] == pid)
					workers[i] = 0;
		}
		if (storm->kills && below(&rng, 50) == 0 && workers[0] > 0)
			kill(workers[0], SIGKILL);
		if (now() >= read_next) {
			read_next = now() + 0.5;
			knobs_read();
		}
		if (!storm->own_knobs && now() >= turn) {
			turn = now() + 1 + below(&rng, 3000) / 1000.0;
			knob("advisor_mode", "none");
			/* There is memory that it may merge, and nothing that holds it up. */
			if (!wait_for(60, progressed) && !over())
				fault("ksmd has not scanned for 60 s");
			knobs_random(&rng);
			last_progress = progress();
		}
	}
	/* What is to end by itself gets the time for it. */
	for (double limit = now() + 300; (pid = waitpid(-1, &status, WNOHANG)) >= 0;) {
		if (pid)
			judge(status);
		else if (now() > limit)
			fault("processes have not ended for 300 s");
		else
			nap(0.05);
	}
	return 0;
}

static void prepare(void)
{
	/* ksmd is to be busy, and the rest to go wrong where it can. */
	put("/proc/sys/vm/overcommit_memory", "1");
	knobs_default();
	if (storm->grouped) {
		put("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
		if (mkdir("/sys/fs/cgroup/storm", 0755) && errno != EEXIST)
			fault("cgroup: %m");
	}
	if (inject) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/make-it-fail", find_ksmd());
		if (!put(path, "1"))
			fault("%s: %m", path);
	}
}

/*
 * Whether ksmd is well after all that. Not in the process of the storm, which may have
 * pages that its children have made KSM pages.
 */
static int calm(void)
{
	knobs_default();
	knobs_read();
	if (!merges(120))
		fault("ksmd does not merge any more");
	if (!wait_for(60, unmerged))
		fault("%s is %ld when nobody has mergeable memory any more", what_is_left, left);
	knob("run", "1");
	return 0;
}

/* The storms of scale once more until the time is over; the others know their own time. */
static int alone(void)
{
	bool once = storm->alone == calm || storm->alone == long_run;
	int status;
	pid_t pid;

	if (once)
		return storm->alone();
	do {
		fflush(NULL);
		pid = fork();
		if (!pid)
			_exit(storm->alone());
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			return 1;
		knob("run", "2");
	} while (!over());
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: storm NAME [seconds=N] [seed=N] [percent=N] [inject=1]\n"
		"       storm list | storm merged COMMAND... | storm nobody COMMAND...\n");
	return 2;
}

int main(int argc, char **argv)
{
	pid_t pid;
	int status;

	if (argc > 1 && !strcmp(argv[1], "nap")) {	/* by op_fork() */
		nap(0.05);
		return 0;
	}
	if (argc > 2 && (!strcmp(argv[1], "merged") || !strcmp(argv[1], "nobody"))) {
		if (prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0))
			perror("storm: prctl");
		if (*argv[1] == 'n' && (setgid(65534) || setuid(65534))) {
			perror("storm: setuid");
			return 127;
		}
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		return 127;
	}
	for (unsigned int i = 0; i < SIZE(storms); i++) {
		if (argc == 2 && !strcmp(argv[1], "list"))
			printf("%-10s %s\n", storms[i].name, storms[i].what);
		if (argc > 1 && !strcmp(argv[1], storms[i].name))
			storm = &storms[i];
	}
	if (argc == 2 && !strcmp(argv[1], "list"))
		return 0;
	if (!storm)
		return usage();
	for (int i = 2; i < argc; i++) {
		char *value = strchr(argv[i], '='), *rest = NULL;
		unsigned long long number = value ? strtoull(value + 1, &rest, 10) : 0;

		if (!value || rest == value + 1 || *rest)
			return usage();
		*value = 0;
		if (!strcmp(argv[i], "seconds"))
			seconds = number;
		else if (!strcmp(argv[i], "seed"))
			seed = number;
		else if (!strcmp(argv[i], "percent") && number)
			percent = number;
		else if (!strcmp(argv[i], "inject"))
			inject = number;
		else
			return usage();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	end = now() + seconds;

	/* In a process of its own, so that a fault anywhere comes to the same end. */
	pid = fork();
	if (!pid) {
		prepare();
		if (storm->alone ? alone() : run_storm())
			_exit(1);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	if (status && !shared->faults)
		fprintf(stderr, "storm: ended with status %#x\n", status);
	if (storm->alone == calm)
		return status || shared->faults;
	printf("# storm %s seed %llu seconds %.0f ops %lu checked %lu injected %lu poisoned %lu faults %lu\n",
	       storm->name, (unsigned long long)seed, now() - end + seconds, shared->ops, shared->checked,
	       shared->injected, shared->poisoned, shared->faults);
	if (storm->kinds & POISON)
		printf("# %lu pages that failed were merged ones\n", shared->poisoned_ksm);
	return status || shared->faults;
}
