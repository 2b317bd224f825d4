/*
 * Semihosting: calls of the firmware to its debugger, made with BKPT 0xAB.
 *
 * The core is halted at such an instruction: the call is served, and the core goes on behind it.
 * A call that needs gdb (a file through its File-I/O, a key) or a key from the console port is
 * answered later; for gdb the core runs on meanwhile. Whatever the firmware passes, a call ends
 * with a result: a pointer to nowhere is an error of the call.
 *
 * Called by stop_filter.c and inferior*.c at stops. Worker thread. Written from Arm, "Semihosting
 * for AArch32 and AArch64", release 2.0; the numbers of SYS_ERRNO are newlib's.
 */
#ifndef SERVER_GDB_SEMIHOSTING_H
#define SERVER_GDB_SEMIHOSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foresight.h"
#include "semihosting_handles.h"
#include "stop_filter.h"
#include "text.h"

struct gdb;

struct semihosting_call {
	uint32_t pc; /* of the BKPT */
	uint32_t number, argument;
	uint32_t word[4]; /* of the argument block, as many as the call has */
	uint32_t result;
	bool has_result; /* else R0 is left alone */
};

enum call_outcome {
	CALL_DONE,
	CALL_WAITS,  /* for gdb or a key */
	CALL_EXITED, /* the program has ended */
};

/* Goes on with a call when gdb has answered; `result` is -1 with an errno, or not negative. */
typedef enum call_outcome fileio_done(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error);

enum call_wait { WAIT_NOTHING, WAIT_GDB, WAIT_KEY };

/* A board's. Zeroed is on, with nothing open. */
struct semihosting {
	bool off;       /* BKPT 0xAB is a breakpoint like any other */
	bool no_fileio; /* gdb's files are not used */
	struct semihosting_call call;
	enum call_wait wait;
	fileio_done *done;  /* of WAIT_GDB */
	bool interrupted;   /* a Ctrl-C came in WAIT_GDB */
	uint32_t saved[2];  /* of the stack below SP, while a key is read there: address, word */
	uint32_t offset;    /* of a file whose length is asked for */
	int last_error;     /* SYS_ERRNO */
	uint64_t start_us;  /* of the program */
	uint64_t served_us; /* when the last call was; 0: none was */
	uint32_t flash_pc;  /* of a call in flash: it need not be looked at again */
	uint32_t bad_pc;    /* the call that was complained of last */
	struct target_text text; /* console output that is read with what lets the core go */
	bool text_is_string;     /* it ends at a NUL, here or further on */
	struct text line;        /* console output that was not shown yet */
	struct text keys;        /* what came by the console port and was not read yet */
	struct text cmdline;
	struct handles handles;
	struct foresight foresight;
};

/* Whether the instruction at `pc` of the halted core is a call, and calls are served. */
bool semihosting_is_call(struct gdb *gdb, uint32_t pc);

/* The same where the core has just stopped, and nothing was read of its memory yet. */
bool semihosting_has_called(struct gdb *gdb, uint32_t pc);

/* Whether a call was served not long ago: then the next stop is likely to be another. */
bool semihosting_is_busy(const struct gdb *gdb);

/* The core has stopped, perhaps for a call: reads ahead what that needs, if one was served not long
 * ago. What fails is found when it is asked for. */
void semihosting_look_ahead(struct gdb *gdb);

/* Serves the call at `pc`. STOP_PASS: the pc is behind it and the core may go on; STOP_WAIT: it is
 * served later, or was the program's last. */
enum stop_verdict semihosting_serve(struct gdb *gdb, uint32_t pc);

/* gdb has answered what the call waits for; `interrupted`: its user has pressed Ctrl-C. The core
 * goes on, or stops. */
void semihosting_answer(struct gdb *gdb, int32_t result, int error, bool interrupted);

/* Ctrl-C. Whether a call was waiting: it is then given up (the core stays at its BKPT, so that it
 * is made again later), or ends with a stop as soon as gdb has answered. */
bool semihosting_interrupt(struct gdb *gdb, bool *stop_now);

/* The core was stopped or set going by other means: no call waits any more. */
void semihosting_forget(struct gdb *gdb);

/* The program starts anew: nothing is open. */
void semihosting_restart(struct gdb *gdb);

/* The controller leaves: the call that waits fails, so that the core may go on; files are closed.
 */
void semihosting_leave(struct gdb *gdb);

/* The core was let go, or is not going to be: takes in the text that was to be read until then. */
void semihosting_settle(struct gdb *gdb);

/* Shows what there is of a line. */
void semihosting_flush(struct gdb *gdb);

/* Keys of the console port: kept, and the call that waits for one is served by the next poll. */
void semihosting_typed(struct gdb *gdb, const void *keys, size_t size);
void semihosting_poll_keys(struct gdb *gdb);

/* Frees. */
void semihosting_finish(struct gdb *gdb);

/* ---- for the calls (semihosting_*.c) ---- */

/* The call failed: result -1. */
enum call_outcome call_fail(struct gdb *gdb, struct semihosting_call *call, int error);

/* The call is done. */
enum call_outcome call_return(struct semihosting_call *call, uint32_t result);

/* Memory that the firmware points to. False: there is none; the user was told and SYS_ERRNO set. */
bool call_read(struct gdb *gdb, const struct semihosting_call *call, uint32_t address, void *data,
	size_t size);
bool call_write(struct gdb *gdb, const struct semihosting_call *call, uint32_t address,
	const void *data, size_t size);

/* The program has ended. */
enum call_outcome call_exit(struct gdb *gdb, struct semihosting_call *call, unsigned code);

/* Console output; shown line by line. */
void semihosting_print(struct gdb *gdb, const void *data, size_t size);

/* The same of what is in memory; false: it is to be read now. */
bool semihosting_print_soon(struct gdb *gdb, uint32_t address, size_t size, bool is_string);

#endif
