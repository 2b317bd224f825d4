/*
 * The engine: what Unicorn calls while it executes. Counts instructions, decides which of them stop
 * the run, and turns failed accesses into faults; see engine.h.
 */
#include "engine_private.h"

#include <string.h>

/* Unicorn's numbers of what it raises on M-profile. */
enum { RAISED_PREFETCH_ABORT = 3, RAISED_DATA_ABORT = 4, RAISED_EXCEPTION_EXIT = 8 };

/* ---- stopping ---- */

static void stop(struct engine *engine, enum engine_stop reason)
{
	engine->stop = reason;
	uc_emu_stop(engine->uc);
}

/* A data access failed. Outside an IT block the instruction is left before it changes a register;
 * inside one Unicorn finishes the block first, and the first fault is the one that counts. */
static void stop_on_fault(
	struct engine *engine, enum engine_stop reason, uint32_t address, bool write)
{
	if (engine->stop == ENGINE_DATA_FAULT || engine->stop == ENGINE_UNALIGNED)
		return;
	uint8_t itstate = engine->walking ? engine->walked_itstate : engine->it_now;
	engine->fault = (struct engine_fault){
		.address = address, .pc = engine->pc, .itstate = itstate, .write = write};
	engine->executed--;
	engine->limit = 0;
	engine->stop = reason;
	if (itstate == 0)
		uc_emu_stop(engine->uc);
}

/* ---- the hook on every instruction ---- */

/* Where code at this address is; the region that had the last one is tried first. */
static struct engine_region *code_at(struct engine *engine, uint32_t address)
{
	struct engine_region *code = engine->code;
	if (code != NULL && address - code->start < code->size)
		return code;
	for (unsigned i = 0; i < engine->region_count; i++) {
		code = &engine->regions[i];
		if (code->data != NULL && address - code->start < code->size)
			return engine->code = code;
	}
	return NULL;
}

static uint16_t fetch(struct engine *engine, uint32_t address)
{
	const struct engine_region *code = code_at(engine, address);
	uint16_t first = 0;
	if (code != NULL)
		memcpy(&first, code->data + (address - code->start), sizeof first);
	return first;
}

static void note_executed(struct engine *engine, uint32_t address)
{
	struct engine_region *code = code_at(engine, address);
	if (code != NULL)
		code->ran[(address - code->start) / ENGINE_CELL] = 1;
}

static bool is_breakpoint(const struct engine *engine, uint32_t address)
{
	if ((engine->breakpoint_mask >> (address >> 1 & 63) & 1) == 0)
		return false;
	for (unsigned i = 0; i < engine->breakpoint_count; i++)
		if (engine->breakpoints[i] == address)
			return true;
	return false;
}

/* Whether an instruction of this IT block has to be looked at one by one. The alignment of multiple
 * loads and stores is no reason: walking is slow, and compilers like to make those conditional. */
static bool block_is_interesting(struct engine *engine, uint32_t address, uint16_t it)
{
	unsigned interesting = engine->interesting & ~(unsigned)(INSN_IT | INSN_MULTIPLE);
	address += 2;
	for (unsigned n = insn_it_count(it); n > 0; n--) {
		uint16_t first = fetch(engine, address);
		if ((engine->classes[first] & interesting) != 0 || is_breakpoint(engine, address))
			return true;
		address += insn_size(first);
	}
	return false;
}

/* Whether an LDM, STM, LDRD or STRD has a base that is no multiple of 4. */
static bool base_is_unaligned(struct engine *engine, uint16_t first)
{
	unsigned base = insn_base_register(first);
	return base != ENGINE_SP && base != ENGINE_PC && (engine_get(engine, base) & 3) != 0;
}

static bool load_must_wait(struct engine *engine, uint16_t first)
{
	uint32_t base = engine_get(engine, insn_base_register(first));
	return engine->ops->must_wait(engine->owner, base);
}

