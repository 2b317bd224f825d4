/* The virtual board as a child process. Main thread. */
#include "virtual.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe/log.h"
#include "probe/usb_usbip.h"

#define BOARD      "stlink-board"
#define CHILD_FD   3
#define WAIT_STEPS 200
#define STEP_NS    10000000

/* The path of a program in the folder of this one. */
static enum err find_beside(const char *name, char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - 1);
	if (length < 0) {
		log_error(
			"cannot tell where this program is (/proc/self/exe): %s", strerror(errno));
		return ERR_IO;
	}
	path[length] = '\0';
	char *folder_end = strrchr(path, '/') + 1;
	size_t room = size - (size_t)(folder_end - path);
	if ((size_t)snprintf(folder_end, room, "%s", name) >= room)
		return ERR_IO;
	if (access(path, X_OK)) {
		log_error("the virtual board %s cannot be run: %s: build it, or install it beside "
			  "the server",
			path, strerror(errno));
		return ERR_IO;
	}
	return ERR_OK;
}

/* A process group of its own: Ctrl-C in the terminal is for the server, which then leaves the board
 * in good order. */
static int spawn_with_socket(const char *path, int socket, pid_t *child)
{
	char fd[12];
	char *argv[] = {(char *)path, "--fd", fd, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t to_default;

	(void)snprintf(fd, sizeof(fd), "%d", CHILD_FD);
	sigemptyset(&to_default);
	sigaddset(&to_default, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, socket, CHILD_FD);
	posix_spawnattr_setsigdefault(&attributes, &to_default);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawn(child, path, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

enum err virtual_start(struct usb **usb, pid_t *child)
{
	char path[PATH_MAX];
	int sockets[2];

	enum err err = find_beside(BOARD, path, sizeof(path));
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets)) {
		log_error("no socket pair for the virtual board: %s", strerror(errno));
		return ERR_IO;
	}
	int error = spawn_with_socket(path, sockets[1], child);
	close(sockets[1]);
	if (error) {
		log_error("cannot start %s: %s", path, strerror(error));
		close(sockets[0]);
		return ERR_IO;
	}
	err = usb_usbip_adopt(sockets[0], NULL, "virtual", usb);
	if (err)
		virtual_wait(*child);
	return err;
}

void virtual_wait(pid_t child)
{
	const struct timespec step = {.tv_nsec = STEP_NS};

	for (int i = 0; i < WAIT_STEPS; i++) {
		if (waitpid(child, NULL, WNOHANG))
			return;
		nanosleep(&step, NULL);
	}
	log_warn("the virtual board (pid %d) did not end by itself: killed", (int)child);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}
