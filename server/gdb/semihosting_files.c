/*
 * Files by semihosting: opening, closing, removing, renaming. They are in the directory that was
 * named to the server, or else gdb's. Worker thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fileio.h"
#include "semihosting_calls.h"
#include "server/files.h"
#include "session.h"

#define NAME_MAX_BYTES 1024

/* The modes of C's fopen(): r rb r+ r+b w wb w+ w+b a ab a+ a+b. */
static const struct {
	int host, gdb;
} modes[] = {
	{O_RDONLY, FILEIO_READ_ONLY},
	{O_RDWR, FILEIO_READ_WRITE},
	{O_WRONLY | O_CREAT | O_TRUNC, FILEIO_WRITE_ONLY | FILEIO_CREATE | FILEIO_TRUNCATE},
	{O_RDWR | O_CREAT | O_TRUNC, FILEIO_READ_WRITE | FILEIO_CREATE | FILEIO_TRUNCATE},
	{O_WRONLY | O_CREAT | O_APPEND, FILEIO_WRITE_ONLY | FILEIO_CREATE | FILEIO_APPEND},
	{O_RDWR | O_CREAT | O_APPEND, FILEIO_READ_WRITE | FILEIO_CREATE | FILEIO_APPEND},
};

#define MODES_END (2 * sizeof(modes) / sizeof(modes[0]))

static enum call_outcome add_handle(
	struct gdb *gdb, struct semihosting_call *call, enum handle_kind kind, int fd)
{
	uint32_t number = handles_add(&gdb->semihosting.handles, kind, fd);

	if (number)
		return call_return(call, number);
	if (kind == HANDLE_HOST)
		close(fd);
	return call_fail(gdb, call, EMFILE);
}

/* 0, or why the name cannot be one. The memory behind a bad pointer was complained of. */
static int read_name(struct gdb *gdb, const struct semihosting_call *call, uint32_t address,
	uint32_t length, char name[NAME_MAX_BYTES])
{
	if (length >= NAME_MAX_BYTES)
		return ENAMETOOLONG;
	if (length && !call_read(gdb, call, address, name, length))
		return EFAULT;
	name[length] = '\0';
	return strlen(name) == length ? 0 : EINVAL;
}

static enum call_outcome opened_by_gdb(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	if (result < 0)
		return call_fail(gdb, call, error);
	return add_handle(gdb, call, HANDLE_GDB, result);
}

enum call_outcome call_open(struct gdb *gdb, struct semihosting_call *call)
{
	uint32_t mode = call->word[1];
	char name[NAME_MAX_BYTES];
	int error = read_name(gdb, call, call->word[0], call->word[2], name);

	if (!error && mode >= MODES_END)
		error = EINVAL;
	if (error)
		return call_fail(gdb, call, error);
	if (strcmp(name, ":tt") == 0)
		return add_handle(gdb, call, mode < 4 ? HANDLE_IN : HANDLE_OUT, -1);
	if (strcmp(name, ":semihosting-features") == 0)
		return mode < 2 ? add_handle(gdb, call, HANDLE_FEATURES, -1)
				: call_fail(gdb, call, EACCES);
	if (!gdb->options.files)
		return fileio_request(gdb, call, opened_by_gdb, "Fopen,%x/%x,%x,%x", call->word[0],
			call->word[2] + 1, (unsigned)modes[mode / 2].gdb, FILEIO_MODE);
	int fd = files_open(gdb->options.files, name, modes[mode / 2].host);
	return fd < 0 ? call_fail(gdb, call, -fd) : add_handle(gdb, call, HANDLE_HOST, fd);
}

enum call_outcome call_ended(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	return result < 0 ? call_fail(gdb, call, error) : call_return(call, 0);
}

enum call_outcome call_close(struct gdb *gdb, struct semihosting_call *call)
{
	struct handle *handle = call_handle(gdb, call);

	if (!handle)
		return CALL_DONE;
	bool is_gdbs = handle->kind == HANDLE_GDB;
	int fd = handle->fd;
	handle_close(handle);
	if (is_gdbs)
		return fileio_request(gdb, call, call_ended, "Fclose,%x", (unsigned)fd);
	return call_return(call, 0);
}

enum call_outcome call_remove(struct gdb *gdb, struct semihosting_call *call)
{
	char name[NAME_MAX_BYTES];
	int error = read_name(gdb, call, call->word[0], call->word[1], name);

	if (error)
		return call_fail(gdb, call, error);
	if (!gdb->options.files)
		return fileio_request(
			gdb, call, call_ended, "Funlink,%x/%x", call->word[0], call->word[1] + 1);
	error = files_remove(gdb->options.files, name);
	return error ? call_fail(gdb, call, -error) : call_return(call, 0);
}

enum call_outcome call_rename(struct gdb *gdb, struct semihosting_call *call)
{
	char from[NAME_MAX_BYTES], to[NAME_MAX_BYTES];
	int error = read_name(gdb, call, call->word[0], call->word[1], from);

	if (!error)
		error = read_name(gdb, call, call->word[2], call->word[3], to);
	if (error)
		return call_fail(gdb, call, error);
	if (!gdb->options.files)
		return fileio_request(gdb, call, call_ended, "Frename,%x/%x,%x/%x", call->word[0],
			call->word[1] + 1, call->word[2], call->word[3] + 1);
	error = files_rename(gdb->options.files, from, to);
	return error ? call_fail(gdb, call, -error) : call_return(call, 0);
}
