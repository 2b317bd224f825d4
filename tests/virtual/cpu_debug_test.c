/* Halting debug: DHCSR, core registers, stepping, sleeping, vector catch. ARMv7-M ARM C1.5, C1.6.
 */
#include "chip_rig.h"

#define PENDSVSET (UINT32_C(1) << 28)

/* ---- DHCSR ---- */

static void needs_its_key(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DHCSR, 0x12340000);
	rig_write(rig, DHCSR, 1);
	assert_int_equal(rig_read(rig, DHCSR) & 0xff, 3);
	rig_write_width(rig, DHCSR, 2, 0); /* not a word */
	assert_int_equal(rig_read(rig, DHCSR) & 0xff, 3);
}

static void shows_a_halted_core(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_read(rig, DHCSR), 0x00030003);
	assert_int_equal(rig_read(rig, DFSR), 0);
}

static void c_halt_reads_1_after_any_halt(void **state)
{
	struct rig *rig = *state;
	RIG_EXECUTE(rig, 0xbe00); /* bkpt 0 */
	assert_int_equal(rig_read(rig, DHCSR) & 3, 3);
	assert_int_equal(rig_read(rig, DFSR), 2); /* BKPT */
	rig_write(rig, DFSR, 2);
	assert_int_equal(rig_read(rig, DFSR), 0);
}

static void switching_debug_off_lets_it_run(void **state)
{
	struct rig *rig = *state;
	/* b . */
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_go(rig, CODE);
	rig_halt(rig);
	rig_write(rig, DHCSR, KEY);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, DHCSR) & 0x0002ffff, 0);
	rig_write(rig, DHCSR, KEY | 2); /* C_HALT without C_DEBUGEN */
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, DHCSR) & 0x0002ffff, 0);
}

static void c_maskints_changes_only_while_halted(void **state)
{
	struct rig *rig = *state;
	/* b . */
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_write(rig, DHCSR, KEY | 0xb);
	assert_int_equal(rig_read(rig, DHCSR) & 8, 8);
	rig_write(rig, DHCSR, KEY | 1); /* the write that clears C_HALT does not clear it */
	rig_set_reg(rig, PC, CODE);
	assert_int_equal(rig_read(rig, DHCSR) & 8, 8);
	rig_write(rig, DHCSR, KEY | 3);
	rig_write(rig, DHCSR, KEY | 3);
	assert_int_equal(rig_read(rig, DHCSR) & 8, 0);
	rig_write(rig, DHCSR, KEY | 9); /* nor does it set it */
	assert_int_equal(rig_read(rig, DHCSR) & 8, 0);
}

static void firmware_cannot_halt_itself(void **state)
{
	struct rig *rig = *state;
	/* ldr r1, =DHCSR; ldr r2, =0xa05f0003; str r2, [r1]; movs r0, #7; bkpt 0 */
	RIG_EXECUTE(rig, 0x4902, 0x4a03, 0x600a, 0x2007, 0xbe00, 0xbf00, 0xedf0, 0xe000, 0x0003,
		0xa05f);
	assert_int_equal(rig_reg(rig, 0), 7);
}

static void s_retire_st_is_sticky(void **state)
{
	struct rig *rig = *state;
	/* b . */
	RIG_CODE(rig, CODE, 0xe7fe);
	(void)rig_read(rig, DHCSR);
	rig_go(rig, CODE);
	assert_int_equal(rig_read(rig, DHCSR) & S_RETIRE_ST, 0);
	rig_run(rig, US);
	rig_write(rig, DHCSR, KEY | 3);
	assert_int_equal(rig_read(rig, DHCSR) & S_RETIRE_ST, S_RETIRE_ST);
	assert_int_equal(rig_read(rig, DHCSR) & S_RETIRE_ST, 0);
}

/* ---- core registers ---- */

