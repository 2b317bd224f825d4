/*
 * Thumb instructions, as far as a debugger has to know them: how long they are, where control goes
 * from them, and by which addresses it leaves a range of code.
 *
 * Called by core_range.c and core_run.c. Pure. Source: ARMv7-M ARM A5 (encodings), A7.7.
 */
#ifndef TARGETS_THUMB_H
#define TARGETS_THUMB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where control goes from an instruction. */
enum thumb_flow {
	THUMB_NEXT,      /* behind it; SVC too, whose handler comes back there */
	THUMB_BRANCH,    /* to `target` */
	THUMB_BRANCH_IF, /* to `target`, or behind it */
	THUMB_UNKNOWN, /* only execution tells: BX, POP {pc}, TBB, ...; also what halts or faults */
};

struct thumb {
	enum thumb_flow flow;
	unsigned size;   /* 2 or 4 */
	uint32_t target; /* of a branch; of a BL the function called */
	unsigned it;     /* how many instructions behind an IT depend on it, or 0 */
};

/* `second` counts for instructions of 4 bytes only. */
struct thumb thumb_decode(uint32_t address, uint16_t first, uint16_t second);

bool thumb_is_bkpt(uint16_t first);
bool thumb_is_load_exclusive(uint16_t first, uint16_t second);
bool thumb_is_store_exclusive(uint16_t first, uint16_t second);

/* Code of the target, copied; `size` bytes from `start` on. */
struct thumb_code {
	uint32_t start;
	size_t size;
	const uint8_t *bytes;
};

#define THUMB_RANGE_MAX 512 /* bytes that thumb_find_exits looks through at most */
#define THUMB_EXITS_MAX 8

struct thumb_exits {
	uint32_t address[THUMB_EXITS_MAX];
	size_t count;
};

/* All addresses at which control that starts at `pc` in `code` can arrive next outside of it, and
 * those inside from which it goes who knows where: whoever stops at all of them has the core as
 * soon as it is about to leave. False when they are not all known, or too many, or `pc` itself is
 * one. The end of the code is always among them. */
bool thumb_find_exits(const struct thumb_code *code, uint32_t pc, struct thumb_exits *exits);

/* The end of the exclusive sequence that begins with the load-exclusive at the start of `code`:
 * behind its store-exclusive, 0 when there is none near. */
uint32_t thumb_exclusive_end(const struct thumb_code *code);

#endif
