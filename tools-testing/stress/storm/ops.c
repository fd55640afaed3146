// SPDX-License-Identifier: GPL-2.0
/*
 * One step of a process: something that is done to a part of its area, and what that
 * makes of the contents. Each process is a sequence of random steps with a model of what
 * memory holds, as a fuzzer of system calls would be, and the seed repeats it.
 */
#include "storm.h"

#include <linux/mempolicy.h>

static void range(struct area *a, long *from, long *count)
{
	long most = below(&a->rng, 4) ? 16 : a->pages;

	*from = below(&a->rng, a->pages);
	*count = 1 + below(&a->rng, most);
	if (*from + *count > a->pages)
		*count = a->pages - *from;
}

/* advise: where the kernel was made to fail, nothing may have happened to the contents */
static int advise(struct area *a, long from, long count, int advice)
{
	return guarded(&a->rng, madvise(a->mem + from * WORDS, count * PAGE, advice));
}

static void set(struct area *a, long from, long count, uint64_t value)
{
	for (long i = from; i < from + count; i++)
		a->value[i] = value;
}

static void op_write(struct area *a)
{
	long from, count;

	range(a, &from, &count);
	for (long i = from; i < from + count; i++)
		area_fill(a, i, area_value(a));
}

/* The last byte of the value alone: what ksmd sees last */
static void op_poke(struct area *a)
{
	long page = below(&a->rng, a->pages);
	uint64_t value = a->value[page];

	if (value && !(value & MAYBE_ZERO))
		area_fill(a, page, (value & ~0xffULL) | (draw(&a->rng) & 3));
}

static void op_check(struct area *a)
{
	long from, count;

	range(a, &from, &count);
	area_check(a, from, count);
}

static void op_rest(struct area *a)
{
	nap(below(&a->rng, 20) / 1000.0);
}

static void op_advise(struct area *a)
{
	long from, count;

	range(a, &from, &count);
	advise(a, from, count, below(&a->rng, 3) ? MADV_MERGEABLE : MADV_UNMERGEABLE);
}

/*
 * What was shared with the parent before it wrote to it may become a KSM page, and
 * stays one for as long as the parent has it.
 */
static void op_merge_any(struct area *a)
{
	guarded(&a->rng, prctl(PR_SET_MEMORY_MERGE, below(&a->rng, 2), 0, 0, 0));
}

static void op_dontneed(struct area *a)
{
	long from, count;

	range(a, &from, &count);
	if (!advise(a, from, count, MADV_DONTNEED))
		set(a, from, count, 0);
}

static void op_free(struct area *a)
{
	long from, count;

	range(a, &from, &count);
	/* It may have come to some pages before it failed. */
	advise(a, from, count, MADV_FREE);
	for (long i = from; i < from + count; i++)
		a->value[i] |= MAYBE_ZERO;
}

static void op_pages(struct area *a)
{
	static const int advice[] = { MADV_PAGEOUT, MADV_COLD, MADV_WILLNEED, MADV_POPULATE_READ, MADV_POPULATE_WRITE };
	long from, count;

	range(a, &from, &count);
	advise(a, from, count, advice[below(&a->rng, SIZE(advice))]);
}

static void op_huge(struct area *a)
{
	static const int advice[] = { MADV_HUGEPAGE, MADV_COLLAPSE, MADV_COLLAPSE, MADV_NOHUGEPAGE };
	long from = 0, count = a->pages;

	if (below(&a->rng, 2))
		range(a, &from, &count);
	advise(a, from, count, advice[below(&a->rng, SIZE(advice))]);
}

static void op_protect(struct area *a)
{
	long from, count;

	range(a, &from, &count);
	/* Where it fails, some of them may have become so. */
	guarded(&a->rng, mprotect(a->mem + from * WORDS, count * PAGE, PROT_READ));
	area_check(a, from, count);
	if (below(&a->rng, 2))
		op_rest(a);
	while (mprotect(a->mem + from * WORDS, count * PAGE, PROT_READ | PROT_WRITE))
		nap(0.01);
}

static void op_lock(struct area *a)
{
	long from, count;

	range(a, &from, &count);
	if (!mlock(a->mem + from * WORDS, count * PAGE))
		munlock(a->mem + from * WORDS, count * PAGE);
}

