// SPDX-License-Identifier: GPL-2.0
/* The files of /sys/kernel/mm/ksm: written with all that one can think of, and read. */
#include "storm.h"

#include <pthread.h>
#include <stdarg.h>

static const struct file {
	const char *name, *normal;
	unsigned long long least, most;
	bool boolean;
} files[] = {
	/* The first three as in the enum; a writer that needs the first two takes them so. */
	{ "advisor_mode", "none", 0, 0, false },
	{ "pages_to_scan", "1000", 0, UINT32_MAX, false },
	{ "run", "1", 0, 2, false },
	{ "sleep_millisecs", "2", 0, UINT32_MAX, false },
	{ "merge_across_nodes", "1", 0, 1, false },
	{ "use_zero_pages", "0", 0, 1, true },
	{ "smart_scan", "1", 0, 1, true },
	{ "max_page_sharing", "256", 2, INT32_MAX, false },
	{ "stable_node_chains_prune_millisecs", "2000", 0, UINT32_MAX, false },
	{ "advisor_max_cpu", "70", 1, 100, false },
	{ "advisor_min_pages_to_scan", "500", 0, UINT32_MAX, false },
	{ "advisor_max_pages_to_scan", "30000", 0, UINT32_MAX, false },
	{ "advisor_target_scan_time", "200", 1, UINT64_MAX / 100, false },
	{ "advisor_wmark_high", "400", 1, 1000, false },
	{ "advisor_wmark_low", "200", 0, 999, false },
	{ "full_scans", NULL, 0, 1ULL << 50, false },
	{ "pages_scanned", NULL, 0, 1ULL << 50, false },
	{ "pages_skipped", NULL, 0, 1ULL << 50, false },
	{ "pages_shared", NULL, 0, 1ULL << 40, false },
	{ "pages_sharing", NULL, 0, 1ULL << 40, false },
	{ "pages_unshared", NULL, 0, 1ULL << 40, false },
	{ "pages_volatile", NULL, 0, 1ULL << 40, false },
	{ "ksm_zero_pages", NULL, 0, 1ULL << 40, false },
	{ "stable_node_chains", NULL, 0, 1ULL << 40, false },
	{ "stable_node_dups", NULL, 0, 1ULL << 40, false },
};
enum { MODE, PAGES, RUN };
static pthread_rwlock_t locks[SIZE(files)];

static const char *words[] = { "none", "scan-time", "watermark" };

static bool put_text(const char *path, const void *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = errno;
	bool done = false;

	if (fd >= 0) {
		done = write(fd, text, size) == (ssize_t)size;
		error = errno;
		close(fd);
	}
	errno = error;
	return done;
}

bool put(const char *path, const char *format, ...)
{
	char text[64];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return put_text(path, text, strlen(text));
}

static const char *path_of(const char *name, char *path)
{
	snprintf(path, 128, KSM "%s", name);
	return path;
}

bool knob(const char *name, const char *value)
{
	char path[128];

	return put_text(path_of(name, path), value, strlen(value));
}

/* get: what a file says, without the end of the line. It is one line. */
static const char *get(const char *name, char *text, size_t size)
{
	char path[128];
	int fd = open(path_of(name, path), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 2 || text[n - 1] != '\n')
		fault("%s reads as %zd bytes and no line", name, n);
	text[n - 1] = 0;
	return text;
}

/* The word in brackets, of which there is one */
static int mode_of(const char *text)
{
	const char *from = strchr(text, '['), *to = strchr(text, ']');

	if (from && to > from && strchr(from + 1, '[') == NULL)
		for (unsigned int i = 0; i < SIZE(words); i++)
			if ((size_t)(to - from - 1) == strlen(words[i]) &&
			    !memcmp(from + 1, words[i], to - from - 1))
				return i;
	fault("advisor_mode reads '%s'", text);
}

