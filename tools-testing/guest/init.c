// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of the test guest: mounts what a test needs, runs one command and
 * reports its exit status on a virtio port of its own, so that nothing
 * printed on the console can be taken for a verdict.
 *
 * The command is the file /cmd, run by the shell; where there is none, its
 * words are a program and its arguments. The kernel command line is too short
 * and too oddly quoted for it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VERDICT_PORT "/dev/vport0p1"
#define OUTPUT_PORT "/dev/vport0p2"

static void do_mount(const char *what, const char *where, const char *type)
{
	mkdir(where, 0755);
	if (mount(what, where, type, 0, NULL))
		fprintf(stderr, "init: mount %s: %m\n", where);
}

/* A port appears a moment after its driver has probed. */
static int open_port(const char *port)
{
	for (int i = 0; i < 100; i++) {
		int fd = open(port, O_WRONLY | O_CLOEXEC);

		if (fd >= 0)
			return fd;
		usleep(20000);
	}
	fprintf(stderr, "init: %s: %m\n", port);
	return -1;
}

static void verdict(int status)
{
	int fd = open_port(VERDICT_PORT);
	char text[32];
	int len;

	if (fd < 0)
		return;
	len = snprintf(text, sizeof(text), "exit %d\n", status);
	if (write(fd, text, len) != len)
		fprintf(stderr, "init: %s: %m\n", VERDICT_PORT);
	close(fd);
}

static void run_command(void)
{
	char text[4096], *argv[64];
	ssize_t len;
	int fd, i;

	execl("/bin/sh", "sh", "/cmd", NULL);
	fd = open("/cmd", O_RDONLY | O_CLOEXEC);
	len = read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		return;
	text[len] = 0;
	argv[0] = strtok(text, " \n");
	for (i = 1; i < 64; i++) {
		argv[i] = strtok(NULL, " \n");
		if (!argv[i])
			break;
	}
	if (i < 64 && argv[0])
		execvp(argv[0], argv);
}

int main(void)
{
	int status, code, fd;
	pid_t pid, got;

	do_mount("proc", "/proc", "proc");
	do_mount("sysfs", "/sys", "sysfs");
	do_mount("devtmpfs", "/dev", "devtmpfs");
	do_mount("tmpfs", "/tmp", "tmpfs");
	do_mount("tracefs", "/sys/kernel/tracing", "tracefs");
	mkdir("/dev/shm", 01777);
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/tmp", 1);

	/* What the command says goes out on a port too: the console is the kernel's. */
	fd = open_port(OUTPUT_PORT);
	if (fd >= 0) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		close(fd);
	}

	pid = fork();
	if (!pid) {
		run_command();
		_exit(127);
	}
	/* Orphans end here as well: reap them until the command is done. */
	do {
		got = wait(&status);
	} while (got != pid && got != -1);

	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	verdict(code);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
