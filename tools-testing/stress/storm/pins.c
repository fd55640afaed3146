// SPDX-License-Identifier: GPL-2.0
/* Pages that others hold or watch: pipes, io_uring, userfaultfd, and failing memory. */
#include "storm.h"

#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#define MOST 8

static long some_pages(struct area *a, long *from)
{
	*from = below(&a->rng, a->pages);
	return *from + MOST > a->pages ? a->pages - *from : MOST;
}

/* What others have as well, so that ksmd is tempted */
static void fill_shared(struct area *a, long from, long count)
{
	for (long i = from; i < from + count; i++)
		area_fill(a, i, (below(&a->rng, 24) + 1) << 8);
}

/* The page at an address, or 0 where none is in memory */
static uint64_t frame(const void *address)
{
	int pages = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry;

	if (pread(pages, &entry, 8, (uintptr_t)address / PAGE * 8) != 8)
		fault("/proc/self/pagemap: %m");
	close(pages);
	return entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;
}

static bool is_ksm(const void *address)
{
	int flags = open("/proc/kpageflags", O_RDONLY);
	uint64_t page = frame(address), bits = 0;

	if (page && pread(flags, &bits, 8, page * 8) != 8)
		fault("/proc/kpageflags: %m");
	close(flags);
	return bits >> 21 & 1;
}

/*
 * What is in a pipe stays as it was, and while it is there it is not merged. Unless ksmd
 * has seen to it already that nobody writes to it and nobody else has it: a page that can
 * be written to and stays where it is is not such a one.
 */
void op_pin(struct area *a)
{
	long from, count = some_pages(a, &from);
	struct iovec iov = { a->mem + from * WORDS, count * PAGE };
	static uint64_t got[MOST * WORDS];
	bool still[MOST];
	size_t done = 0;
	ssize_t held;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return;
	fill_shared(a, from, count);
	held = vmsplice(ends[1], &iov, 1, 0);
	for (long i = 0; (i + 1) * (long)PAGE <= held; i++) {
		volatile uint64_t *page = a->mem + (from + i) * WORDS;
		uint64_t before = frame((void *)page);

		*page = *page;
		still[i] = before && frame((void *)page) == before;
	}
	nap(below(&a->rng, 60) / 1000.0);
	for (long i = 0; (i + 1) * (long)PAGE <= held; i++)
		if (still[i] && is_ksm(a->mem + (from + i) * WORDS))
			fault("process %ld: page %ld was merged while it was in a pipe", a->id, from + i);
	while (held > 0 && done < (size_t)held) {
		ssize_t n = read(ends[0], (char *)got + done, held - done);

		if (n <= 0)
			fault("pipe: read: %m");
		done += n;
	}
	for (long i = 0; (i + 1) * PAGE <= done; i++)
		if (page_wrong(got + i * WORDS, a->value[from + i]) >= 0)
			fault("damage: process %ld: page %ld is not in the pipe as it was", a->id, from + i);
	close(ends[0]);
	close(ends[1]);
}

struct ring {
	int fd;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
	struct io_uring_params p;
};

static int ring_do(struct ring *r, int opcode, int fd, void *buffer, size_t size)
{
	unsigned int *tail = (unsigned int *)(r->sq + r->p.sq_off.tail);
	unsigned int *head = (unsigned int *)(r->cq + r->p.cq_off.head);
	unsigned int mask = *(unsigned int *)(r->sq + r->p.sq_off.ring_mask);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(r->cq + r->p.cq_off.cqes);
	unsigned int at = *tail & mask;
	int result;

	memset(&r->sqes[at], 0, sizeof(r->sqes[at]));
	r->sqes[at].opcode = opcode;
	r->sqes[at].fd = fd;
	r->sqes[at].addr = (uintptr_t)buffer;
	r->sqes[at].len = size;
	((unsigned int *)(r->sq + r->p.sq_off.array))[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	result = cqes[*head & *(unsigned int *)(r->cq + r->p.cq_off.ring_mask)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

/* What is read into a fixed buffer is seen in the memory that was made one. */
void op_ring(struct area *a)
{
	struct ring r = { .sq = MAP_FAILED, .cq = MAP_FAILED, .sqes = MAP_FAILED };
	long from, count = some_pages(a, &from);
	struct iovec iov = { a->mem + from * WORDS, count * PAGE };
	static uint64_t data[MOST * WORDS];
	uint64_t value[MOST];
	int file;

	r.fd = syscall(SYS_io_uring_setup, 4, &r.p);
	if (r.fd < 0) {
		if (errno == ENOSYS)
			skip("io_uring: %m");
		return;
	}
	file = memfd_create("storm", MFD_CLOEXEC);
	r.sq = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, IORING_OFF_SQ_RING);
	r.cq = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, IORING_OFF_CQ_RING);
	r.sqes = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, IORING_OFF_SQES);
	if (file < 0 || r.sq == MAP_FAILED || r.cq == MAP_FAILED || (void *)r.sqes == MAP_FAILED)
		goto out;
	fill_shared(a, from, count);
	if (syscall(SYS_io_uring_register, r.fd, IORING_REGISTER_BUFFERS, &iov, 1))
		goto out;
	nap(below(&a->rng, 60) / 1000.0);
	area_check(a, from, count);
	for (long i = 0; i < count; i++) {
		value[i] = area_value(a);
		page_fill(data + i * WORDS, value[i]);
	}
	if (pwrite(file, data, iov.iov_len, 0) != (ssize_t)iov.iov_len ||
	    ring_do(&r, IORING_OP_READ_FIXED, file, iov.iov_base, iov.iov_len) != (int)iov.iov_len)
		fault("io_uring: %ld pages could not be read", count);
	memcpy(a->value + from, value, count * sizeof(value[0]));
	area_check(a, from, count);
	fill_shared(a, from, count);
	if (ring_do(&r, IORING_OP_WRITE_FIXED, file, iov.iov_base, iov.iov_len) != (int)iov.iov_len ||
	    pread(file, data, iov.iov_len, 0) != (ssize_t)iov.iov_len)
		fault("io_uring: %ld pages could not be written", count);
	for (long i = 0; i < count; i++)
		if (page_wrong(data + i * WORDS, a->value[from + i]) >= 0)
			fault("damage: process %ld: page %ld was not written to the file as it is", a->id, from + i);
out:
	close(file);
	close(r.fd);
	if (r.sq != MAP_FAILED)
		munmap(r.sq, PAGE);
	if (r.cq != MAP_FAILED)
		munmap(r.cq, PAGE);
	if ((void *)r.sqes != MAP_FAILED)
		munmap(r.sqes, PAGE);
}