static bool track_exclusive(struct engine *engine, uint32_t address, uint16_t first)
{
	switch (insn_exclusive(first, fetch(engine, address + 2))) {
	case EXCLUSIVE_LOAD:
		engine->exclusive_lost = false;
		return true;
	case EXCLUSIVE_STORE:
		return !engine->exclusive_lost;
	default:
		return true;
	}
}

/* Looks closer at an instruction of an interesting class; false stops the run before it. */
static bool consider(struct engine *engine, uint32_t address, uint16_t first, unsigned class)
{
	if ((class & INSN_IT) != 0) {
		if (block_is_interesting(engine, address, first)) {
			stop(engine, ENGINE_WALK);
			return false;
		}
		engine->it_next = (uint8_t)first;
		return true;
	}
	if (engine->executed == engine->pass_at)
		class &= INSN_EXCLUSIVE | INSN_MASK;
	if ((class & INSN_MASK) != 0)
		engine->limit = 0;
	bool stops = (class & (INSN_COPROCESSOR | INSN_SYSTEM | INSN_DIVIDE)) != 0 ||
		     ((class & INSN_LOAD) != 0 && load_must_wait(engine, first)) ||
		     ((class & INSN_EXCLUSIVE) != 0 && !track_exclusive(engine, address, first)) ||
		     ((class & INSN_MULTIPLE) != 0 && base_is_unaligned(engine, first));
	if (stops)
		stop(engine, ENGINE_ASSIST);
	return !stops;
}

/* The instructions of an IT block after the IT itself. */
static void enter_conditional(struct engine *engine)
{
	engine->it_now = engine->it_next;
	engine->it_next = insn_it_advance(engine->it_next);
	engine->executed++;
}

static void on_instruction(uc_engine *uc, uint64_t address64, uint32_t size, void *user)
{
	struct engine *engine = user;
	uint32_t address = (uint32_t)address64;
	(void)uc, (void)size;
	engine->pc = address;
	note_executed(engine, address);
	if (engine->it_next != 0) {
		enter_conditional(engine);
		return;
	}
	engine->it_now = 0;
	if (engine->executed >= engine->limit) {
		uc_emu_stop(engine->uc); /* engine->stop is ENGINE_LIMIT, or a fault came first */
		return;
	}
	if (is_breakpoint(engine, address) && engine->executed != engine->pass_at) {
		stop(engine, ENGINE_BREAKPOINT);
		return;
	}
	uint16_t first = fetch(engine, address);
	unsigned class = engine->classes[first] & engine->interesting;
	if (class != 0 && !consider(engine, address, first, class))
		return;
	engine->executed++;
}

/* The hook while one instruction is walked: the second call is the next instruction. */
static void on_walked_instruction(struct engine *engine, uint32_t address)
{
	if (engine->walked) {
		uc_emu_stop(engine->uc);
		return;
	}
	engine->walked = true;
	engine->pc = address;
	note_executed(engine, address);
	engine->executed++;
}

static void on_code(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	struct engine *engine = user;
	if (engine->walking)
		on_walked_instruction(engine, (uint32_t)address);
	else
		on_instruction(uc, address, size, user);
}

/* ---- what Unicorn raises ---- */

static void on_raised(uc_engine *uc, uint32_t number, void *user)
{
	struct engine *engine = user;
	(void)uc;
	switch (number) {
	case RAISED_EXCEPTION_EXIT:
		stop(engine, ENGINE_BRANCH_MAGIC);
		break;
	case RAISED_PREFETCH_ABORT: /* execute-never by the default memory map */
		stop(engine, ENGINE_FETCH_FAULT);
		break;
	case RAISED_DATA_ABORT: /* the only one without an MPU: an unaligned exclusive */
		stop_on_fault(engine, ENGINE_UNALIGNED, 0, false);
		uc_emu_stop(engine->uc);
		break;
	default:
		stop(engine, ENGINE_UNDEFINED);
		break;
	}
}

