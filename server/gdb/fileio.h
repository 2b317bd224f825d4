/*
 * gdb's File-I/O: system calls of the firmware that gdb makes in its place, on its own machine.
 *
 * A request goes to the controller instead of a stop reply; it may read and write memory, answers
 * with an F packet and waits for the stop again. Worker thread. Written from the GDB manual,
 * appendix E.13 "File-I/O Remote Protocol Extension".
 */
#ifndef SERVER_GDB_FILEIO_H
#define SERVER_GDB_FILEIO_H

#include "semihosting.h"

enum {
	FILEIO_READ_ONLY = 0,
	FILEIO_WRITE_ONLY = 1,
	FILEIO_READ_WRITE = 2,
	FILEIO_APPEND = 8,
	FILEIO_CREATE = 0x200,
	FILEIO_TRUNCATE = 0x400,
	FILEIO_MODE = 0644,
	FILEIO_EINTR = 4,
};

/* Whether somebody is there who would take a request. */
bool fileio_is_possible(const struct gdb *gdb);

/* Sends a request (as in the manual: "Fclose,3"); `done` goes on with its answer. Where nobody
 * takes it the call fails. */
enum call_outcome fileio_request(struct gdb *gdb, struct semihosting_call *call, fileio_done *done,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