static unsigned long long check(const struct file *file, const char *text)
{
	unsigned long long value;
	char *rest;

	if (file == files + MODE)
		return mode_of(text);
	value = strtoull(text, &rest, 10);
	/* A bit of it tells that memory is being taken away. */
	if (file == files + RUN)
		value &= ~4ULL;
	if (*rest || *text == '-' || value < file->least || value > file->most)
		fault("%s reads '%s'", file->name, text);
	return value;
}

void knobs_read(void)
{
	char text[4096];

	for (unsigned int i = 0; i < SIZE(files); i++)
		if (get(files[i].name, text, sizeof(text)))
			check(&files[i], text);
	if (get("general_profit", text, sizeof(text)) && strspn(text, "-0123456789") != strlen(text))
		fault("general_profit reads '%s'", text);
}

void knobs_default(void)
{
	knob("advisor_mode", "none");
	/* Refused by a kernel where they are used; then they are as they were. */
	knob("run", "2");
	for (unsigned int i = 0; i < SIZE(files); i++)
		if (files[i].normal)
			knob(files[i].name, files[i].normal);
	/* Whichever of the two had to go first. */
	knob("advisor_wmark_high", "400");
}

/* Settings that one may have, other ones from time to time */
void knobs_random(uint64_t *rng)
{
	static const char *const sharing[] = { "2", "3", "256" };

	knob("advisor_mode", words[below(rng, 2) ? 0 : below(rng, SIZE(words))]);
	knob("smart_scan", below(rng, 2) ? "1" : "0");
	knob("use_zero_pages", below(rng, 2) ? "1" : "0");
	if (below(rng, 4) == 0) {
		knob("run", "2");
		knob("merge_across_nodes", below(rng, 2) ? "1" : "0");
		knob("max_page_sharing", sharing[below(rng, SIZE(sharing))]);
		knob("run", "1");
	}
}

static size_t random_text(uint64_t *rng, const struct file *file, char *text, size_t size)
{
	static const char *const odd[] = {
		"", " ", "-1", "x", "0x10", "+5", "007", "1 2", "1\n2", "4294967295", "4294967296",
		"18446744073709551615", "18446744073709551616", "9223372036854775808", "2147483647",
		"2147483648", "1e3", "40.5", "none", "none ", "watermarks", "scan-time\n", "WATERMARK",
	};
	unsigned long long edge = below(rng, 2) ? file->least : file->most;

	switch (below(rng, 5)) {
	case 0:
		return snprintf(text, size, "%s", odd[below(rng, SIZE(odd))]);
	case 1:
		for (size_t i = 0, n = below(rng, 64); i < n; i++)
			text[i] = draw(rng);
		text[64] = 0;
		return 64;
	case 2:
		if (file == files + MODE)
			return snprintf(text, size, "%s\n", words[below(rng, SIZE(words))]);
		return snprintf(text, size, "%llu", edge + below(rng, 3) - 1);
	case 3:
		if (file->normal)
			return snprintf(text, size, "%s\n", file->normal);
		/* fall through */
	default:
		if (file == files + MODE)
			return snprintf(text, size, "%s", words[below(rng, SIZE(words))]);
		return snprintf(text, size, "%llu\n", (unsigned long long)below(rng, file->most > 2000 ? 2000 : file->most + 2));
	}
}

