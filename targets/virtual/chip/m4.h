/*
 * The Cortex-M4F: what its parts share. m4.c runs it, exception.c and m4_fault.c do what
 * Unicorn does not, nvic.c, scb.c, systick.c, debug.c, fpb.c, dwt.c and others are its registers.
 *
 * From: ARMv7-M Architecture Reference Manual (B1 exceptions, B3 system registers, C1 debug).
 */
#ifndef TARGETS_VIRTUAL_CHIP_M4_H
#define TARGETS_VIRTUAL_CHIP_M4_H

#include "engine.h"
#include "state.h"

enum exception {
	EXCEPTION_NONE = 0,
	EXCEPTION_RESET = 1,
	EXCEPTION_NMI = 2,
	EXCEPTION_HARD_FAULT = 3,
	EXCEPTION_MEM_MANAGE = 4,
	EXCEPTION_BUS_FAULT = 5,
	EXCEPTION_USAGE_FAULT = 6,
	EXCEPTION_SVCALL = 11,
	EXCEPTION_DEBUG_MONITOR = 12,
	EXCEPTION_PENDSV = 14,
	EXCEPTION_SYSTICK = 15,
	EXCEPTION_IRQ0 = 16,
	EXCEPTION_COUNT = 128,
};

/* DFSR: why the core was halted. */
enum {
	DFSR_HALTED = 1 << 0,
	DFSR_BKPT = 1 << 1,
	DFSR_DWTTRAP = 1 << 2,
	DFSR_VCATCH = 1 << 3,
	DFSR_EXTERNAL = 1 << 4,
};

/* DEMCR. */
enum {
	VC_CORERESET = 1 << 0,
	VC_MMERR = 1 << 4,
	VC_NOCPERR = 1 << 5,
	VC_CHKERR = 1 << 6,
	VC_STATERR = 1 << 7,
	VC_BUSERR = 1 << 8,
	VC_INTERR = 1 << 9,
	VC_HARDERR = 1 << 10,
	MON_EN = 1 << 16,
	MON_PEND = 1 << 17,
	MON_STEP = 1 << 18,
	MON_REQ = 1 << 19,
	TRCENA = 1 << 24,
};

/* DHCSR, the control half. */
enum {
	C_DEBUGEN = 1 << 0,
	C_HALT = 1 << 1,
	C_STEP = 1 << 2,
	C_MASKINTS = 1 << 3,
	C_SNAPSTALL = 1 << 5,
};

/* CCR, SHCSR, SCR, CONTROL, FPCCR: the bits that matter outside the register file. */
enum {
	CCR_NONBASETHRDENA = 1 << 0,
	CCR_UNALIGN_TRP = 1 << 3,
	CCR_DIV_0_TRP = 1 << 4,
	CCR_BFHFNMIGN = 1 << 8,
	CCR_STKALIGN = 1 << 9,
	SCR_SLEEPONEXIT = 1 << 1,
	SCR_SLEEPDEEP = 1 << 2,
	SCR_SEVONPEND = 1 << 4,
	CONTROL_NPRIV = 1 << 0,
	CONTROL_SPSEL = 1 << 1,
	CONTROL_FPCA = 1 << 2,
	FPCCR_LSPACT = 1 << 0,
};
#define FPCCR_LSPEN (UINT32_C(1) << 30)
#define FPCCR_ASPEN (UINT32_C(1) << 31)

struct nvic {
	uint32_t enabled[EXCEPTION_COUNT / 32]; /* bit n: exception n */
	uint32_t pending[EXCEPTION_COUNT / 32];
	uint32_t active[EXCEPTION_COUNT / 32];
	uint8_t priority[EXCEPTION_COUNT];
	uint8_t lines[EXCEPTION_COUNT]; /* how many sources hold this request up */
	unsigned prigroup;
};

struct scb {
	uint32_t actlr, vtor, scr, ccr, cfsr, hfsr, mmfar, bfar, afsr, cpacr;
	uint32_t fpccr, fpcar, fpdscr;
};