static bool on_invalid(
	uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *user)
{
	struct engine *engine = user;
	(void)uc, (void)size, (void)value;
	if (!engine->running || type == UC_MEM_FETCH_UNMAPPED || type == UC_MEM_FETCH_PROT)
		return false;
	stop_on_fault(engine, ENGINE_DATA_FAULT, (uint32_t)address,
		type == UC_MEM_WRITE_UNMAPPED || type == UC_MEM_WRITE_PROT);
	return false;
}

static bool on_protected_store(
	uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *user)
{
	struct engine *engine = user;
	(void)uc, (void)type;
	/* An unaligned store is announced whole, and then once more for each of its bytes. */
	if (engine->split_bytes > 0) {
		engine->split_bytes--;
		return true;
	}
	if ((address & (unsigned)(size - 1)) != 0)
		engine->split_bytes = (unsigned)size;
	if (engine->ops->store(engine->owner, (uint32_t)address, (unsigned)size, (uint32_t)value) ==
		CHIP_FAULT)
		stop_on_fault(engine, ENGINE_DATA_FAULT, (uint32_t)address, true);
	return true;
}

uint64_t engine_on_io_read(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
	struct engine_io *io = user;
	uint32_t address = io->start + (uint32_t)offset, value = 0;
	(void)uc;
	if (io->engine->ops->read(io->engine->owner, address, size, &value) == CHIP_FAULT)
		stop_on_fault(io->engine, ENGINE_DATA_FAULT, address, false);
	return value;
}

void engine_on_io_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
	struct engine_io *io = user;
	uint32_t address = io->start + (uint32_t)offset;
	(void)uc;
	if (io->engine->ops->write(io->engine->owner, address, size, (uint32_t)value) == CHIP_FAULT)
		stop_on_fault(io->engine, ENGINE_DATA_FAULT, address, true);
}

/* A store is announced before it is made, and made all the same: what it overwrites is kept. */
static void keep_overwritten(struct engine *engine, uint32_t address, unsigned size)
{
	for (unsigned i = 0; i < engine->region_count; i++) {
		const struct engine_region *region = &engine->regions[i];
		uint32_t offset = address - region->start;
		if (region->data == NULL || offset >= region->size || region->size - offset < size)
			continue;
		engine->undo.data = region->data + offset;
		engine->undo.size = size;
		memcpy(engine->undo.bytes, engine->undo.data, size);
	}
}

void engine_on_access(
	uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *user)
{
	struct engine *engine = user;
	bool write = type == UC_MEM_WRITE;
	(void)uc;
	if (engine->traps_unaligned && (address & (unsigned)(size - 1)) != 0) {
		if (write)
			keep_overwritten(engine, (uint32_t)address, (unsigned)size);
		stop_on_fault(engine, ENGINE_UNALIGNED, (uint32_t)address, write);
	} else if (engine->watches) {
		engine->ops->watch(
			engine->owner, (uint32_t)address, (unsigned)size, write, (uint32_t)value);
	}
}

bool engine_add_hooks(struct engine *engine)
{
	const struct {
		int types;
		void *callback;
	} hooks[] = {
		{UC_HOOK_CODE, (void *)on_code},
		{UC_HOOK_INTR, (void *)on_raised},
		{UC_HOOK_MEM_WRITE_PROT, (void *)on_protected_store},
		{UC_HOOK_MEM_UNMAPPED | UC_HOOK_MEM_READ_PROT | UC_HOOK_MEM_FETCH_PROT,
			(void *)on_invalid},
	};
	for (unsigned i = 0; i < sizeof hooks / sizeof hooks[0]; i++) {
		uc_hook hook;
		if (uc_hook_add(engine->uc, &hook, hooks[i].types, hooks[i].callback, engine, 1,
			    0) != UC_ERR_OK)
			return false;
	}
	return true;
}