static void moves_core_registers(void **state)
{
	struct rig *rig = *state;
	for (unsigned i = 0; i <= 14; i++)
		if (i != SP)
			rig_set_reg(rig, i, 0x11110000 + i);
	rig_set_reg(rig, PC, 0x20000403);
	rig_set_reg(rig, MSP, 0x20001000);
	rig_set_reg(rig, PSP, 0x20002000);
	rig_set_reg(rig, XPSR, 0xf1000000);
	for (unsigned i = 0; i <= 14; i++)
		if (i != SP)
			assert_int_equal(rig_reg(rig, i), 0x11110000 + i);
	assert_int_equal(rig_reg(rig, PC), 0x20000402);
	assert_int_equal(rig_reg(rig, SP), 0x20001000);
	assert_int_equal(rig_reg(rig, MSP), 0x20001000);
	assert_int_equal(rig_reg(rig, PSP), 0x20002000);
	assert_int_equal(rig_reg(rig, XPSR), 0xf1000000);
	assert_int_equal(rig_reg(rig, 19), 0); /* reserved */
}

static void packs_control_and_masks_in_one(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, PSP, 0x20002000);
	rig_set_reg(rig, MSP, 0x20001000);
	rig_set_reg(rig, MASKS, 0x03014001);
	assert_int_equal(rig_reg(rig, MASKS), 0x03014001);
	assert_int_equal(rig_reg(rig, SP), 0x20002000); /* SPSEL */
	assert_int_equal(rig_reg(rig, MSP), 0x20001000);
	rig_set_reg(rig, MASKS, 0);
	assert_int_equal(rig_reg(rig, MASKS), 0);
	assert_int_equal(rig_reg(rig, SP), 0x20001000);
}

static void reaches_fp_registers_without_cpacr(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_read(rig, CPACR), 0);
	for (unsigned i = 0; i < 32; i++)
		rig_set_reg(rig, S0 + i, 0x3f800000 + i);
	rig_set_reg(rig, FPSCR, 0x03000000);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(rig_reg(rig, S0 + i), 0x3f800000 + i);
	assert_int_equal(rig_reg(rig, FPSCR), 0x03000000);
}

static void moves_nothing_while_running(void **state)
{
	struct rig *rig = *state;
	/* b . */
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_set_reg(rig, 3, 0x1234);
	rig_go(rig, CODE);
	rig_run(rig, US);
	rig_write(rig, DCRDR, 0x5678);
	rig_write(rig, DCRSR, 0x10003);
	assert_int_equal(rig_read(rig, DHCSR) & 0x10000, 0x10000); /* S_REGRDY */
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, 3), 0x1234);
}

/* ---- stepping ---- */

static void steps_one_instruction(void **state)
{
	struct rig *rig = *state;
	/* movs r0, #1; ldr.w r1, [pc, #4]; b . */
	RIG_CODE(rig, CODE, 0x2001, 0xf8df, 0x1004, 0xe7fe, 0x5678, 0x1234);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, PC, CODE);
	uint64_t before = chip_books(rig->chip)->instructions;
	assert_int_equal(rig_step(rig, true), CODE + 2);
	assert_int_equal(rig_reg(rig, 0), 1);
	assert_int_equal(rig_read(rig, DFSR), 1); /* HALTED */
	assert_int_equal(rig_step(rig, true), CODE + 6);
	assert_int_equal(rig_step(rig, true), CODE + 6); /* a branch to itself */
	assert_int_equal(chip_books(rig->chip)->instructions, before + 3);
}

static void steps_through_an_it_block(void **state)
{
	struct rig *rig = *state;
	/* cmp r0, #5; itte eq; moveq r1, #1; moveq r2, #2; movne r3, #3; movs r4, #4 */
	RIG_CODE(rig, CODE, 0x2805, 0xbf06, 0x2101, 0x2202, 0x2303, 0x2404);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, PC, CODE);
	rig_set_reg(rig, 0, 5);
	rig_set_reg(rig, 1, 0);
	rig_set_reg(rig, 3, 0);
	assert_int_equal(rig_step(rig, true), CODE + 2);
	assert_int_equal(rig_step(rig, true), CODE + 4);
	assert_int_equal(rig_reg(rig, XPSR) & 0x0600fc00, 0x04000400); /* ITSTATE 0x06 */
	assert_int_equal(rig_step(rig, true), CODE + 6);
	assert_int_equal(rig_reg(rig, 1), 1);
	assert_int_equal(rig_reg(rig, 2) == 2, 0);
	assert_int_equal(rig_step(rig, true), CODE + 8);
	assert_int_equal(rig_reg(rig, 2), 2);
	assert_int_equal(rig_step(rig, true), CODE + 10);
	assert_int_equal(rig_reg(rig, 3), 0); /* its condition does not hold */
	assert_int_equal(rig_reg(rig, XPSR) & 0x0600fc00, 0);
	assert_int_equal(rig_step(rig, true), CODE + 12);
	assert_int_equal(rig_reg(rig, 4), 4);
}

