// SPDX-License-Identifier: GPL-2.0
/*
 * hold - keeps available memory between two shares of RAM, by turns
 *
 * usage: hold A B PERIOD SECONDS
 *
 * Takes or gives back memory of its own, which is not mergeable, so that
 * MemAvailable is A permille of MemTotal, after PERIOD seconds B permille, and
 * so on. Counts how often pages_to_scan rises from 0, which is ksmd starting,
 * and prints it with the lowest and highest share seen: "starts N lowest N
 * highest N".
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "level.h"

int main(int argc, char **argv)
{
	long starts = 0, lowest = 1000, highest = 0, last = 0;
	double start = now(), t;

	if (argc != 5) {
		fprintf(stderr, "usage: hold A B PERIOD SECONDS\n");
		return 2;
	}
	while ((t = now() - start) < atol(argv[4])) {
		long turn = (long)(t / atol(argv[3])) % 2;
		long pages, available, total;
		struct timespec pause = { 0, 100000000 };

		level(atol(argv[1 + turn]));
		nanosleep(&pause, NULL);
		pages = read_long(KSM "pages_to_scan");
		if (pages > 0 && last == 0)
			starts++;
		last = pages;
		read_meminfo(&available, &total);
		/* The first seconds are for getting there. */
		if (t < 10)
			continue;
		if (available * 1000 / total < lowest)
			lowest = available * 1000 / total;
		if (available * 1000 / total > highest)
			highest = available * 1000 / total;
	}
	printf("starts %ld lowest %ld highest %ld\n", starts, lowest, highest);
	return 0;
}
