/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is taken and given back so that a share of RAM is available. */
#ifndef LEVEL_H
#define LEVEL_H

#include <string.h>
#include <sys/mman.h>

#include "sample.h"

#define LEVEL_CHUNK (256UL << 10)

/* Takes or gives back memory, none of it mergeable, until permille of MemTotal is left. */
static inline void level(long permille)
{
	static void *chunks[65536];
	static long n;
	long available, total;

	read_meminfo(&available, &total);
	while (available > total * permille / 1000 && n < (long)(sizeof(chunks) / sizeof(*chunks))) {
		void *chunk = mmap(NULL, LEVEL_CHUNK, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (chunk == MAP_FAILED)
			break;
		memset(chunk, 0x5a, LEVEL_CHUNK);
		chunks[n++] = chunk;
		available -= LEVEL_CHUNK >> 10;
	}
	while (available < total * permille / 1000 && n) {
		munmap(chunks[--n], LEVEL_CHUNK);
		available += LEVEL_CHUNK >> 10;
	}
}

#endif
