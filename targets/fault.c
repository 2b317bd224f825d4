/* Fault decoding: see fault.h. */
#include "fault.h"

#include "cortexm_registers.h"
#include "probe/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EXC_RETURN_MASK    0xFFFFFF00u
#define EXC_RETURN         0xFFFFFF00u
#define EXC_RETURN_PROCESS (1u << 2) /* stacked on the process stack */
#define EXC_RETURN_BASIC   (1u << 4) /* without FPU registers */
#define FRAME_WORDS        8u        /* r0-r3, r12, lr, pc, xPSR */
#define FRAME_FPU_BYTES    72u
#define STACKED_RESERVED   0x00F00000u /* of xPSR */
#define STACKED_PADDING    (1u << 9)   /* of xPSR: a word was left out to align the frame */

struct cause {
	uint32_t bit; /* of CFSR */
	enum target_fault_kind kind;
	const char *text;
};

/* In the order in which they explain each other: a failed stacking is told before what it led to.
 */
static const struct cause causes[] = {
	{CFSR_MSTKERR, TARGET_FAULT_MEMORY, "MemManage: stacking for an exception"},
	{CFSR_STKERR, TARGET_FAULT_BUS, "BusFault: stacking for an exception"},
	{CFSR_MUNSTKERR, TARGET_FAULT_MEMORY, "MemManage: unstacking at an exception's return"},
	{CFSR_UNSTKERR, TARGET_FAULT_BUS, "BusFault: unstacking at an exception's return"},
	{CFSR_MLSPERR, TARGET_FAULT_MEMORY, "MemManage: lazy stacking of FPU registers"},
	{CFSR_LSPERR, TARGET_FAULT_BUS, "BusFault: lazy stacking of FPU registers"},
	{CFSR_IACCVIOL, TARGET_FAULT_MEMORY, "MemManage: code may not be executed there"},
	{CFSR_DACCVIOL, TARGET_FAULT_MEMORY, "MemManage: the MPU forbids the data access"},
	{CFSR_IBUSERR, TARGET_FAULT_BUS, "BusFault: no instruction could be fetched"},
	{CFSR_PRECISERR, TARGET_FAULT_BUS, "BusFault: data access"},
	{CFSR_IMPRECISERR, TARGET_FAULT_BUS, "BusFault: a write that was buffered, shortly before"},
	{CFSR_UNDEFINSTR, TARGET_FAULT_INSTRUCTION, "UsageFault: undefined instruction"},
	{CFSR_INVSTATE, TARGET_FAULT_INSTRUCTION,
		"UsageFault: not in Thumb state (bit 0 of a code pointer is 0?)"},
	{CFSR_INVPC, TARGET_FAULT_INSTRUCTION, "UsageFault: invalid EXC_RETURN"},
	{CFSR_NOCP, TARGET_FAULT_INSTRUCTION, "UsageFault: the FPU is not enabled (CPACR)"},
	{CFSR_UNALIGNED, TARGET_FAULT_BUS, "UsageFault: unaligned access"},
	{CFSR_DIVBYZERO, TARGET_FAULT_ARITHMETIC, "UsageFault: division by zero"},
};

static void line(struct target_fault *fault, unsigned index, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void line(struct target_fault *fault, unsigned index, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(fault->lines[index], sizeof(fault->lines[index]), format, arguments);
	va_end(arguments);
}

/* ---- what ---- */

static const char *what(struct target_fault *fault)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (!(fault->cfsr & causes[i].bit))
			continue;
		fault->kind = causes[i].kind;
		return causes[i].text;
	}
	fault->kind =
		fault->hfsr & (HFSR_VECTTBL | HFSR_FORCED) ? TARGET_FAULT_BUS : TARGET_FAULT_NONE;
	if (fault->hfsr & HFSR_VECTTBL)
		return "the vector table could not be read";
	return fault->hfsr & HFSR_FORCED ? "cause not recorded" : "no fault is recorded";
}

static void describe(struct target_fault *fault)
{
	const char *text = what(fault);
	const char *escalated = fault->hfsr & HFSR_FORCED ? "HardFault, by " : "";
	if (fault->hfsr & HFSR_VECTTBL)
		escalated = "HardFault: ";
	line(fault, 0, "%s%s (CFSR %08X, HFSR %08X)", escalated, text, fault->cfsr, fault->hfsr);
}