struct debug {
	uint32_t control; /* the C_ bits of DHCSR */
	uint32_t demcr, dfsr, dcrdr;
	bool reset_seen, retired_seen; /* S_RESET_ST, S_RETIRE_ST */
	uint64_t retired_at;           /* instructions retired when S_RETIRE_ST was last read */
	bool stepping;
};

struct m4 {
	struct chip *chip;
	struct engine *engine;
	struct peripheral *fpb, *dwt;
	struct nvic nvic;
	struct scb scb;
	struct debug debug;

	bool halted; /* debug state */
	bool locked_up;
	bool sleeping, sleeping_for_event; /* WFI, or WFE */
	bool event;                        /* the event register */
	bool recheck;      /* pending exceptions, masks or priorities may have changed */
	bool fp_ready;     /* FP instructions need no help */
	bool passed;       /* the next instruction has been considered: execute it */
	bool awaits_flash; /* a load from busy flash is to be made again */
	uint64_t halted_ticks, halted_since; /* of hclk */
	uint64_t asleep_ticks, asleep_since; /* of m4_ticks(), without a clock */
	uint64_t retired, retired_at_reset;
};

/* ---- life ---- */

struct m4 *m4_create(struct chip *chip);
void m4_destroy(struct m4 *core);

/* The core's own reset; then m4_boot() when the reset is released. */
void m4_reset(struct m4 *core, enum reset_kind kind);
void m4_boot(struct m4 *core);

/* ---- running (m4_run.c), and states (m4.c) ---- */

/* Executes up to `cycles`; returns how many. 0 when it cannot: halted, asleep, stalled. */
uint64_t m4_run(struct m4 *core, uint64_t cycles);
bool m4_is_running(const struct m4 *core);

/* Ticks of HCLK that the core was not halted: what SysTick counts; and that it had a clock, too:
 * what CYCCNT counts. */
uint64_t m4_ticks(const struct m4 *core);
uint64_t m4_active_ticks(const struct m4 *core);
/* The time of a future m4_ticks() value; CLOCK_NEVER while halted. */
uint64_t m4_ticks_ns(const struct m4 *core, uint64_t ticks);

/* Enters debug state for a reason (DFSR_), or leaves it. */
void m4_halt(struct m4 *core, uint32_t dfsr);
void m4_resume(struct m4 *core);
/* WFI and WFE. */
void m4_sleep(struct m4 *core, bool for_event);
/* Ends WFI, WFE and STOP if an exception or event is there. */
void m4_wake_if_due(struct m4 *core);
/* Halts at once if DHCSR asks for it and nothing keeps the core from it. */
void m4_halt_if_wanted(struct m4 *core);

/* The flash is busy, and the core needs it for its next instruction or its next data. */
bool m4_is_stalled(struct m4 *core);

/* Pending, masks, priorities or debug state changed: look before the next instruction. */
void m4_recheck(struct m4 *core);

/* The instruction at PC is done: on to the next one, in an IT block too. */
void m4_skip(struct m4 *core, unsigned size);

/* Handles an instruction that Unicorn cannot (m4_assist.c). True: it is done. False: it is an
 * ordinary one after all and must be executed. */
bool m4_assist(struct m4 *core, uint32_t pc);

/* struct engine_ops: whether a load at this base waits for the flash; `owner` is the core. */
bool m4_load_must_wait(void *owner, uint32_t address);

/* Whether an instruction at `pc` that is in an IT block has its condition fulfilled. */
bool m4_condition_passed(struct m4 *core);

/* Recomputes which instructions need help (m4_assist.c). */
void m4_update_interest(struct m4 *core);

/* The bus, as the core sees it; false on a bus error. */
bool m4_read(struct m4 *core, uint32_t address, uint32_t *value);
bool m4_write(struct m4 *core, uint32_t address, uint32_t value);

/* ---- exceptions (exception.c) ---- */

