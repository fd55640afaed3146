// SPDX-License-Identifier: GPL-2.0
/*
 * latency - how long writes to a file take
 *
 * usage: latency FILE VALUE COUNT
 *
 * Writes VALUE to FILE COUNT times, at moments that fall anywhere in ksmd's
 * cycle, and prints the longest write in microseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double longest = 0;
	unsigned int seed = 1;

	if (argc != 4) {
		fprintf(stderr, "usage: latency FILE VALUE COUNT\n");
		return 2;
	}
	for (long i = 0; i < atol(argv[3]); i++) {
		struct timespec pause = { 0, 1000000 + rand_r(&seed) % 97 * 1000000L };
		double start;
		int fd;

		nanosleep(&pause, NULL);
		fd = open(argv[1], O_WRONLY);
		if (fd < 0) {
			perror(argv[1]);
			return 1;
		}
		start = now();
		if (write(fd, argv[2], strlen(argv[2])) < 0) {
			perror(argv[1]);
			return 1;
		}
		if (now() - start > longest)
			longest = now() - start;
		close(fd);
	}
	printf("%.0f\n", longest * 1e6);
	return 0;
}
