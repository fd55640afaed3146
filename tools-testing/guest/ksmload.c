// SPDX-License-Identifier: GPL-2.0
/*
 * ksmload - processes with partly identical mergeable memory, and a sampler
 *
 * usage: ksmload [option=value ...]
 *
 *   procs=6     processes in all
 *   calm=2      how many of them run from the start
 *   mib=140     memory of each, in MiB
 *   same=60     percent of it that is the same in every process
 *   zero=0      percent of it, after that, that is zeroes
 *   lean=0      1: write one word in 64 of a page, for want of processor time
 *   hot=5       percent of it, the last, in each page of which a word is rewritten
 *   hz=4        rewrites a second
 *   wave=60     when the others arrive, in seconds
 *   rate=0      MiB/s at which they do; 0: all at once
 *   life=0      seconds after which a process ends and another takes its place
 *   lossy=0     1: it is no error when they are killed for want of memory
 *   end=300     when all is over, in seconds
 *   every=100   time between two samples, in ms
 *   merge=1     0: the memory is not madvised
 *   late=0      seconds: another pair of processes, late_mib each, arrives then
 *   late_mib=16
 *   seed=0      another one: nothing but the same part is the same as elsewhere
 *
 * Prints one line of CSV a sample, see sample.h, and in the end how many processes
 * are up and how many were killed. Contents are verified at the end: a wrong byte is
 * an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sample.h"

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))

static long procs = 6, calm = 2, mib = 140, same = 60, hot = 5, hz = 4;
static long wave = 60, end = 300, every = 100, merge = 1, late, late_mib = 16;
static long zero, lean, seed, rate, life, lossy;

static const struct { const char *name; long *value; } options[] = {
	{ "procs", &procs }, { "calm", &calm }, { "mib", &mib },
	{ "same", &same }, { "hot", &hot }, { "hz", &hz }, { "wave", &wave },
	{ "end", &end }, { "every", &every }, { "merge", &merge },
	{ "late", &late }, { "late_mib", &late_mib },
	{ "zero", &zero }, { "lean", &lean }, { "seed", &seed }, { "rate", &rate }, { "life", &life },
	{ "lossy", &lossy },
};

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Contents follow from this alone, so they can be verified; those of 0 are zeroes. */
static uint64_t contents(long id, unsigned long page, unsigned long pages)
{
	unsigned long nr_same = pages * same / 100, nr_zero = pages * zero / 100;
	uint64_t unique = ((seed * 1000 + id + 1) << 32) + page;

	if (page >= nr_same && page < nr_same + nr_zero)
		return 0;
	return (page < nr_same ? page : unique) * 0x9e3779b97f4a7c15ULL + 1;
}

static void fill(uint64_t *page, uint64_t state)
{
	for (unsigned long i = 0; i < WORDS; i += lean ? 64 : 1)
		page[i] = next_random(&state);
}

static int verify(const uint64_t *page, uint64_t state)
{
	for (unsigned long i = 0; i < WORDS; i++)
		if (page[i] != (lean && i % 64 ? 0 : next_random(&state)))
			return -1;
	return 0;
}

static int worker(long id, long size_mib)
{
	unsigned long pages = size_mib * (1UL << 20) / PAGE;
	unsigned long nr_hot = pages * hot / 100;
	struct timespec pause = { hz == 1, hz > 1 ? 1000000000L / hz : 0 };
	uint64_t *mem, round = 0;

	mem = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED) {
		perror("ksmload: mmap");
		return 1;
	}
	if (merge && madvise(mem, pages * PAGE, MADV_MERGEABLE)) {
		perror("ksmload: madvise");
		return 1;
	}
	for (unsigned long i = 0; i < pages; i++)
		fill(mem + i * WORDS, contents(id, i, pages));
	if (hz == 0 || nr_hot == 0)
		pause = (struct timespec){ 1, 0 };
	while (!stop) {
		nanosleep(&pause, NULL);
		round++;
		for (unsigned long i = pages - nr_hot; hz && i < pages; i++)
			mem[i * WORDS + i % WORDS] = round;
	}
	for (unsigned long i = 0; i < pages - nr_hot; i++)
		if (verify(mem + i * WORDS, contents(id, i, pages))) {
			fprintf(stderr, "ksmload: process %ld: page %lu is damaged\n", id, i);
			return 1;
		}
	return 0;
}

static void score(const char *value)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		perror("ksmload: oom_score_adj");
	close(fd);
}

static pid_t start(long id, long size_mib)
{
	pid_t pid = fork();

	if (pid < 0) {
		perror("ksmload: fork");
		exit(1);
	}
	if (!pid) {
		if (lossy)
			score("0");
		_exit(worker(id, size_mib));
	}
	return pid;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_term };
	int ksmd = find_ksmd(), status, bad = 0, killed = 0;
	double t0, t, born[256];
	pid_t pids[256];
	long n = 0, tick = 0, next_id;

	for (int i = 1; i < argc; i++) {
		unsigned int o, known = sizeof(options) / sizeof(options[0]);
		char *value = strchr(argv[i], '=');

		for (o = 0; value && o < known; o++)
			if (!strncmp(argv[i], options[o].name, value - argv[i]) &&
			    !options[o].name[value - argv[i]])
				break;
		if (!value || o == known) {
			fprintf(stderr, "ksmload: unknown option %s\n", argv[i]);
			return 2;
		}
		*options[o].value = atol(value + 1);
	}
	sigaction(SIGTERM, &sa, NULL);
	/* Not the one who counts. */
	if (lossy)
		score("-1000");
	sample_header();

	next_id = procs;
	t0 = now();
	while (n < calm)
		born[n] = now() - t0, pids[n] = start(n, mib), n++;
	for (;;) {
		t = now() - t0;
		while (n < procs && t >= wave + (rate ? (n - calm) * mib / (double)rate : 0))
			born[n] = t, pids[n] = start(n, mib), n++;
		for (long i = 0; life && i < n && i < procs; i++) {
			if (t < born[i] + life)
				continue;
			kill(pids[i], SIGTERM);
			if (waitpid(pids[i], &status, 0) == pids[i])
				bad |= status;
			born[i] = t;
			pids[i] = start(next_id++, mib);
		}
		if (late && t >= late && n == procs) {
			pids[n] = start(1000, late_mib), n++;
			pids[n] = start(1001, late_mib), n++;
		}
		sample(ksmd, t);
		if (t >= end || stop)
			break;
		wait_tick(t0, &tick, every);
	}
	for (long i = 0; i < n; i++)
		kill(pids[i], SIGTERM);
	while (wait(&status) > 0) {
		if (lossy && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			killed++;
		else
			bad |= status;
	}
	printf("# up %ld\n# killed %d\n", n - killed, killed);
	return bad ? 1 : 0;
}
