/* The inside of the engine, shared by its four files. */
#ifndef TARGETS_VIRTUAL_CHIP_ENGINE_PRIVATE_H
#define TARGETS_VIRTUAL_CHIP_ENGINE_PRIVATE_H

#include <unicorn/unicorn.h>

#include "engine.h"

/* Bytes of code of which it is known together whether they were executed. */
enum { ENGINE_CELL = 16 };

enum { ENGINE_BREAKPOINTS = 16, ENGINE_REGIONS = 12, ENGINE_IO_REGIONS = 48 };

/* Data, a stack and what lies between them may be written between two runs, around code that is
 * not. */
enum { ENGINE_SPANS = 4 };

struct engine_span {
	uint32_t start, end;
};

struct engine_region {
	uint32_t start, size;
	uint8_t *data; /* NULL: the slot is free */
	struct engine_span
		touched[ENGINE_SPANS]; /* offsets that the host changed since the last run */
	unsigned touched_count;
	uint8_t *ran; /* a byte a cell: executed since last forgotten; owned */
};

struct engine_io {
	struct engine *engine;
	uint32_t start;
};

struct engine {
	uc_engine *uc;
	const struct engine_ops *ops;
	void *owner;

	uint64_t executed, limit;
	uint64_t pass_at; /* when `executed` is this, the instruction was considered already */
	uint32_t pc;
	uint8_t it_now, it_next; /* ITSTATE of this and of the next instruction */
	bool running;
	bool walking, walked;
	uint8_t walked_itstate;
	bool touched;
	uint64_t litter; /* estimate: bytes of Unicorn's buffer that forgotten translations hold */
	enum engine_stop stop;
	struct engine_fault fault;
	unsigned split_bytes;

	unsigned interesting;
	uint64_t breakpoint_mask; /* of the addresses' low bits, to say no quickly */
	uint32_t breakpoints[ENGINE_BREAKPOINTS];
	unsigned breakpoint_count;
	bool exclusive_lost;
	bool watches, traps_unaligned, hook_lingers;
	uc_hook watch_hook;
	struct {
		uint8_t *data;
		unsigned size; /* 0: nothing to undo */
		uint8_t bytes[8];
	} undo;

	struct engine_region *code; /* where the last instruction came from; NULL: unknown */
	struct engine_region regions[ENGINE_REGIONS];
	unsigned region_count;
	struct engine_io io[ENGINE_IO_REGIONS];
	unsigned io_count;
	uint8_t classes[65536]; /* insn_classify() of every first half-word */
};

/* Adds every hook but the one of engine_watch. */
bool engine_add_hooks(struct engine *engine);

/* The hook of engine_watch. */
void engine_on_access(
	uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *user);

/* Callbacks of memory that engine_map_io maps; `user` is its struct engine_io. */
uint64_t engine_on_io_read(uc_engine *uc, uint64_t offset, unsigned size, void *user);
void engine_on_io_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user);

#endif
