/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line of CSV about memory and ksmd: seconds, memory available and free
 * and saved in KiB, pages_to_scan, ksmd's run time in ns, full scans, pages
 * scanned, pages merged, how often ksmd was scheduled, memory in all in KiB.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KSM "/sys/kernel/mm/ksm/"

static inline double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static inline long read_long(const char *path)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return atol(text);
}

static inline const char *meminfo_text(void)
{
	static char text[4096];
	int fd = open("/proc/meminfo", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return text;
}

static inline long meminfo(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? atol(at + strlen(key)) : -1;
}

/* MemAvailable and MemTotal in KiB */
static inline void read_meminfo(long *available, long *total)
{
	const char *text = meminfo_text();

	*available = meminfo(text, "MemAvailable:");
	*total = meminfo(text, "MemTotal:");
}

static inline int find_ksmd(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int pid = 0;

	while (dir && !pid && (entry = readdir(dir))) {
		char path[300], name[32] = "";
		int fd;

		if (atoi(entry->d_name) <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		if (read(fd, name, sizeof(name) - 1) > 0 && !strcmp(name, "ksmd\n"))
			pid = atoi(entry->d_name);
		close(fd);
	}
	if (dir)
		closedir(dir);
	return pid;
}

static inline void sample_header(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("t,available_kb,free_kb,saved_kb,pages_to_scan,ksmd_ns,full_scans,pages_scanned,pages_sharing,switches,total_kb\n");
}

static inline void sample(int ksmd, double t)
{
	unsigned long long run = 0, wait = 0, slices = 0;
	const char *text = meminfo_text();
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", ksmd);
	f = fopen(path, "r");
	if (f) {
		if (fscanf(f, "%llu %llu %llu", &run, &wait, &slices) != 3)
			run = 0;
		fclose(f);
	}
	printf("%.3f,%ld,%ld,%ld,%ld,%llu,%ld,%ld,%ld,%llu,%ld\n", t,
	       meminfo(text, "MemAvailable:"), meminfo(text, "MemFree:"),
	       (read_long(KSM "pages_sharing") + read_long(KSM "ksm_zero_pages")) * 4,
	       read_long(KSM "pages_to_scan"), run, read_long(KSM "full_scans"),
	       read_long(KSM "pages_scanned"), read_long(KSM "pages_sharing"), slices,
	       meminfo(text, "MemTotal:"));
}

/* Sleep until t0 + tick * step_ms; when that is past, go on from now. */
static inline void wait_tick(double t0, long *tick, long step_ms)
{
	double due = t0 + ++*tick * step_ms / 1000.0 - now();
	struct timespec pause = { due, (due - (time_t)due) * 1e9 };

	if (due > 0)
		nanosleep(&pause, NULL);
	else
		*tick = (now() - t0) * 1000 / step_ms;
}

#endif
