/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of storm share. */
#ifndef STORM_H
#define STORM_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../guest/sample.h"

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))
#define SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* A signal handler may have changed what was read before; taken: pages that it replaced. */
#define barrier() __asm__ volatile("" ::: "memory")
extern volatile sig_atomic_t taken;

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#endif

/* Exit status of a process that found a fault, which it has told. */
#define BAD 99

/* What kinds of operations a storm is made of */
enum {
	WRITE = 1 << 0,		/* contents come and go */
	ADVISE = 1 << 1,	/* mergeable and not */
	MAP = 1 << 2,		/* mappings move, are cut and protected */
	FORK = 1 << 3,		/* fork, exit and exec */
	SWAP = 1 << 4,
	HUGE = 1 << 5,		/* THP: collapse and split */
	MIGRATE = 1 << 6,	/* to another NUMA node */
	PIN = 1 << 7,		/* vmsplice, io_uring's fixed buffers */
	UFFD = 1 << 8,
	POISON = 1 << 9,
	ANY = 1 << 10,		/* all memory of a process mergeable, by prctl() */
	ALL = ANY | WRITE | ADVISE | MAP | FORK | SWAP | HUGE | MIGRATE | PIN | UFFD,
};

/* Memory that all processes of a run share */
struct shared {
	atomic_ulong ops, checked, faults, poisoned, poisoned_ksm, injected;
	atomic_bool stop;
	_Atomic(const char *) said[16];		/* by skip() */
};

extern struct shared *shared;
extern uint64_t seed;
extern double seconds;		/* of a storm */
extern double end;		/* when it is over, as by now() */
extern bool inject;		/* whether the kernel is to fail what we allocate */
extern long percent;		/* of the sizes of the storm "scale" */

/* fault: tells of one, counts it and ends the process */
__attribute__((format(printf, 1, 2), noreturn)) void fault(const char *format, ...);
/* skip: tells what this guest cannot do, once */
__attribute__((format(printf, 1, 2))) void skip(const char *format, ...);
void nap(double seconds);
bool over(void);
/* guarded: the return value of a system call which the kernel may be made to fail */
#define guarded(rng, call) ({ guard_begin(rng, 12); long got_ = (call); guard_end(); got_; })
/* One of as many allocations as "most" is to fail. */
void guard_begin(uint64_t *rng, long most);
void guard_end(void);

static inline uint64_t draw(uint64_t *rng)
{
	*rng ^= *rng << 13;
	*rng ^= *rng >> 7;
	*rng ^= *rng << 17;
	return *rng * 0x2545f4914f6cdd1dULL >> 16;
}

static inline long below(uint64_t *rng, long n)
{
	return draw(rng) % n;
}

static inline uint64_t seeded(uint64_t number)
{
	uint64_t rng = (seed + 1) * 0x9e3779b97f4a7c15ULL ^ (number + 1) * 0xbf58476d1ce4e5b9ULL;

	return rng ? rng : 1;
}

/* contents.c: memory, and what is to be in it */
struct area {
	uint64_t *mem;
	long pages;
	uint64_t *value;	/* of each page, see contents() */
	long id;
	uint64_t rng;
};

/* Of a value: the page was given back by MADV_FREE, so it may be of zeroes */
#define MAYBE_ZERO (1ULL << 63)

void area_new(struct area *a, long id, long pages);
uint64_t area_value(struct area *a);
void area_fill(struct area *a, long page, uint64_t value);
void area_check(struct area *a, long from, long count);
void area_free(struct area *a);
uint64_t contents(uint64_t value, unsigned long word);
void page_fill(uint64_t *page, uint64_t value);
long page_wrong(const uint64_t *page, uint64_t value);

/* ops.c, pins.c: what is done to an area */
void op_random(struct area *a, unsigned int kinds);
void op_pin(struct area *a);
void op_ring(struct area *a);
void op_uffd(struct area *a);
void op_poison(struct area *a);
void catch_sigbus(struct area *a);

/* knobs.c */
bool put(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool knob(const char *name, const char *value);
void knobs_default(void);
void knobs_random(uint64_t *rng);
void knobs_read(void);
void knob_storm(long id);
void mode_storm(long id);

/* weather.c: what goes on around the processes of a storm */
void weather_compact(long id);
void weather_cpus(long id);
void weather_blocks(long id);
void weather_total(long id);
void weather_cgroup(long id);
void weather_idle(long id);
void weather_swap(long id);
void weather_freezer(long id);
void weather_marks(long id);
void weather_clock(long id);
void weather_starve(long id);

/* scale.c */
int scale_vmas(void);
int scale_processes(void);
int scale_one(void);
int scale_sharers(void);
int long_run(void);

/* storm.c */
bool wait_for(double seconds, bool (*condition)(void));
bool merges(double seconds);
bool all_gone(void);
extern const char *what_is_left;	/* where all_gone() has found something, and how much */
extern long left;

#endif