static void steps_into_svc(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	/* svc 0 */
	RIG_CODE(rig, CODE, 0xdf00);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, SP, STACK);
	rig_set_reg(rig, PC, CODE);
	assert_int_equal(rig_step(rig, true), HANDLER + 16 * 11);
	assert_int_equal(rig_reg(rig, XPSR) & 0x1ff, 11);
	assert_int_equal(rig_read(rig, STACK - 0x20 + 24), CODE + 2); /* the return address */
}

static void steps_over_wfi_and_wfe(void **state)
{
	struct rig *rig = *state;
	/* wfi; wfe; b . */
	RIG_CODE(rig, CODE, 0xbf30, 0xbf20, 0xe7fe);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, PC, CODE);
	assert_int_equal(rig_step(rig, true), CODE + 2);
	assert_int_equal(rig_step(rig, true), CODE + 4);
	assert_int_equal(rig_read(rig, DHCSR) & S_SLEEP, 0);
}

static void a_step_takes_a_pending_interrupt(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	/* movs r0, #1; movs r0, #2 */
	RIG_CODE(rig, CODE, 0x2001, 0x2002);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, SP, STACK);
	rig_set_reg(rig, PC, CODE);
	rig_write(rig, ICSR, PENDSVSET);
	assert_int_equal(rig_step(rig, true), CODE + 2); /* masked: it waits */
	assert_int_equal(rig_step(rig, false), HANDLER + 16 * 14);
	assert_int_equal(rig_reg(rig, 0), 1); /* nothing of the program was executed */
	assert_int_equal(rig_read(rig, STACK - 0x20 + 24), CODE + 2);
}

static void masking_does_not_hold_faults_back(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	/* udf 0 */
	RIG_CODE(rig, CODE, 0xde00);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, SP, STACK);
	rig_set_reg(rig, PC, CODE);
	assert_int_equal(rig_step(rig, true), HANDLER + 16 * 3);
}

/* ---- sleep ---- */

static void sleeps_and_is_woken_by_the_debugger(void **state)
{
	struct rig *rig = *state;
	/* wfi; bkpt 0 */
	RIG_CODE(rig, CODE, 0xbf30, 0xbe00);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & (S_SLEEP | S_HALT), S_SLEEP);
	uint64_t instructions = chip_books(rig->chip)->instructions;
	rig_run(rig, 1000 * MS);
	assert_int_equal(chip_books(rig->chip)->instructions, instructions);
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
	assert_int_equal(rig_read(rig, DHCSR) & S_SLEEP, 0);
}

static void an_event_passes_wfe(void **state)
{
	struct rig *rig = *state;
	/* sev; wfe; bkpt 0 */
	RIG_CODE(rig, CODE, 0xbf40, 0xbf20, 0xbe00);
	rig_go(rig, CODE);
	assert_int_equal(rig_wait_halt(rig, 1), CODE + 4);
}

/* ---- BKPT and vector catch ---- */

static void semihosting_breakpoints_halt(void **state)
{
	struct rig *rig = *state;
	RIG_EXECUTE(rig, 0xbeab); /* bkpt 0xab */
	assert_int_equal(rig_reg(rig, PC), CODE);
	rig_resume(rig); /* it is still there: whoever wants to go on must move the PC */
	assert_int_equal(rig_wait_halt(rig, 1), CODE);
	rig_set_reg(rig, PC, CODE + 2);
	rig_write_width(rig, CODE + 2, 2, 0xe7fe);
	rig_resume(rig);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
}

static void a_breakpoint_without_debugger_is_a_hard_fault(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	rig_write_width(rig, HANDLER + 16 * 3, 2, 0xe7fe); /* HardFault: b . */
	/* bkpt 0 */
	RIG_CODE(rig, CODE, 0xbe00);
	rig_go(rig, CODE);
	rig_write(rig, DHCSR, KEY);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, HFSR), 0x80000000); /* DEBUGEVT */
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, PC), HANDLER + 16 * 3);
}

