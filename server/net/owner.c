/*
 * /proc/net/tcp and tcp6 give the inode of the listening socket, /proc/PID/fd the process that has
 * it open. See proc(5), and "proc_net_tcp" in the kernel's documentation.
 */
#include "owner.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATE_LISTEN 0x0a
/* "socket:[" and "]" around a number of at most 20 digits. */
#define SOCKET_NAME_SIZE 32

static unsigned long inode_in(const char *table, unsigned port)
{
	FILE *file = fopen(table, "re");
	unsigned long found = 0;
	char line[300];

	if (!file)
		return 0;
	while (!found && fgets(line, sizeof line, file)) {
		unsigned line_port;
		unsigned state;
		unsigned long inode;
		int fields = sscanf(line, "%*d: %*[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*d %*d %lu",
			&line_port, &state, &inode);
		if (fields == 3 && line_port == port && state == STATE_LISTEN)
			found = inode;
	}
	fclose(file);
	return found;
}

static bool link_is(const char *path, const char *expected)
{
	char target[SOCKET_NAME_SIZE];
	ssize_t length = readlink(path, target, sizeof target - 1);

	if (length < 0)
		return false;
	target[length] = 0;
	return strcmp(target, expected) == 0;
}

static bool has_open(const char *pid, const char *socket_name)
{
	char path[300];
	bool found = false;

	snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
	DIR *folder = opendir(path);
	if (!folder)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(folder));) {
		snprintf(path, sizeof path, "/proc/%.20s/fd/%.20s", pid, entry->d_name);
		found = link_is(path, socket_name);
	}
	closedir(folder);
	return found;
}

static void read_name(const char *pid, struct owner *owner)
{
	char path[64];

	owner->program[0] = 0;
	snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(owner->program, sizeof owner->program, file))
		owner->program[strcspn(owner->program, "\n")] = 0;
	fclose(file);
}

static bool find_process(const char *socket_name, struct owner *owner)
{
	DIR *processes = opendir("/proc");
	bool found = false;

	if (!processes)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(processes));) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		found = has_open(entry->d_name, socket_name);
		if (found) {
			owner->pid = (int)strtol(entry->d_name, NULL, 10);
			read_name(entry->d_name, owner);
		}
	}
	closedir(processes);
	return found;
}

bool owner_find(unsigned port, struct owner *owner)
{
	char socket_name[SOCKET_NAME_SIZE];
	unsigned long inode = inode_in("/proc/net/tcp", port);

	if (!inode)
		inode = inode_in("/proc/net/tcp6", port);
	if (!inode)
		return false;
	snprintf(socket_name, sizeof socket_name, "socket:[%lu]", inode);
	return find_process(socket_name, owner);
}