static void find_address(struct target_fault *fault, uint32_t mmfar, uint32_t bfar)
{
	fault->has_address = fault->cfsr & (CFSR_MMARVALID | CFSR_BFARVALID);
	fault->address = fault->cfsr & CFSR_BFARVALID ? bfar : mmfar;
	if (fault->has_address)
		line(fault, 1, "address 0x%08X", fault->address);
	else
		line(fault, 1, "address not recorded");
}

/* ---- where ---- */

/* A handler that has pushed something leaves us looking at that. */
static bool is_plausible(uint32_t pc, uint32_t xpsr)
{
	return !(pc & 1) && !(xpsr & STACKED_RESERVED);
}

/* The registers that the core itself stacked. Only EXC_RETURN in lr tells where: a handler that
 * has called something has put it away. */
static enum err find_frame(struct core *core, struct target_fault *fault)
{
	uint32_t xpsr, lr;
	enum err err = core_read_register(core, TARGET_XPSR, &xpsr);
	if (!err)
		err = core_read_register(core, TARGET_LR, &lr);
	if (err || !(xpsr & XPSR_EXCEPTION) || (lr & EXC_RETURN_MASK) != EXC_RETURN)
		return err;
	fault->on_process_stack = lr & EXC_RETURN_PROCESS;
	err = core_read_register(
		core, fault->on_process_stack ? TARGET_PSP : TARGET_MSP, &fault->sp);
	uint8_t frame[4 * FRAME_WORDS];
	if (err || !core_has_plain_memory(core, fault->sp, sizeof(frame)))
		return err;
	err = core_read_memory(core, fault->sp, frame, sizeof(frame));
	if (err)
		return err;
	fault->lr = get_le32(frame + 20);
	fault->pc = get_le32(frame + 24);
	fault->has_frame = is_plausible(fault->pc, get_le32(frame + 28));
	fault->sp += (uint32_t)sizeof(frame) + (lr & EXC_RETURN_BASIC ? 0 : FRAME_FPU_BYTES);
	if (get_le32(frame + 28) & STACKED_PADDING)
		fault->sp += 4;
	return ERR_OK;
}

/* How deep the main stack was: its top is the vector table's first word. */
static enum err find_depth(struct core *core, uint32_t vtor, struct target_fault *fault)
{
	uint8_t top[4];
	if (!fault->has_frame || fault->on_process_stack ||
		!core_has_plain_memory(core, vtor, sizeof(top)))
		return ERR_OK;
	enum err err = core_read_memory(core, vtor, top, sizeof(top));
	fault->stack_known = !err && get_le32(top) >= fault->sp;
	if (fault->stack_known)
		fault->stack_used = get_le32(top) - fault->sp;
	return err;
}

static void tell_place(struct target_fault *fault)
{
	const char *stack = fault->on_process_stack ? "process" : "main";
	if (!fault->has_frame)
		line(fault, 2, "stacked pc and lr not found%s",
			fault->sp ? ": is the stack full or its pointer wild?" : "");
	else if (fault->stack_known)
		line(fault, 2, "at pc 0x%08X, lr 0x%08X, %s stack 0x%08X, %u bytes used", fault->pc,
			fault->lr, stack, fault->sp, fault->stack_used);
	else
		line(fault, 2, "at pc 0x%08X, lr 0x%08X, %s stack 0x%08X", fault->pc, fault->lr,
			stack, fault->sp);
}

enum err fault_read(struct core *core, struct target_fault *fault)
{
	struct bus bus;
	memset(fault, 0, sizeof(*fault));
	bus_begin(&bus, core->probe, NULL, NULL);
	struct bus_later cfsr = bus_read_later(&bus, SCB_CFSR);
	struct bus_later hfsr = bus_read_later(&bus, SCB_HFSR);
	struct bus_later mmfar = bus_read_later(&bus, SCB_MMFAR);
	struct bus_later bfar = bus_read_later(&bus, SCB_BFAR);
	struct bus_later vtor = bus_read_later(&bus, SCB_VTOR);
	enum err err = bus_end(&bus);
	if (err)
		return err;
	fault->cfsr = bus_value(&bus, cfsr);
	fault->hfsr = bus_value(&bus, hfsr);
	describe(fault);
	find_address(fault, bus_value(&bus, mmfar), bus_value(&bus, bfar));
	if (core->halted && fault->kind != TARGET_FAULT_NONE) {
		err = find_frame(core, fault);
		if (!err)
			err = find_depth(core, bus_value(&bus, vtor), fault);
	}
	tell_place(fault);
	return err;
}
