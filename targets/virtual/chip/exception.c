/*
 * Exception entry and return: stacking, EXC_RETURN, priorities, lock-up.
 *
 * From: ARMv7-M ARM B1.5 (PushStack, ExceptionTaken, ExceptionReturn), the FP extension's frames
 * included. Late arrival and tail-chaining are not modelled as such: their timing differs, what
 * software sees does not.
 */
#include "m4.h"

enum { BASIC_FRAME = 0x20, FP_FRAME = 0x68 };

#define XPSR_NUMBER UINT32_C(0x1ff)
#define XPSR_ALIGN  (UINT32_C(1) << 9)
#define XPSR_T      (UINT32_C(1) << 24)
#define XPSR_IT     UINT32_C(0x0600fc00)

/* EXC_RETURN. */
#define MAGIC          UINT32_C(0xffffffe1)
#define MAGIC_BASIC    (UINT32_C(1) << 4) /* no FP state in the frame */
#define MAGIC_THREAD   (UINT32_C(1) << 3)
#define MAGIC_PROCESS  (UINT32_C(1) << 2)
#define MAGIC_CONSTANT UINT32_C(0xffffffe0)

static unsigned current_exception(struct m4 *core)
{
	return engine_get(core->engine, ENGINE_XPSR) & XPSR_NUMBER;
}

void m4_lock_up(struct m4 *core)
{
	core->locked_up = true;
	engine_set(core->engine, ENGINE_PC, 0xfffffffe);
}

/* ---- entry ---- */

/* The FP part of a frame: saved now, or later when an FP instruction comes (lazily). */
static bool push_fp(struct m4 *core, uint32_t frame)
{
	if ((core->scb.fpccr & FPCCR_LSPEN) == 0)
		return fpu_save(core, frame + BASIC_FRAME);
	core->scb.fpcar = frame + BASIC_FRAME;
	core->scb.fpccr |= FPCCR_LSPACT;
	return true;
}

static bool push_basic(struct m4 *core, uint32_t frame, uint32_t pc, uint32_t xpsr)
{
	struct engine *engine = core->engine;
	const uint32_t words[8] = {engine_get(engine, 0), engine_get(engine, 1),
		engine_get(engine, 2), engine_get(engine, 3), engine_get(engine, 12),
		engine_get(engine, ENGINE_LR), pc, xpsr};
	for (unsigned i = 0; i < 8; i++)
		if (!m4_write(core, frame + 4 * i, words[i]))
			return false;
	return true;
}

/* Pushes the frame; false on a bus error (the stack pointer moves all the same). `magic` gets the
 * EXC_RETURN value that undoes this. */
static bool push_frame(struct m4 *core, uint32_t pc, uint32_t *magic)
{
	struct engine *engine = core->engine;
	uint32_t xpsr = engine_get(engine, ENGINE_XPSR);
	uint32_t control = engine_get(engine, ENGINE_CONTROL);
	uint32_t sp = engine_get(engine, ENGINE_SP);
	bool fp = (control & CONTROL_FPCA) != 0 && (core->scb.fpccr & FPCCR_ASPEN) != 0;
	bool handler = (xpsr & XPSR_NUMBER) != 0;
	bool align = ((core->scb.ccr & CCR_STKALIGN) != 0 || fp) && (sp & 4) != 0;
	uint32_t frame = (sp - (fp ? FP_FRAME : BASIC_FRAME)) & (align ? ~UINT32_C(4) : ~0u);

	xpsr = align ? xpsr | XPSR_ALIGN : xpsr & ~XPSR_ALIGN;
	bool ok = push_basic(core, frame, pc, xpsr);
	if (fp)
		ok = push_fp(core, frame) && ok;
	engine_set(engine, ENGINE_SP, frame);
	*magic = MAGIC | (fp ? 0 : MAGIC_BASIC) | (handler ? 0 : MAGIC_THREAD) |
		 (!handler && (control & CONTROL_SPSEL) != 0 ? MAGIC_PROCESS : 0);
	return ok;
}

/* What both a fresh entry and a fault on return do: go to the handler. */
static void enter_handler(struct m4 *core, unsigned number, uint32_t magic)
{
	struct engine *engine = core->engine;
	uint32_t control = engine_get(engine, ENGINE_CONTROL);
	if ((control & (CONTROL_FPCA | CONTROL_SPSEL)) != 0)
		engine_set(engine, ENGINE_CONTROL,
			control & ~(uint32_t)(CONTROL_FPCA | CONTROL_SPSEL));
	uint32_t vector = 0;
	bool fetched = m4_read(core, core->scb.vtor + 4 * number, &vector);
	uint32_t xpsr = engine_get(engine, ENGINE_XPSR);
	xpsr &= ~(XPSR_NUMBER | XPSR_IT | XPSR_T);
	engine_set(engine, ENGINE_XPSR, xpsr | number | ((vector & 1) != 0 ? XPSR_T : 0));
	engine_set(engine, ENGINE_LR, magic);
	engine_set(engine, ENGINE_PC, vector & ~UINT32_C(1));
	nvic_set_bit(core->nvic.pending, number, false);
	nvic_set_bit(core->nvic.active, number, true);
	engine_clear_exclusive(engine);
	core->event = true;
	core->fp_ready = core->passed = false;
	m4_recheck(core);
	if (!fetched)
		m4_fault_derived(core, FAULT_COUNT, number);
}

