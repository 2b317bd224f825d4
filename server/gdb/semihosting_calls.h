/*
 * The semihosting calls as a table, for semihosting.c. Worker thread.
 */
#ifndef SERVER_GDB_SEMIHOSTING_CALLS_H
#define SERVER_GDB_SEMIHOSTING_CALLS_H

#include "semihosting.h"

typedef enum call_outcome call_handler(struct gdb *gdb, struct semihosting_call *call);

struct call_rule {
	const char *name;
	call_handler *run;
	uint32_t number;
	unsigned words; /* of the block that R1 points to; 0: R1 is the argument, if anything */
};

/* NULL for a number that is none. */
const struct call_rule *call_find(uint32_t number);

/* semihosting_files.c */
call_handler call_open, call_close, call_remove, call_rename;

/* What gdb was asked for gives 0 or -1. */
fileio_done call_ended;

/* semihosting_contents.c */
call_handler call_write_file, call_read_file, call_is_tty, call_seek, call_length;

/* The handle that is the call's first word; NULL, and the call has failed, where it is none. */
struct handle *call_handle(struct gdb *gdb, struct semihosting_call *call);

/* semihosting_console.c */
call_handler call_write_char, call_write_string, call_read_char;

/* SYS_READ from the console. */
enum call_outcome console_read(
	struct gdb *gdb, struct semihosting_call *call, uint32_t address, uint32_t size);

#endif
