/*
 * What a program that uses semihosting has open. Pure but for closing files. Worker thread.
 */
#ifndef SERVER_GDB_SEMIHOSTING_HANDLES_H
#define SERVER_GDB_SEMIHOSTING_HANDLES_H

#include <stdint.h>

#define HANDLES_MAX 32

enum handle_kind {
	HANDLE_FREE,
	HANDLE_IN,       /* the console's keys */
	HANDLE_OUT,      /* the console */
	HANDLE_FEATURES, /* what the debugger supports, as a file */
	HANDLE_HOST,     /* a file of the directory that was named to the server */
	HANDLE_GDB,      /* a file of gdb's */
};

struct handle {
	enum handle_kind kind;
	int fd;            /* of HANDLE_HOST and HANDLE_GDB */
	uint32_t position; /* of HANDLE_FEATURES */
};

/* Zeroed: nothing is open. */
struct handles {
	struct handle list[HANDLES_MAX];
};

/* The number by which the program knows it, from 1 on; 0: too many are open. */
uint32_t handles_add(struct handles *handles, enum handle_kind kind, int fd);

/* NULL for a number that is not open. */
struct handle *handles_find(struct handles *handles, uint32_t number);

/* Closes what is on this machine, and frees the number. */
void handle_close(struct handle *handle);

void handles_close_all(struct handles *handles);

#endif
