/*
 * The agent's bytecode: what gdb sends of a breakpoint's condition or of a dprintf, to be evaluated
 * here. Pure: registers, memory and console are the caller's.
 *
 * Called by point_code.c for what a Z packet carries and at stops; by a fuzzer. Whatever the bytes
 * are, a run ends: its stack, its steps, its reads and its output are bounded.
 * Written from the GDB manual, appendix F "The GDB Agent Expression Mechanism".
 */
#ifndef SERVER_GDB_AGENT_H
#define SERVER_GDB_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

#define AGENT_CODE_MAX   4096  /* bytes of one expression */
#define AGENT_PRINT_MAX  1024  /* characters that one printf puts out */
#define AGENT_STACK_MAX  64    /* values */
#define AGENT_STEPS_MAX  10000 /* bytecodes executed */
#define AGENT_READS_MAX  256   /* memory reads; each is a turn on the wire */
#define AGENT_PRINTS_MAX 16    /* printfs */

enum agent_fault {
	AGENT_GOOD,
	AGENT_EMPTY,     /* no code, or more than AGENT_CODE_MAX */
	AGENT_TRUNCATED, /* ends in the midst of a bytecode, or without `end` */
	AGENT_UNKNOWN,   /* no such bytecode */
	AGENT_REFUSED,   /* a bytecode for tracing or floating point */
	AGENT_JUMP,      /* a jump to where no bytecode begins */
	AGENT_FORMAT,    /* a printf format that is not understood or does not fit its arguments */
	AGENT_OVERFLOW,  /* of its stack */
	AGENT_UNDERFLOW, /* likewise */
	AGENT_DIVISION,  /* by zero */
	AGENT_REGISTER,  /* cannot be read */
	AGENT_MEMORY,    /* cannot be read */
	AGENT_ENDLESS, /* more than AGENT_STEPS_MAX, AGENT_READS_MAX, or longer than the caller has
			  time */
	AGENT_FAULTS,
};

/* Where an expression is evaluated. `context` goes to each function. */
struct agent {
	void *context;
	/* By gdb's register number. */
	enum err (*read_register)(void *context, unsigned number, uint64_t *value);
	enum err (*read_memory)(void *context, uint32_t address, void *data, size_t size);
	void (*print)(void *context, const char *text, size_t size);
	/* Whether the evaluation has taken too long; asked before each memory read. */
	bool (*is_late)(void *context);
};

/* What is wrong with the code, as far as that can be said without running it. */
enum agent_fault agent_check(const uint8_t *code, size_t size);

/* Runs it. *value is the top of the stack at `end`, 0 if that is empty (a printf leaves nothing).
 */
enum agent_fault agent_run(
	const struct agent *agent, const uint8_t *code, size_t size, int64_t *value);

/* A phrase, never NULL; static storage. */
const char *agent_fault_text(enum agent_fault fault);

#endif
