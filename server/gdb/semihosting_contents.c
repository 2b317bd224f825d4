/*
 * What is in the files of semihosting: reading, writing, seeking. Worker thread.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fileio.h"
#include "semihosting_calls.h"
#include "session.h"

#define PIECE        4096
#define TRANSFER_MAX 65536 /* bytes of one call; for the rest the program calls again */

static const uint8_t features[] = {
	0x53, 0x48, 0x46, 0x42, /* "SHFB" */
	0x03,                   /* exit codes; an error output of its own */
};

struct handle *call_handle(struct gdb *gdb, struct semihosting_call *call)
{
	struct handle *handle = handles_find(&gdb->semihosting.handles, call->word[0]);
	if (!handle)
		(void)call_fail(gdb, call, EBADF);
	return handle;
}

/* gdb takes room for all that it is asked for, and a wild number is no reason to. */
static uint32_t at_once(uint32_t size)
{
	return size < TRANSFER_MAX ? size : TRANSFER_MAX;
}

/* Both return how much was not written or read. */
static enum call_outcome rest_ended(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	if (result < 0) {
		(void)call_fail(gdb, call, error);
		result = 0;
	}
	uint32_t size = call->word[2], done = (uint32_t)result;
	return call_return(call, done < size ? size - done : 0);
}

static ssize_t write_piece(struct gdb *gdb, int fd, const void *data, size_t size)
{
	if (fd >= 0)
		return write(fd, data, size);
	semihosting_print(gdb, data, size);
	return (ssize_t)size;
}

static enum call_outcome write_here(struct gdb *gdb, struct semihosting_call *call, int fd)
{
	uint32_t address = call->word[1], size = call->word[2], done = 0;
	uint8_t data[PIECE];

	while (done < size && done < TRANSFER_MAX) {
		size_t piece = size - done < PIECE ? size - done : PIECE;
		if (!call_read(gdb, call, address + done, data, piece))
			break;
		ssize_t written = write_piece(gdb, fd, data, piece);
		if (written < 0)
			gdb->semihosting.last_error = errno;
		if (written <= 0)
			break;
		done += (uint32_t)written;
	}
	return call_return(call, size - done);
}

enum call_outcome call_write_file(struct gdb *gdb, struct semihosting_call *call)
{
	struct handle *handle = call_handle(gdb, call);

	if (!handle)
		return CALL_DONE;
	switch (handle->kind) {
	case HANDLE_OUT:
		if (semihosting_print_soon(gdb, call->word[1], call->word[2], false))
			return call_return(call, 0);
		return write_here(gdb, call, -1);
	case HANDLE_HOST:
		return write_here(gdb, call, handle->fd);
	case HANDLE_GDB:
		return fileio_request(gdb, call, rest_ended, "Fwrite,%x,%x,%x",
			(unsigned)handle->fd, call->word[1], at_once(call->word[2]));
	default:
		return call_fail(gdb, call, EBADF);
	}
}

static enum call_outcome read_here(struct gdb *gdb, struct semihosting_call *call, int fd)
{
	uint32_t address = call->word[1], size = call->word[2], done = 0;
	uint8_t data[PIECE];

	while (done < size && done < TRANSFER_MAX) {
		size_t piece = size - done < PIECE ? size - done : PIECE;
		ssize_t count = read(fd, data, piece);
		if (count < 0)
			gdb->semihosting.last_error = errno;
		if (count <= 0 || !call_write(gdb, call, address + done, data, (size_t)count))
			break;
		done += (uint32_t)count;
	}
	return call_return(call, size - done);
}

static enum call_outcome read_features(
	struct gdb *gdb, struct semihosting_call *call, struct handle *handle)
{
	uint32_t size = call->word[2];
	uint32_t left = (uint32_t)sizeof(features) - handle->position;
	uint32_t count = left < size ? left : size;

	if (count && !call_write(gdb, call, call->word[1], features + handle->position, count))
		return call_return(call, size);
	handle->position += count;
	return call_return(call, size - count);
}

enum call_outcome call_read_file(struct gdb *gdb, struct semihosting_call *call)
{
	struct handle *handle = call_handle(gdb, call);

	if (!handle)
		return CALL_DONE;
	switch (handle->kind) {
	case HANDLE_IN:
		return console_read(gdb, call, call->word[1], call->word[2]);
	case HANDLE_FEATURES:
		return read_features(gdb, call, handle);
	case HANDLE_HOST:
		return read_here(gdb, call, handle->fd);
	case HANDLE_GDB:
		return fileio_request(gdb, call, rest_ended, "Fread,%x,%x,%x", (unsigned)handle->fd,
			call->word[1], at_once(call->word[2]));
	default:
		return call_fail(gdb, call, EBADF);
	}
}

enum call_outcome call_is_tty(struct gdb *gdb, struct semihosting_call *call)
{
	const struct handle *handle = call_handle(gdb, call);

	if (!handle)
		return CALL_DONE;
	return call_return(call, handle->kind == HANDLE_IN || handle->kind == HANDLE_OUT);
}

enum call_outcome call_seek(struct gdb *gdb, struct semihosting_call *call)
{
	struct handle *handle = call_handle(gdb, call);
	uint32_t position = call->word[1];

	if (!handle)
		return CALL_DONE;
	switch (handle->kind) {
	case HANDLE_FEATURES:
		if (position > sizeof(features))
			return call_fail(gdb, call, EINVAL);
		handle->position = position;
		return call_return(call, 0);
	case HANDLE_HOST:
		if (lseek(handle->fd, (off_t)position, SEEK_SET) < 0)
			return call_fail(gdb, call, errno);
		return call_return(call, 0);
	case HANDLE_GDB:
		return fileio_request(gdb, call, call_ended, "Flseek,%x,%x,%x",
			(unsigned)handle->fd, position, SEEK_SET);
	default:
		return call_fail(gdb, call, ESPIPE);
	}
}

static unsigned gdbs_fd(struct gdb *gdb, const struct semihosting_call *call)
{
	return (unsigned)handles_find(&gdb->semihosting.handles, call->word[0])->fd;
}

/* gdb's files have no length but the offset of their end: back to where it was. */
static enum call_outcome was_put_back(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	return result < 0 ? call_fail(gdb, call, error) : call_return(call, call->word[1]);
}

static enum call_outcome end_found(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	if (result < 0)
		return call_fail(gdb, call, error);
	call->word[1] = (uint32_t)result;
	return fileio_request(gdb, call, was_put_back, "Flseek,%x,%x,%x", gdbs_fd(gdb, call),
		gdb->semihosting.offset, SEEK_SET);
}

static enum call_outcome offset_found(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	if (result < 0)
		return call_fail(gdb, call, error);
	gdb->semihosting.offset = (uint32_t)result;
	return fileio_request(gdb, call, end_found, "Flseek,%x,0,%x", gdbs_fd(gdb, call), SEEK_END);
}

enum call_outcome call_length(struct gdb *gdb, struct semihosting_call *call)
{
	const struct handle *handle = call_handle(gdb, call);
	struct stat status;

	if (!handle)
		return CALL_DONE;
	switch (handle->kind) {
	case HANDLE_FEATURES:
		return call_return(call, sizeof(features));
	case HANDLE_HOST:
		if (fstat(handle->fd, &status))
			return call_fail(gdb, call, errno);
		return call_return(call, (uint32_t)status.st_size);
	case HANDLE_GDB:
		return fileio_request(
			gdb, call, offset_found, "Flseek,%x,0,%x", (unsigned)handle->fd, SEEK_CUR);
	default:
		return call_return(call, 0); /* the console */
	}
}
