/*
 * The machine that runs agent bytecode, and the table of its opcodes. Private to agent*.c.
 */
#ifndef SERVER_GDB_AGENT_MACHINE_H
#define SERVER_GDB_AGENT_MACHINE_H

#include "agent.h"

struct machine {
	const struct agent *agent;
	const uint8_t *code;
	size_t pc; /* of the next bytecode; set by jumps */
	uint64_t stack[AGENT_STACK_MAX];
	size_t depth;
	unsigned reads, prints;
	bool ended;
};

enum {
	AGENT_IF_GOTO = 0x20,
	AGENT_GOTO = 0x21,
	AGENT_END = 0x27,
	AGENT_PRINTF = 0x34, /* its format follows the operand */
};

/* One of the functions, or none: then the bytecode is refused. The stack is deep enough when it is
 * called, and has room. */
struct opcode {
	const char *name; /* the manual's */
	unsigned operand; /* bytes after the opcode */
	size_t pops, pushes;
	uint64_t (*unary)(uint64_t a, uint64_t operand);
	uint64_t (*binary)(uint64_t a, uint64_t b);
	uint64_t (*division)(uint64_t a, uint64_t b); /* b is not 0 */
	enum agent_fault (*operation)(struct machine *machine, uint64_t operand);
};

/* NULL for a number that there is not. */
const struct opcode *agent_opcode(uint8_t number);

#endif
