/* The files of one directory. Worker thread. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/log.h"

#define MODE 0644

struct files {
	int root;
};

enum err files_create(const char *directory, struct files **files)
{
	*files = malloc(sizeof(**files));
	if (!*files)
		return ERR_NO_MEMORY;
	(*files)->root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if ((*files)->root >= 0)
		return ERR_OK;
	log_error("cannot open the directory %s for semihosting: %s", directory, strerror(errno));
	free(*files);
	*files = NULL;
	return ERR_IO;
}

void files_destroy(struct files *files)
{
	if (!files)
		return;
	close(files->root);
	free(files);
}

/* Takes the next component of a name, without the slashes around it; false at the end. */
static bool next_component(const char **at, char component[NAME_MAX + 1], int *error)
{
	*at += strspn(*at, "/");
	size_t length = strcspn(*at, "/");
	if (!length)
		return false;
	if (length > NAME_MAX) {
		*error = ENAMETOOLONG;
		return false;
	}
	memcpy(component, *at, length);
	component[length] = '\0';
	*at += length;
	*at += strspn(*at, "/");
	if (strcmp(component, "..") == 0)
		*error = EACCES;
	return !*error;
}

/* Opens the directory that a name is in, one step at a time: openat() of a single component never
 * leaves its directory but by `..` or a link, and neither is taken. */
static int open_parent(const struct files *files, const char *name, char last[NAME_MAX + 1])
{
	int error = 0;
	int parent = fcntl(files->root, F_DUPFD_CLOEXEC, 0);

	if (parent < 0)
		return -errno;
	bool more = next_component(&name, last, &error);
	if (!more && !error)
		error = ENOENT;
	while (more && *name && !error) {
		int child = openat(parent, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		error = child < 0 ? errno : 0;
		close(parent);
		parent = child;
		if (!error)
			more = next_component(&name, last, &error);
	}
	if (!error)
		return parent;
	if (parent >= 0)
		close(parent);
	return -error;
}

/* A FIFO or a terminal would block, a device might do anything. */
static int check_regular(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	return S_ISREG(status.st_mode) ? 0 : -EACCES;
}

int files_open(const struct files *files, const char *name, int flags)
{
	char last[NAME_MAX + 1];
	int parent = open_parent(files, name, last);

	if (parent < 0)
		return parent;
	/* What is no regular file is not truncated before that was seen. */
	int fd = openat(parent, last,
		(flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, MODE);
	int error = fd < 0 ? -errno : check_regular(fd);
	close(parent);
	if (!error && flags & O_TRUNC && ftruncate(fd, 0))
		error = -errno;
	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

int files_remove(const struct files *files, const char *name)
{
	char last[NAME_MAX + 1];
	int parent = open_parent(files, name, last);

	if (parent < 0)
		return parent;
	int error = unlinkat(parent, last, 0) ? -errno : 0;
	close(parent);
	return error;
}

int files_rename(const struct files *files, const char *from, const char *to)
{
	char last_from[NAME_MAX + 1], last_to[NAME_MAX + 1];
	int parent_from = open_parent(files, from, last_from);

	if (parent_from < 0)
		return parent_from;
	int parent_to = open_parent(files, to, last_to);
	int error = parent_to < 0 ? parent_to : 0;
	if (!error && renameat(parent_from, last_from, parent_to, last_to))
		error = -errno;
	close(parent_from);
	if (parent_to >= 0)
		close(parent_to);
	return error;
}