volatile sig_atomic_t taken;

/* The area of this process, and what op_uffd() watches of it */
static struct area *own;
static struct { int fd; bool missing; long from, count; char seen[MOST]; } watched = { .fd = -1 };

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	uint64_t address = (uint64_t)info->si_addr & ~(PAGE - 1);
	long page = (address - (uint64_t)own->mem) / PAGE;
	static uint64_t fresh[WORDS];

	(void)context;
	if (address < (uint64_t)own->mem || page >= own->pages)
		goto other;
	if (info->si_code == BUS_MCEERR_AR || info->si_code == BUS_MCEERR_AO) {
		mmap((void *)address, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		madvise((void *)address, PAGE, MADV_MERGEABLE);
		own->value[page] = 0;
		taken++;
		return;
	}
	if (watched.fd >= 0 && page >= watched.from && page < watched.from + watched.count) {
		struct uffdio_writeprotect wp = { .range = { address, PAGE } };
		struct uffdio_copy copy = { .dst = address, .src = (uintptr_t)fresh, .len = PAGE };

		watched.seen[page - watched.from] = 1;
		page_fill(fresh, own->value[page]);
		if (!ioctl(watched.fd, watched.missing ? UFFDIO_COPY : UFFDIO_WRITEPROTECT,
			   watched.missing ? (void *)&copy : (void *)&wp) || errno == EAGAIN || errno == EEXIST)
			return;
	}
other:
	signal(sig, SIG_DFL);
}

void catch_sigbus(struct area *a)
{
	struct sigaction sa = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_NODEFER };

	own = a;
	sigaction(SIGBUS, &sa, NULL);
}

/*
 * Each write to a page that is protected is told of, each page that is missing asked for.
 * The handler does it: userfaultfd can be asked for a signal.
 */
void op_uffd(struct area *a)
{
	long from, count = some_pages(a, &from);
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS };
	struct uffdio_register reg = { .range = { (uintptr_t)(a->mem + from * WORDS), count * PAGE } };
	struct uffdio_writeprotect wp = { .range = reg.range, .mode = UFFDIO_WRITEPROTECT_MODE_WP };

	watched.fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (watched.fd < 0 || ioctl(watched.fd, UFFDIO_API, &api)) {
		if (watched.fd < 0)
			skip("userfaultfd: %m");
		goto out;
	}
	watched.missing = below(&a->rng, 3) == 0;
	watched.from = from;
	watched.count = count;
	memset(watched.seen, 0, sizeof(watched.seen));
	reg.mode = watched.missing ? UFFDIO_REGISTER_MODE_MISSING : UFFDIO_REGISTER_MODE_WP;
	fill_shared(a, from, count);
	if (ioctl(watched.fd, UFFDIO_REGISTER, &reg)) {
		skip("userfaultfd: register: %m");
		goto out;
	}
	if (watched.missing) {
		madvise(a->mem + from * WORDS, count * PAGE, MADV_DONTNEED);
		nap(below(&a->rng, 20) / 1000.0);
		area_check(a, from, count);
	} else {
		int tries = 100;

		while (ioctl(watched.fd, UFFDIO_WRITEPROTECT, &wp) && tries--)
			nap(0.001);
		if (tries < 0)
			goto out;
		nap(below(&a->rng, 60) / 1000.0);
		area_check(a, from, count);
		for (long i = 0; i < count; i++) {
			*(volatile uint64_t *)(a->mem + (from + i) * WORDS) = a->mem[(from + i) * WORDS];
			if (!watched.seen[i])
				fault("userfaultfd: process %ld: a write to page %ld was not told of", a->id, from + i);
		}
	}
	ioctl(watched.fd, UFFDIO_UNREGISTER, &reg.range);
out:
	close(watched.fd);
	watched.fd = -1;
}

/*
 * A page fails, or is about to. All who share it get a signal and a new one each. Not one
 * of zeroes, which may be the one that everybody has.
 */
void op_poison(struct area *a)
{
	long page = below(&a->rng, a->pages);
	bool soft = below(&a->rng, 2), merged;

	/* What is lost does not come back: so many from the beginning to the end. */
	if (!a->value[page] || a->value[page] & MAYBE_ZERO ||
	    shared->poisoned >= 20 + 600 * (1 - (end - now()) / seconds))
		return;
	merged = is_ksm(a->mem + page * WORDS);
	/* Those are few, as they come and go. */
	if (!merged && below(&a->rng, 8))
		return;
	if (!madvise(a->mem + page * WORDS, PAGE, soft ? 101 /* MADV_SOFT_OFFLINE */ : MADV_HWPOISON)) {
		shared->poisoned++;
		shared->poisoned_ksm += merged;
	} else if (errno == EINVAL) {
		skip("memory failure: %m");
	}
}
