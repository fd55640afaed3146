// SPDX-License-Identifier: GPL-2.0
/*
 * sampler - print a line of CSV about memory and ksmd (see sample.h)
 *
 * usage: sampler SECONDS EVERY_MS
 */
#include <sys/resource.h>
#include "sample.h"

int main(int argc, char **argv)
{
	int ksmd = find_ksmd();
	double t0 = now(), t;
	long tick = 0, step, end;

	if (argc != 3 || (end = atol(argv[1])) <= 0 || (step = atol(argv[2])) <= 0 || !ksmd) {
		fprintf(stderr, "usage: sampler SECONDS EVERY_MS (and ksmd has to run)\n");
		return 2;
	}
	/* Samples come on time however busy the guest is. */
	setpriority(PRIO_PROCESS, 0, -20);
	sample_header();
	do {
		t = now() - t0;
		sample(ksmd, t);
		wait_tick(t0, &tick, step);
	} while (t < end);
	return 0;
}
