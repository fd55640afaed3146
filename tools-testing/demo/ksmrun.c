// SPDX-License-Identifier: GPL-2.0
/*
 * ksmrun - run a program whose memory KSM may merge, all of it
 *
 * usage: ksmrun PROGRAM [ARGUMENT ...]
 *
 * The setting is inherited over exec and fork; it needs CAP_SYS_RESOURCE.
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#endif

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: ksmrun PROGRAM [ARGUMENT ...]\n");
		return 2;
	}
	if (prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0)) {
		perror("ksmrun: PR_SET_MEMORY_MERGE");
		return 1;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "ksmrun: %s: %m\n", argv[1]);
	return 127;
}