/* One write to a file that nobody else writes meanwhile: it is taken or changes nothing. */
static void write_checked(const struct file *file, const char *text, size_t size)
{
	char before[4096], after[4096], path[128], *rest;
	unsigned long long want, got;
	bool taken, steady = true;
	double start;

	/* Nothing that is written does not come to the file. */
	if (!size || !get(file->name, before, sizeof(before)))
		return;
	/* An advisor sets it. */
	if (file == files + PAGES) {
		char mode[4096];

		get("advisor_mode", mode, sizeof(mode));
		steady = mode_of(mode) == 0;
	}
	start = now();
	taken = put_text(path_of(file->name, path), text, size);
	/* What else there is to do may take its time, but not that much. */
	if (now() - start > 60)
		fault("a write to %s took %.0f s", file->name, now() - start);
	if (!taken && errno != EINVAL && errno != ERANGE && errno != EBUSY && errno != EACCES)
		return;
	get(file->name, after, sizeof(after));
	got = check(file, after);
	if (!steady || (!file->normal && !taken))
		return;
	if (!file->normal)
		fault("%s was written", file->name);
	if (!taken) {
		if (strcmp(before, after))
			fault("%s refused '%.*s' and went from '%s' to '%s'", file->name, (int)size, text, before, after);
		return;
	}
	if (file == files + MODE) {
		if (strncmp(text, words[got], strlen(words[got])))
			fault("%s took '%.*s' and reads '%s'", file->name, (int)size, text, after);
		return;
	}
	want = strtoull(text, &rest, 10);
	if (file->boolean ? got > 1 : rest == text || want != got)
		fault("%s took '%.*s' and reads '%s'", file->name, (int)size, text, after);
}

static void *knob_writer(void *argument)
{
	uint64_t rng = seeded((long)argument);
	char text[128] = "", path[128];

	while (!over()) {
		unsigned int i = below(&rng, SIZE(files));
		bool checked = below(&rng, 2);
		size_t size = random_text(&rng, &files[i], text, sizeof(text));

		if (i == PAGES)
			pthread_rwlock_wrlock(&locks[MODE]);
		if (checked)
			pthread_rwlock_wrlock(&locks[i]);
		else
			pthread_rwlock_rdlock(&locks[i]);
		if (checked)
			write_checked(&files[i], text, size);
		else
			put_text(path_of(files[i].name, path), text, size);
		pthread_rwlock_unlock(&locks[i]);
		if (i == PAGES)
			pthread_rwlock_unlock(&locks[MODE]);
		shared->ops++;
		if (below(&rng, 8) == 0)
			knobs_read();
		/* ksmd has to get a chance. */
		if (below(&rng, 4) == 0) {
			pthread_rwlock_rdlock(&locks[RUN]);
			knob("run", "1");
			pthread_rwlock_unlock(&locks[RUN]);
		}
		nap(below(&rng, 4) / 1000.0);
	}
	return NULL;
}

/* What root may write, nobody else may. */
static void not_for_nobody(void)
{
	char path[128];
	pid_t pid = fork();
	int status;

	if (pid < 0)
		fault("fork: %m");
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			fault("nobody: %m");
		for (unsigned int i = 0; i < SIZE(files); i++) {
			snprintf(path, sizeof(path), KSM "%s", files[i].name);
			if (open(path, O_WRONLY) >= 0 || errno != EACCES)
				fault("nobody opens %s: %m", path);
			if (open(path, O_RDONLY) < 0)
				fault("nobody reads %s: %m", path);
		}
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		_exit(BAD);
}

void knob_storm(long id)
{
	pthread_t threads[4];

	not_for_nobody();
	for (unsigned int i = 0; i < SIZE(locks); i++)
		pthread_rwlock_init(&locks[i], NULL);
	for (unsigned int i = 0; i < SIZE(threads); i++)
		if (pthread_create(&threads[i], NULL, knob_writer, (void *)(id * 100 + i)))
			fault("threads: %m");
	for (unsigned int i = 0; i < SIZE(threads); i++)
		pthread_join(threads[i], NULL);
}

void mode_storm(long id)
{
	uint64_t rng = seeded(id);

	while (!over()) {
		static const char *const runs[] = { "0", "1", "1", "1", "1", "2" };

		knob("advisor_mode", words[below(&rng, SIZE(words))]);
		if (below(&rng, 2))
			knob("run", runs[below(&rng, SIZE(runs))]);
		shared->ops++;
		nap(below(&rng, 8) / 1000.0);
	}
}