static void the_debug_monitor_takes_breakpoints(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	rig_write_width(rig, HANDLER + 16 * 12, 2, 0xe7fe); /* DebugMonitor: b . */
	rig_write(rig, DEMCR, 1 << 16);                     /* MON_EN */
	/* bkpt 0 */
	RIG_CODE(rig, CODE, 0xbe00);
	rig_go(rig, CODE);
	rig_write(rig, DHCSR, KEY);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DFSR), 2);
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, PC), HANDLER + 16 * 12);
	assert_int_equal(rig_read(rig, STACK - 0x20 + 24), CODE);
}

static void vector_catch_halts_before_the_handler(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	rig_write(rig, DEMCR, 1 << 10); /* VC_HARDERR */
	/* udf 0 */
	RIG_EXECUTE(rig, 0xde00);
	assert_int_equal(rig_reg(rig, PC), HANDLER + 16 * 3);
	assert_int_equal(rig_read(rig, DFSR), 8); /* VCATCH, and no BKPT of the handler */
	assert_int_equal(rig_read(rig, HFSR), 0x40000000);
	assert_int_equal(rig_read(rig, CFSR), 0x00010000);
}

/* Each bit of DEMCR catches its own kind of fault, enabled as an exception of its own. */
static void vector_catch_tells_faults_apart(void **state)
{
	struct rig *rig = *state;
	static const struct {
		uint32_t catch, cfsr;
		uint16_t code[4];
	} kinds[] = {
		/* MMERR: mov.w r0, #0x40000000; adds r0, #1; bx r0 */
		{1 << 4, 0x00000001, {0xf04f, 0x4080, 0x3001, 0x4700}},
		/* NOCPERR: vadd.f32 s0, s0, s0 */
		{1 << 5, 0x00080000, {0xee30, 0x0a00}},
		/* CHKERR: movs r0, #1; ldrex r1, [r0] */
		{1 << 6, 0x01000000, {0x2001, 0xe850, 0x1f00}},
		/* STATERR: udf 0 */
		{1 << 7, 0x00010000, {0xde00}},
		/* BUSERR: mov.w r0, #0x60000000; ldr r1, [r0] */
		{1 << 8, 0x00008200, {0xf04f, 0x40c0, 0x6801}},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		rig_vectors(rig);
		rig_write(rig, SHCSR, 0x00070000);
		rig_write(rig, CFSR, 0xffffffff);
		rig_write(rig, DFSR, 0x1f);
		rig_write(rig, DEMCR, kinds[i].catch);
		rig_code(rig, CODE, kinds[i].code, 4);
		rig_go(rig, CODE);
		(void)rig_wait_halt(rig, 1);
		assert_int_equal(rig_read(rig, CFSR), kinds[i].cfsr);
		assert_int_equal(rig_read(rig, DFSR), 8);
		rig_write(rig, AIRCR, 0x05fa0002); /* VECTCLRACTIVE */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(needs_its_key),
		RIG_TEST(shows_a_halted_core),
		RIG_TEST(c_halt_reads_1_after_any_halt),
		RIG_TEST(switching_debug_off_lets_it_run),
		RIG_TEST(c_maskints_changes_only_while_halted),
		RIG_TEST(firmware_cannot_halt_itself),
		RIG_TEST(s_retire_st_is_sticky),
		RIG_TEST(moves_core_registers),
		RIG_TEST(packs_control_and_masks_in_one),
		RIG_TEST(reaches_fp_registers_without_cpacr),
		RIG_TEST(moves_nothing_while_running),
		RIG_TEST(steps_one_instruction),
		RIG_TEST(steps_through_an_it_block),
		RIG_TEST(steps_into_svc),
		RIG_TEST(steps_over_wfi_and_wfe),
		RIG_TEST(a_step_takes_a_pending_interrupt),
		RIG_TEST(masking_does_not_hold_faults_back),
		RIG_TEST(sleeps_and_is_woken_by_the_debugger),
		RIG_TEST(an_event_passes_wfe),
		RIG_TEST(semihosting_breakpoints_halt),
		RIG_TEST(a_breakpoint_without_debugger_is_a_hard_fault),
		RIG_TEST(the_debug_monitor_takes_breakpoints),
		RIG_TEST(vector_catch_halts_before_the_handler),
		RIG_TEST(vector_catch_tells_faults_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