void exception_enter(struct m4 *core, unsigned number, uint32_t pc)
{
	uint32_t magic;
	bool pushed = push_frame(core, pc, &magic);
	enter_handler(core, number, magic);
	if (!pushed && !core->locked_up)
		m4_fault_derived(core, FAULT_STACK, number);
}

bool exception_take_pending(struct m4 *core)
{
	unsigned number = nvic_highest_pending(core);
	if (number == 0 || nvic_group_priority(core, number) >= nvic_execution_priority(core))
		return false;
	core->locked_up = false;
	exception_enter(core, number, engine_get(core->engine, ENGINE_PC));
	m4_vector_catch(core, number == EXCEPTION_HARD_FAULT ? VC_HARDERR : 0);
	return true;
}

bool exception_would_wake(struct m4 *core)
{
	unsigned number = nvic_highest_pending(core);
	return number != 0 && nvic_group_priority(core, number) < nvic_active_priority(core);
}

/* ---- return ---- */

static unsigned count_active(const struct m4 *core)
{
	unsigned count = 0;
	for (unsigned i = 0; i < EXCEPTION_COUNT / 32; i++)
		count += (unsigned)__builtin_popcount(core->nvic.active[i]);
	return count;
}

static bool return_is_legal(struct m4 *core, unsigned number, uint32_t magic)
{
	if ((magic & MAGIC_CONSTANT) != MAGIC_CONSTANT || !nvic_bit(core->nvic.active, number))
		return false;
	bool nested = count_active(core) > 1;
	switch (magic & 0xf) {
	case 0x1:
		return nested;
	case 0x9:
	case 0xd:
		return !nested || (core->scb.ccr & CCR_NONBASETHRDENA) != 0;
	default:
		return false;
	}
}

/* Faults of the return itself: the handler of the fault gets the frame that is still there. */
static void fail_return(struct m4 *core, enum fault fault, uint32_t magic)
{
	uint32_t sp = engine_get(core->engine, ENGINE_MSP);
	m4_fault(core, fault, engine_get(core->engine, ENGINE_PC), 0);
	if (core->locked_up)
		return;
	engine_set(core->engine, ENGINE_MSP, sp);
	engine_set(core->engine, ENGINE_LR, magic);
}

static bool pop_words(struct m4 *core, uint32_t frame, uint32_t words[8])
{
	for (unsigned i = 0; i < 8; i++)
		if (!m4_read(core, frame + 4 * i, &words[i]))
			return false;
	return true;
}

static bool pop_fp(struct m4 *core, uint32_t frame)
{
	if ((core->scb.fpccr & FPCCR_LSPACT) != 0) { /* it was never saved: nothing to bring back */
		core->scb.fpccr &= ~(uint32_t)FPCCR_LSPACT;
		return true;
	}
	return fpu_restore(core, frame + BASIC_FRAME);
}

/* Leaves Handler mode or goes down to the handler below, with the popped registers. */
static void restore(struct m4 *core, uint32_t frame, const uint32_t words[8], uint32_t magic)
{
	struct engine *engine = core->engine;
	bool process = (magic & MAGIC_PROCESS) != 0, fp = (magic & MAGIC_BASIC) == 0;
	uint32_t sp = frame + (fp ? FP_FRAME : BASIC_FRAME);
	if ((words[7] & XPSR_ALIGN) != 0)
		sp |= 4;
	engine_set(engine, process ? ENGINE_PSP : ENGINE_MSP, sp);
	for (unsigned i = 0; i < 4; i++)
		engine_set(engine, i, words[i]);
	engine_set(engine, 12, words[4]);
	engine_set(engine, ENGINE_LR, words[5]);
	engine_set(engine, ENGINE_XPSR, words[7] & ~XPSR_ALIGN);
	uint32_t control = engine_get(engine, ENGINE_CONTROL);
	control &= ~(uint32_t)(CONTROL_FPCA | CONTROL_SPSEL);
	control |= (process ? CONTROL_SPSEL : 0) | (fp ? CONTROL_FPCA : 0);
	engine_set(engine, ENGINE_CONTROL, control);
	engine_set(engine, ENGINE_PC, words[6] & ~UINT32_C(1));
}

static void after_return(struct m4 *core, uint32_t magic)
{
	engine_clear_exclusive(core->engine);
	core->event = true;
	core->fp_ready = false;
	m4_recheck(core);
	if ((magic & MAGIC_THREAD) != 0 && (core->scb.scr & SCR_SLEEPONEXIT) != 0)
		m4_sleep(core, false);
}

void exception_return(struct m4 *core, uint32_t value)
{
	unsigned number = current_exception(core);
	uint32_t magic = value | 1, words[8];
	if (!return_is_legal(core, number, magic)) {
		nvic_deactivate(core, number);
		fail_return(core, FAULT_INVALID_PC, magic);
		return;
	}
	bool process = (magic & MAGIC_PROCESS) != 0;
	uint32_t frame = engine_get(core->engine, process ? ENGINE_PSP : ENGINE_MSP);
	nvic_deactivate(core, number);
	if (number != EXCEPTION_NMI)
		engine_set(core->engine, ENGINE_FAULTMASK, 0);
	if (!pop_words(core, frame, words) ||
		((magic & MAGIC_BASIC) == 0 && !pop_fp(core, frame))) {
		fail_return(core, FAULT_UNSTACK, magic);
		return;
	}
	bool to_thread = (magic & MAGIC_THREAD) != 0;
	if (to_thread != ((words[7] & XPSR_NUMBER) == 0)) {
		fail_return(core, FAULT_INVALID_PC, magic);
		return;
	}
	restore(core, frame, words, magic);
	after_return(core, magic);
}
