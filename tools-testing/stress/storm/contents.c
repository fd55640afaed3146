// SPDX-License-Identifier: GPL-2.0
/* Memory whose contents follow from one number a page, so that each byte can be verified. */
#include "storm.h"

/*
 * A value is 0 for a page of zeroes, or tells all words of the page. Those that differ in
 * the low byte alone make pages which differ in the last words alone. The first word is
 * the value without that byte: a damaged page tells whose it is.
 */
uint64_t contents(uint64_t value, unsigned long word)
{
	uint64_t head = value & ~0xffULL;

	if (!value || !word)
		return head;
	return (word < WORDS - 32 ? head : value) * 0x9e3779b97f4a7c15ULL + word * word;
}

void page_fill(uint64_t *page, uint64_t value)
{
	for (unsigned long i = 0; i < WORDS; i++)
		page[i] = contents(value, i);
}

/* The first word that is not as it should be, or -1 */
long page_wrong(const uint64_t *page, uint64_t value)
{
	for (unsigned long i = 0; i < WORDS; i++)
		if (page[i] != contents(value, i))
			return i;
	return -1;
}

/* An area whose pages are not there yet. It may end at any page, so also within a huge one. */
void area_new(struct area *a, long id, long pages)
{
	a->id = id;
	a->pages = pages;
	a->rng = seeded(id);
	a->mem = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	a->value = calloc(pages, sizeof(*a->value));
	/* Want of memory is what some storms are about. */
	if (a->mem == MAP_FAILED || !a->value)
		_exit(0);
	madvise(a->mem, pages * PAGE, MADV_MERGEABLE);
}

void area_free(struct area *a)
{
	munmap(a->mem, a->pages * PAGE);
	free(a->value);
}

/* Mostly one of a few that all processes have, at times zeroes or one that none has. */
uint64_t area_value(struct area *a)
{
	switch (below(&a->rng, 8)) {
	case 0:
		return 0;
	case 1:
	case 2:
		return (a->id + 16) << 40 | (draw(&a->rng) & 0xffffffff) << 8 | 1;
	default:
		return (below(&a->rng, 24) + 1) << 8 | below(&a->rng, 3);
	}
}

void area_fill(struct area *a, long page, uint64_t value)
{
	uint64_t *mem = a->mem + page * WORDS;

	sig_atomic_t before;

	/*
	 * Where catch_sigbus() took a page on the way, what was written before may be lost, and
	 * what it is to hold set back. What is wrong for another reason stays, to be found.
	 */
	do {
		before = taken;
		a->value[page] = value;
		page_fill(mem, value);
		barrier();
	} while (taken != before);
}

void area_check(struct area *a, long from, long count)
{
	for (long i = from; i < from + count && i < a->pages; i++) {
		const uint64_t *page = a->mem + i * WORDS;
		uint64_t value;
		long word;

		do {
			barrier();
			value = a->value[i];
			word = page_wrong(page, value & ~MAYBE_ZERO);
			if (word >= 0 && value & MAYBE_ZERO)
				word = page_wrong(page, 0);
			/* As the page was looked at, it may have been taken by catch_sigbus(). */
			barrier();
		} while (word >= 0 && a->value[i] != value);
		if (word >= 0)
			fault("damage: process %ld: page %ld at %p is to hold %#lx, word %ld is %#lx and not %#lx, the first is %#lx",
			      a->id, i, (void *)page, value, word, page[word],
			      contents(value & ~MAYBE_ZERO, word), page[0]);
		shared->checked++;
	}
}
