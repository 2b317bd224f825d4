/*
 * The engine: Unicorn, wrapped so that the core (m4.c) can treat it as "execute until something
 * needs me". Knows instructions and memory, but no exceptions, no debug, no peripherals.
 *
 * Written against Unicorn 2.0.1. A code hook is on every instruction: it costs next to nothing
 * there, keeps the program counter exact, and stops exactly. What has to be known of this version:
 *
 * - It will not stop inside an IT block. A block that holds something of interest is therefore
 *   walked, one instruction at a time, with engine_walk().
 * - uc_emu_stop() in a memory callback leaves the instruction before its registers are written:
 *   that is how a data access faults precisely. Inside an IT block it does not, so there a fault is
 *   reported after the block (engine_last_fault() tells where it was).
 * - Unicorn reads and writes MSP, PSP and the masks as the running code could: in unprivileged
 *   Thread mode not at all. engine_get/engine_set step around that.
 * - CONTROL.FPCA is set by Unicorn when FP code runs; CPACR and lazy stacking are not enforced.
 */
#ifndef TARGETS_VIRTUAL_CHIP_ENGINE_H
#define TARGETS_VIRTUAL_CHIP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "insn.h"
#include "targets/virtual/chip.h"

enum engine_stop {
	ENGINE_LIMIT,        /* the budget is used up, or engine_interrupt() was called */
	ENGINE_BREAKPOINT,   /* before the instruction at a breakpoint */
	ENGINE_ASSIST,       /* before an instruction of an interesting class */
	ENGINE_WALK,         /* before an IT instruction whose block must be walked */
	ENGINE_BRANCH_MAGIC, /* a branch to 0xFxxxxxxx in Handler mode: EXC_RETURN */
	ENGINE_FETCH_FAULT,
	ENGINE_DATA_FAULT, /* see engine_last_fault */
	ENGINE_UNALIGNED,  /* also */
	ENGINE_UNDEFINED,
	ENGINE_INVALID_STATE, /* the T bit is clear */
};

enum engine_register {
	ENGINE_SP = 13, /* 0 to 12 are r0 to r12 */
	ENGINE_LR = 14,
	ENGINE_PC = 15,
	ENGINE_XPSR,
	ENGINE_MSP,
	ENGINE_PSP,
	ENGINE_PRIMASK,
	ENGINE_BASEPRI,
	ENGINE_FAULTMASK,
	ENGINE_CONTROL,
	ENGINE_FPSCR,
	ENGINE_S0, /* to s31 */
};

struct engine_fault {
	uint32_t address; /* of the data, or of the fetch */
	uint32_t pc;      /* of the instruction */
	uint8_t itstate;  /* at that instruction */
	bool write;
};

/* What the engine calls while it runs; `owner` is what engine_create was given. */
struct engine_ops {
	/* Accesses to what engine_map_io mapped. CHIP_FAULT makes the instruction fault. */
	enum chip_ack (*read)(void *owner, uint32_t address, unsigned width, uint32_t *value);
	enum chip_ack (*write)(void *owner, uint32_t address, unsigned width, uint32_t value);
	/* A store to memory that was mapped without write permission. */
	enum chip_ack (*store)(void *owner, uint32_t address, unsigned width, uint32_t value);
	/* Whether an INSN_LOAD at this base has to wait; asked if that class is interesting. */
	bool (*must_wait)(void *owner, uint32_t address);
	/* Every data access, if engine_watch asked for it. */
	void (*watch)(void *owner, uint32_t address, unsigned width, bool write, uint32_t value);
};

struct engine;

/* NULL when Unicorn or memory fail (logged). */
struct engine *engine_create(const struct engine_ops *ops, void *owner);
void engine_destroy(struct engine *engine);

/* Maps host memory, or callbacks, at an address; sizes are multiples of 1 KiB. */
bool engine_map(
	struct engine *engine, uint32_t address, uint32_t size, uint8_t *data, bool writable);
bool engine_map_io(struct engine *engine, uint32_t address, uint32_t size);
void engine_unmap(struct engine *engine, uint32_t address, uint32_t size);

/* Tells that the host changed memory that may hold code. */
void engine_touch(struct engine *engine, uint32_t address, uint32_t size);

/* Executes until something stops it, or engine_executed() has reached `limit`. `pass`: the first
 * instruction has been considered, neither a breakpoint nor its class stops it. Not inside an IT
 * block (xPSR.IT != 0): walk there. The end of an IT block may be up to 4 instructions late. */
enum engine_stop engine_run(struct engine *engine, uint64_t limit, bool pass);

/* Executes exactly one instruction, whatever it is. */
enum engine_stop engine_walk(struct engine *engine);

/* Makes engine_run return before the next instruction (after the IT block, inside one). */
void engine_interrupt(struct engine *engine);

/* Instructions executed since the count was last cleared; inside a callback the instruction that
 * makes it is counted. engine_charge adds some that were not executed here. */
uint64_t engine_executed(const struct engine *engine);
void engine_clear_executed(struct engine *engine);
void engine_charge(struct engine *engine, uint64_t count);

/* Which classes (insn.h) stop the run. IT and EXCLUSIVE are always looked at. */
void engine_set_interesting(struct engine *engine, unsigned classes);
void engine_set_breakpoints(struct engine *engine, const uint32_t *addresses, unsigned count);
/* Data accesses: calls ops->watch for each; stops at unaligned ones (ENGINE_UNALIGNED). Either
 * makes loads much slower. */
void engine_watch(struct engine *engine, bool accesses, bool trap_unaligned);

/* The local exclusive monitor, as exceptions clear it. */
void engine_clear_exclusive(struct engine *engine);
bool engine_exclusive_lost(const struct engine *engine);

uint32_t engine_get(struct engine *engine, enum engine_register which);
void engine_set(struct engine *engine, enum engine_register which, uint32_t value);

/* What the last ENGINE_DATA_FAULT, _UNALIGNED or _FETCH_FAULT was. */
const struct engine_fault *engine_last_fault(const struct engine *engine);

/* A half-word of code; false where no code can be. */
bool engine_fetch(const struct engine *engine, uint32_t address, uint16_t *value);

#endif