/* Enters an exception; `pc` is the return address. Does not ask for priorities. */
void exception_enter(struct m4 *core, unsigned number, uint32_t pc);
/* A branch to an EXC_RETURN value. */
void exception_return(struct m4 *core, uint32_t value);
/* Takes the pending exception that wins, if one does. False: none. */
bool exception_take_pending(struct m4 *core);
/* Whether something pends that would wake the core from WFI (masks by PRIMASK do not count). */
bool exception_would_wake(struct m4 *core);
void m4_lock_up(struct m4 *core);

/* ---- faults (m4_fault.c) ---- */

enum fault {
	FAULT_FETCH_BUS,
	FAULT_FETCH_XN,
	FAULT_DATA_BUS,
	FAULT_STACK,
	FAULT_UNSTACK,
	FAULT_LAZY_FP,
	FAULT_UNDEFINED,
	FAULT_INVALID_STATE,
	FAULT_INVALID_PC,
	FAULT_NO_COPROCESSOR,
	FAULT_UNALIGNED,
	FAULT_DIVIDE,
	FAULT_COUNT
};

/* A fault at the instruction `pc`; `address` is what BFAR takes, where it takes any. */
void m4_fault(struct m4 *core, enum fault fault, uint32_t pc, uint32_t address);
/* A fault that comes up while another exception `number` is being entered. */
void m4_fault_derived(struct m4 *core, enum fault fault, unsigned number);
/* Raises SVCall or DebugMonitor, or what becomes of them when they cannot be taken. */
void m4_raise(struct m4 *core, unsigned number, uint32_t pc);
/* Halts if DEMCR asks for this catch. */
void m4_vector_catch(struct m4 *core, uint32_t catch);
/* A debug event (BKPT, FPB, DWT): halts, or raises DebugMonitor, or nothing. False: nothing. */
bool m4_debug_event(struct m4 *core, uint32_t dfsr, uint32_t pc);

/* ---- FP context (fpu.c) ---- */

/* Gets the FPU ready for the FP instruction at `pc`; false if that raised a fault. */
bool fpu_prepare(struct m4 *core, uint32_t pc);
/* Saves the FP registers into a frame at `address` (s0 to s15, FPSCR). False on a bus error. */
bool fpu_save(struct m4 *core, uint32_t address);
bool fpu_restore(struct m4 *core, uint32_t address);

/* ---- NVIC (nvic.c) ---- */

static inline bool nvic_bit(const uint32_t *words, unsigned number)
{
	return (words[number / 32] >> (number % 32) & 1) != 0;
}

static inline void nvic_set_bit(uint32_t *words, unsigned number, bool on)
{
	uint32_t bit = UINT32_C(1) << (number % 32);
	words[number / 32] = on ? words[number / 32] | bit : words[number / 32] & ~bit;
}

/* Priority of an exception, the group part; negative for reset, NMI and HardFault. */
int nvic_group_priority(const struct m4 *core, unsigned number);
/* Priority of what executes now: 256 for Thread mode with no mask set. */
int nvic_execution_priority(struct m4 *core);
/* ... without PRIMASK. */
int nvic_active_priority(struct m4 *core);
/* The pending and enabled exception of highest priority, 0 if none. */
unsigned nvic_highest_pending(const struct m4 *core);
void nvic_pend(struct m4 *core, unsigned number);
void nvic_unpend(struct m4 *core, unsigned number);
/* A request line goes up or down. */
void nvic_set_line(struct m4 *core, unsigned irq, bool up);
/* The exception is over: a line that is still up makes it pend again. */
void nvic_deactivate(struct m4 *core, unsigned number);

/* ---- hardware breakpoints and watchpoints (breakpoints.c) ---- */

/* Hands the comparators in force to the engine. */
void breakpoints_update(struct m4 *core);
bool breakpoints_match(const struct m4 *core, uint32_t address);
/* The core is at a breakpoint; false when that means nothing to it. */
bool breakpoints_hit(struct m4 *core, uint32_t pc);

#endif
