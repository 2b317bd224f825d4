/*
 * The boards that one `stlink-board` exports, with their pace, their files and their bus ids.
 *
 * Used by the server's loop and the control socket.
 */
#ifndef TARGETS_VIRTUAL_STLINK_BOARD_SHELF_H
#define TARGETS_VIRTUAL_STLINK_BOARD_SHELF_H

#include "options.h"
#include "pace.h"
#include "usbip_session.h"

struct shelf {
	struct board *boards[BOARDS_MAX];
	struct pace paces[BOARDS_MAX];
	struct usbip_export exports_of[BOARDS_MAX];
	struct usbip_exports exports;
	unsigned count;
	const char *books;
};

/* Creates the boards, `1-1`, `1-2` and so on, each with a serial and a state file of its own.
 * Errors: those of board_create. */
enum err shelf_fill(struct shelf *shelf, const struct options *options, uint64_t wall_ns) MUST_USE;

/* Writes states and books, and destroys the boards. */
void shelf_clear(struct shelf *shelf);

/* Writes the states whose flash has worked since they were written. */
void shelf_save(struct shelf *shelf);

/* Whether there is such a state. */
bool shelf_is_dirty(const struct shelf *shelf);

/* From now on the loop waits. */
void shelf_wait(struct shelf *shelf, uint64_t wall_ns);

/* Lets all boards catch up with the wall. */
void shelf_follow(struct shelf *shelf, uint64_t wall_ns);

/* When the next board wants to run on; PACE_NEVER: none does. */
uint64_t shelf_next_ns(const struct shelf *shelf, uint64_t wall_ns);

/* The board that is exported so, and its pace. */
struct board *shelf_board(const struct shelf *shelf, const struct usbip_export *export);
struct pace *shelf_pace(struct shelf *shelf, const struct usbip_export *export);

/* The board of a bus id such as "1-2"; NULL when there is none. */
struct board *shelf_find(const struct shelf *shelf, const char *busid);

#endif
