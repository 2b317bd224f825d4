/*
 * What gdb wants done at a breakpoint without being asked: conditions, of which one has to be true
 * for a stop, and commands (dprintf), which take the place of a stop.
 *
 * Parsed by point_packets.c, kept with the breakpoints (points.c), run at stops by stop_filter.c.
 * Worker thread. Written from the GDB manual, appendix E.2, "Z0", and appendix F.
 */
#ifndef SERVER_GDB_POINT_CODE_H
#define SERVER_GDB_POINT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct gdb;
struct session;

struct bytecode {
	struct bytecode *next;
	size_t size;
	uint8_t bytes[];
};

struct point_code {
	struct point_code *next;
	uint32_t address;
	int type; /* enum point_type */
	struct bytecode *conditions, *commands;
	bool persists; /* gdb would like the commands to outlive its connection */
};

/* Parses what follows the kind in a Z packet, and checks each expression. *code is NULL when there
 * is nothing. Errors: ERR_ARGUMENT, with the reason told; ERR_NO_MEMORY. */
enum err point_code_parse(
	struct session *session, const char *text, size_t size, struct point_code **code) MUST_USE;

/* NULL is allowed. */
void point_code_destroy(struct point_code *code);

/* Makes `code` (taken; may be NULL) the only one of the list for this breakpoint. */
void point_code_put(struct point_code **list, uint32_t address, int type, struct point_code *code);

/* Empties the list. Commands that were to persist end, too: nothing is left on a board that nobody
 * debugs. */
void point_code_clear(struct point_code **list);

/* The core is halted at a breakpoint of the controller: runs what belongs to it. Whether the
 * clients have to hear of the stop; they do of an expression that fails. */
bool point_code_is_stop(struct gdb *gdb, uint32_t pc);

#endif
