// SPDX-License-Identifier: GPL-2.0
/*
 * neighbour - a server beside ksmd: how long its requests take
 *
 * usage: neighbour MIB SAME HZ BOUND ...
 *
 * Holds MIB MiB of mergeable memory, SAME percent of it the same as in every other
 * ksmload or neighbour. HZ times a second, at even times, a request comes, which
 * reads 64 pages and writes to one of them. Its latency is the time from when it was
 * due until it is done. Each BOUND is a number of seconds: at it, the percentiles
 * since the last are printed, as "# latency_us-BOUND P50 P99 P99.9 MAX", and at the
 * last of them it ends.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))
#define TOUCHED 64

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	unsigned long pages, nr_same, n = 0, max;
	uint64_t *mem, *latency, start, due, period, seed = 1, sum = 0;

	if (argc < 5 || atol(argv[1]) <= 0 || atol(argv[3]) <= 0) {
		fprintf(stderr, "usage: neighbour MIB SAME HZ BOUND ...\n");
		return 2;
	}
	pages = atol(argv[1]) * (1UL << 20) / PAGE;
	nr_same = pages * atol(argv[2]) / 100;
	period = 1000000000ULL / atol(argv[3]);
	max = (atol(argv[argc - 1]) + 1) * atol(argv[3]);
	mem = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* Written to, so that no request pays for it */
	latency = calloc(max, sizeof(*latency));
	if (mem == MAP_FAILED || !latency || madvise(mem, pages * PAGE, MADV_MERGEABLE)) {
		perror("neighbour");
		return 1;
	}
	for (unsigned long i = 0; i < max; i += PAGE / sizeof(*latency))
		latency[i] = 1;
	for (unsigned long i = 0; i < pages; i++) {
		/* As ksmload does it */
		uint64_t state = (i < nr_same ? i : (7777ULL << 32) + i) * 0x9e3779b97f4a7c15ULL + 1;

		for (unsigned long j = 0; j < WORDS; j++)
			mem[i * WORDS + j] = next_random(&state);
	}
	start = due = now_ns();
	for (int bound = 4; bound < argc; bound++) {
		uint64_t end = start + atol(argv[bound]) * 1000000000ULL;

		for (n = 0; due < end && n < max; due += period) {
			struct timespec t = { due / 1000000000, due % 1000000000 };

			while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
				;
			for (int i = 0; i < TOUCHED; i++)
				sum += mem[next_random(&seed) % pages * WORDS];
			mem[next_random(&seed) % pages * WORDS + 1] = sum;
			latency[n++] = now_ns() - due;
		}
		if (!n)
			continue;
		qsort(latency, n, sizeof(*latency), by_value);
		printf("# latency_us-%s %.1f %.1f %.1f %.1f\n", argv[bound], latency[n / 2] / 1e3,
		       latency[n * 99 / 100] / 1e3, latency[n * 999 / 1000] / 1e3, latency[n - 1] / 1e3);
		/* The sorting was no request's fault. */
		due = start + (now_ns() - start + period - 1) / period * period;
	}
	return 0;
}