static void op_hole(struct area *a)
{
	long from, count;

	range(a, &from, &count);
	if (mmap(a->mem + from * WORDS, count * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return;
	set(a, from, count, 0);
	advise(a, from, count, MADV_MERGEABLE);
}

/* All of it elsewhere */
static void op_move(struct area *a)
{
	uint64_t *to = mmap(NULL, a->pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	long moved = 0;

	if (to == MAP_FAILED)
		return;
	while (moved < a->pages) {
		long count = below(&a->rng, 2) ? a->pages - moved : 1 + below(&a->rng, 8);
		unsigned char in_core;

		if (count > a->pages - moved)
			count = a->pages - moved;
		/* More than one mapping in a call is not for every kernel. */
		if (mremap(a->mem + moved * WORDS, count * PAGE, count * PAGE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, to + moved * WORDS) == MAP_FAILED) {
			count = 1;
			/* It may have come to this page before it failed. */
			if (mremap(a->mem + moved * WORDS, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				   to + moved * WORDS) == MAP_FAILED &&
			    !mincore(a->mem + moved * WORDS, PAGE, &in_core)) {
				nap(0.01);
				count = 0;
			}
		}
		moved += count;
	}
	a->mem = to;
}

/* A page over another of the same area, which leaves zeroes */
static void op_over(struct area *a)
{
	long from = below(&a->rng, a->pages), to = below(&a->rng, a->pages);

	if (from == to || mremap(a->mem + from * WORDS, PAGE, PAGE,
				 MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, a->mem + to * WORDS) == MAP_FAILED)
		return;
	a->value[to] = a->value[from];
	a->value[from] = 0;
}

static void op_migrate(struct area *a)
{
	void *pages[64];
	int nodes[64], status[64];
	long n = 0, from = below(&a->rng, a->pages);

	if (below(&a->rng, 4) == 0) {
		unsigned long both = 3;

		if (below(&a->rng, 2))
			syscall(SYS_mbind, a->mem, a->pages * PAGE, MPOL_INTERLEAVE, &both, 64, MPOL_MF_MOVE);
		else
			syscall(SYS_mbind, a->mem, a->pages * PAGE, MPOL_DEFAULT, NULL, 0, MPOL_MF_MOVE);
		return;
	}
	for (; n < 64 && from + n < a->pages; n++) {
		pages[n] = a->mem + (from + n) * WORDS;
		nodes[n] = below(&a->rng, 2);
	}
	syscall(SYS_move_pages, 0, n, pages, nodes, status, below(&a->rng, 2) ? MPOL_MF_MOVE : MPOL_MF_MOVE_ALL);
}

/* A child goes on with the same contents; both have to keep theirs. */
static int depth;

static void op_fork(struct area *a)
{
	static int children;
	bool dies = below(&a->rng, 4) == 0, execs = below(&a->rng, 4) == 0;
	pid_t pid;
	int status;

	while (children && (pid = waitpid(-1, &status, children < 3 ? WNOHANG : 0)) != 0) {
		if (pid < 0)
			children = 0;
		else
			children--;
		if (pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
			fault("a child of process %ld ended by signal %d", a->id, WTERMSIG(status));
		if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status))
			_exit(WEXITSTATUS(status));
	}
	if (depth >= 3)
		return;
	pid = fork();
	if (pid > 0)
		children++;
	if (pid)
		return;
	depth++;
	children = 0;
	a->id += 1000 * depth;
	a->rng = seeded(a->id ^ (draw(&a->rng) << 20));
	for (long i = below(&a->rng, 40); i > 0 && !over(); i--)
		op_random(a, WRITE | ADVISE | (depth < 2 ? FORK : 0));
	if (dies)
		_exit(0);
	area_check(a, 0, a->pages);
	if (execs)
		execl("/proc/self/exe", "storm", "nap", (char *)NULL);
	_exit(0);
}

static const struct op {
	void (*run)(struct area *a);
	unsigned int kind;
	int weight;
} ops[] = {
	{ op_write, WRITE, 8 }, { op_poke, WRITE, 8 }, { op_check, WRITE, 8 }, { op_rest, WRITE, 6 },
	{ op_advise, ADVISE, 8 }, { op_merge_any, ANY, 1 }, { op_dontneed, ADVISE, 3 }, { op_free, ADVISE, 3 },
	{ op_protect, MAP, 4 }, { op_hole, MAP, 3 }, { op_move, MAP, 2 }, { op_over, MAP, 3 }, { op_lock, MAP, 1 },
	{ op_fork, FORK, 4 }, { op_pages, SWAP, 8 }, { op_huge, HUGE, 8 }, { op_migrate, MIGRATE, 8 },
	{ op_pin, PIN, 8 }, { op_ring, PIN, 8 }, { op_uffd, UFFD, 8 }, { op_poison, POISON, 4 },
};

void op_random(struct area *a, unsigned int kinds)
{
	int sum = 0, at;

	for (unsigned int i = 0; i < SIZE(ops); i++)
		if (ops[i].kind & kinds)
			sum += ops[i].weight;
	at = below(&a->rng, sum);
	for (unsigned int i = 0; i < SIZE(ops); i++) {
		if (!(ops[i].kind & kinds))
			continue;
		at -= ops[i].weight;
		if (at >= 0)
			continue;
		ops[i].run(a);
		shared->ops++;
		return;
	}
}
