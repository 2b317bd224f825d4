/*
 * Faults: which one, its status bits, what it leaves of the instruction, escalation, lock-up.
 * ARMv7-M ARM B1.5.14, B3.2.15.
 */
#include "chip_rig.h"

enum { HARD_FAULT = 3, MEM_MANAGE = 4, BUS_FAULT = 5, USAGE_FAULT = 6 };

#define ENABLE_ALL UINT32_C(0x00070000) /* SHCSR: MEMFAULTENA, BUSFAULTENA, USGFAULTENA */

#define IACCVIOL   UINT32_C(0x00000001)
#define IBUSERR    UINT32_C(0x00000100)
#define PRECISE    UINT32_C(0x00008200) /* PRECISERR, BFARVALID */
#define STKERR     UINT32_C(0x00001000)
#define UNDEFINSTR UINT32_C(0x00010000)
#define INVSTATE   UINT32_C(0x00020000)
#define INVPC      UINT32_C(0x00040000)
#define NOCP       UINT32_C(0x00080000)
#define UNALIGNED  UINT32_C(0x01000000)
#define DIVBYZERO  UINT32_C(0x02000000)
#define FORCED     UINT32_C(0x40000000)

#define NOWHERE UINT32_C(0x60000000)

static int setup(void **state)
{
	rig_setup(state);
	rig_vectors(*state);
	rig_write(*state, SHCSR, ENABLE_ALL);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, rig_teardown)

/* The core has stopped in the handler of `exception`, come from the instruction at `pc`. */
static void expect(struct rig *rig, unsigned exception, uint32_t cfsr, uint32_t pc)
{
	assert_int_equal(rig_read(rig, CFSR), cfsr);
	assert_int_equal(rig_reg(rig, PC), HANDLER + 16 * exception);
	assert_int_equal(rig_reg(rig, XPSR) & 0x1ff, exception);
	assert_int_equal(rig_read(rig, rig_reg(rig, SP) + 24), pc);
}

/* ---- bus faults ---- */

static void a_load_from_nowhere(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, NOWHERE);
	rig_set_reg(rig, 1, 0x55);
	/* nop; ldr r1, [r0], #4; bkpt 1 */
	RIG_EXECUTE(rig, 0xbf00, 0xf850, 0x1b04, 0xbe01);
	expect(rig, BUS_FAULT, PRECISE, CODE + 2);
	assert_int_equal(rig_read(rig, BFAR), NOWHERE);
	assert_int_equal(rig_reg(rig, 0), NOWHERE); /* neither written back nor loaded */
	assert_int_equal(rig_reg(rig, 1), 0x55);
}

static void a_store_to_nowhere(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, NOWHERE + 8);
	/* nop; str r1, [r0], #4; bkpt 1 */
	RIG_EXECUTE(rig, 0xbf00, 0xf840, 0x1b04, 0xbe01);
	expect(rig, BUS_FAULT, PRECISE, CODE + 2);
	assert_int_equal(rig_read(rig, BFAR), NOWHERE + 8);
	assert_int_equal(rig_reg(rig, 0), NOWHERE + 8);
}

static void a_load_in_an_it_block(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, NOWHERE);
	rig_set_reg(rig, 1, 0x55);
	rig_set_reg(rig, 2, 0);
	rig_set_reg(rig, 3, 0);
	/* cmp r0, r0; ittt eq; moveq r2, #2; ldreq r1, [r0]; moveq r3, #3; bkpt 1 */
	RIG_EXECUTE(rig, 0x4280, 0xbf02, 0x2202, 0x6801, 0x2303, 0xbe01);
	expect(rig, BUS_FAULT, PRECISE, CODE + 6);
	/* the frame knows that two instructions of the block are left: ITSTATE 0x04 */
	assert_int_equal(rig_read(rig, rig_reg(rig, SP) + 28) & 0x0600fc00, 0x00000400);
	assert_int_equal(rig_reg(rig, 2), 2);
	/* The handler mends the pointer (in r0 of the frame), and the block goes on. */
	rig_write(rig, DATA, 0x1234);
	rig_write(rig, rig_reg(rig, SP), DATA);
	RIG_CODE(rig, HANDLER + 16 * BUS_FAULT, 0x4770);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), CODE + 10);
	assert_int_equal(rig_reg(rig, 1), 0x1234);
	assert_int_equal(rig_reg(rig, 3), 3);
}

static void a_register_that_refuses(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, 0xe0042000); /* DBGMCU takes words only */
	rig_set_reg(rig, 1, 0x55);
	/* ldrb r1, [r0] */
	RIG_EXECUTE(rig, 0x7801);
	expect(rig, BUS_FAULT, PRECISE, CODE);
	assert_int_equal(rig_read(rig, BFAR), 0xe0042000);
	assert_int_equal(rig_reg(rig, 1), 0x55);
}

static void an_unprivileged_look_at_the_private_bus(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, 1);
	rig_set_reg(rig, 1, 0xe000ed00);
	/* msr control, r0; isb; ldr r2, [r1] */
	RIG_EXECUTE(rig, 0xf380, 0x8814, 0xf3bf, 0x8f6f, 0x680a);
	expect(rig, BUS_FAULT, PRECISE, CODE + 8);
}

static void code_that_is_not_there(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, 0x08300001);
	/* bx r0 */
	RIG_EXECUTE(rig, 0x4700);
	expect(rig, BUS_FAULT, IBUSERR, 0x08300000);
}

static void a_stack_that_is_not_there(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, NOWHERE + 0x100);
	/* mov sp, r0; svc 0 */
	RIG_CODE(rig, CODE, 0x4685, 0xdf00);
	rig_write(rig, DEMCR, 1 << 10 | 1 << 9 | 1 << 8); /* or it locks up in the handler */
	rig_go(rig, CODE);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, CFSR) & STKERR, STKERR);
}

/* ---- memory management faults ---- */

static void code_where_none_may_be(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, 0x40020001);
	/* bx r0 */
	RIG_EXECUTE(rig, 0x4700);
	expect(rig, MEM_MANAGE, IACCVIOL, 0x40020000);
}

/* ---- usage faults ---- */

static void an_undefined_instruction(void **state)
{
	struct rig *rig = *state;
	/* nop; udf 0 */
	RIG_EXECUTE(rig, 0xbf00, 0xde00);
	expect(rig, USAGE_FAULT, UNDEFINSTR, CODE + 2);
}

static void erased_flash_as_code(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, FLASH + 0x1001);
	/* bx r0 */
	RIG_EXECUTE(rig, 0x4700);
	expect(rig, USAGE_FAULT, UNDEFINSTR, FLASH + 0x1000);
}

static void arm_state(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, CODE + 8);
	/* bx r0, an even address */
	RIG_EXECUTE(rig, 0x4700);
	expect(rig, USAGE_FAULT, INVSTATE, CODE + 8);
}

static void a_coprocessor_that_is_off(void **state)
{
	struct rig *rig = *state;
	/* nop; vmov.f32 s0, #1.0 */
	RIG_EXECUTE(rig, 0xbf00, 0xeeb7, 0x0a00);
	expect(rig, USAGE_FAULT, NOCP, CODE + 2);
}

static void a_coprocessor_that_is_not_there(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, CPACR, 0x00f00000);
	/* mrc p15, 0, r0, c0, c0, 0 */
	RIG_EXECUTE(rig, 0xee10, 0x0f10);
	expect(rig, USAGE_FAULT, NOCP, CODE);
}

static void a_division_by_zero(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, 10);
	rig_set_reg(rig, 1, 0);
	rig_set_reg(rig, 2, 0x55);
	/* udiv r2, r0, r1; bkpt 1 */
	RIG_EXECUTE(rig, 0xfbb0, 0xf2f1, 0xbe01);
	assert_int_equal(rig_reg(rig, PC), CODE + 4); /* not a fault unless asked for */
	assert_int_equal(rig_reg(rig, 2), 0);
	rig_write(rig, CCR, 0x210); /* DIV_0_TRP */
	rig_go(rig, CODE);
	(void)rig_wait_halt(rig, 1);
	expect(rig, USAGE_FAULT, DIVBYZERO, CODE);
}

static void a_division_that_is_none_by_zero(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, CCR, 0x210);
	rig_set_reg(rig, 0, 42);
	rig_set_reg(rig, 1, 6);
	/* sdiv r2, r0, r1; bkpt 1 */
	RIG_EXECUTE(rig, 0xfb90, 0xf2f1, 0xbe01);
	assert_int_equal(rig_reg(rig, PC), CODE + 4);
	assert_int_equal(rig_reg(rig, 2), 7);
}

static void unaligned_words_are_fine(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0x44332211);
	rig_write(rig, DATA + 4, 0x88776655);
	rig_set_reg(rig, 0, DATA + 1);
	/* ldr r1, [r0]; ldrh r2, [r0]; bkpt 1 */
	RIG_EXECUTE(rig, 0x6801, 0x8802, 0xbe01);
	assert_int_equal(rig_reg(rig, 1), 0x55443322);
	assert_int_equal(rig_reg(rig, 2), 0x3322);
}

static void unless_they_are_trapped(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, CCR, 0x208); /* UNALIGN_TRP */
	rig_write(rig, DATA, 0x44332211);
	rig_write(rig, DATA + 4, 0x88776655);
	rig_set_reg(rig, 0, DATA);
	rig_set_reg(rig, 1, 0x55);
	/* ldr r2, [r0]; adds r0, #1; nop; ldr r1, [r0], #4 */
	RIG_EXECUTE(rig, 0x6802, 0x3001, 0xbf00, 0xf850, 0x1b04);
	expect(rig, USAGE_FAULT, UNALIGNED, CODE + 6);
	assert_int_equal(rig_reg(rig, 1), 0x55);
	assert_int_equal(rig_reg(rig, 0), DATA + 1);
	rig_write(rig, CFSR, 0xffffffff);
	rig_write(rig, AIRCR, 0x05fa0002);
	/* nop; strh r1, [r0] */
	RIG_EXECUTE(rig, 0xbf00, 0x8001);
	expect(rig, USAGE_FAULT, UNALIGNED, CODE + 2);
	assert_int_equal(rig_read(rig, DATA), 0x44332211); /* nothing was stored */
	rig_write(rig, CFSR, 0xffffffff);
	rig_write(rig, AIRCR, 0x05fa0002);
	rig_write(rig, CCR, 0x200);
	/* strh r1, [r0]; bkpt 1 */
	RIG_EXECUTE(rig, 0x8001, 0xbe01);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
	assert_int_equal(rig_read(rig, DATA), 0x44005511);
}

static void unaligned_multiples_are_not(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, DATA + 2);
	/* ldm r0!, {r1, r2} */
	RIG_EXECUTE(rig, 0xc806);
	expect(rig, USAGE_FAULT, UNALIGNED, CODE);
	rig_write(rig, CFSR, 0xffffffff);
	/* ldrd r1, r2, [r0] */
	rig_write(rig, AIRCR, 0x05fa0002);
	RIG_EXECUTE(rig, 0xe9d0, 0x1200);
	expect(rig, USAGE_FAULT, UNALIGNED, CODE);
}

static void a_return_that_is_none(void **state)
{
	struct rig *rig = *state;
	/* SVCall: mvn lr, #14 (0xfffffff1: to a handler below, but there is none); bx lr */
	RIG_CODE(rig, HANDLER + 16 * 11, 0xf06f, 0x0e0e, 0x4770);
	/* svc 0 */
	RIG_EXECUTE(rig, 0xdf00);
	assert_int_equal(rig_read(rig, CFSR), INVPC);
	assert_int_equal(rig_reg(rig, PC), HANDLER + 16 * USAGE_FAULT);
	assert_int_equal(rig_reg(rig, SP), STACK - 0x20); /* the frame is the one of SVC */
	assert_int_equal(rig_reg(rig, LR), 0xfffffff1);
}

/* ---- escalation and lock-up ---- */

static void a_fault_that_is_not_enabled(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, SHCSR, 0);
	/* udf 0 */
	RIG_EXECUTE(rig, 0xde00);
	expect(rig, HARD_FAULT, UNDEFINSTR, CODE);
	assert_int_equal(rig_read(rig, HFSR), FORCED);
	rig_write(rig, HFSR, FORCED);
	assert_int_equal(rig_read(rig, HFSR), 0);
}

static void a_fault_in_its_own_handler(void **state)
{
	struct rig *rig = *state;
	rig_write_width(rig, HANDLER + 16 * USAGE_FAULT, 2, 0xde00);
	/* udf 0 */
	RIG_EXECUTE(rig, 0xde00);
	expect(rig, HARD_FAULT, UNDEFINSTR, HANDLER + 16 * USAGE_FAULT);
	assert_int_equal(rig_read(rig, HFSR), FORCED);
}

static void svc_where_it_cannot_be(void **state)
{
	struct rig *rig = *state;
	/* cpsid i; svc 0 */
	RIG_EXECUTE(rig, 0xb672, 0xdf00);
	expect(rig, HARD_FAULT, 0, CODE + 4);
	assert_int_equal(rig_read(rig, HFSR), FORCED);
}

static void a_fault_in_hard_fault_locks_up(void **state)
{
	struct rig *rig = *state;
	rig_write_width(rig, HANDLER + 16 * HARD_FAULT, 2, 0xde00);
	rig_write(rig, SHCSR, 0);
	/* udf 0 */
	RIG_CODE(rig, CODE, 0xde00);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & (S_LOCKUP | S_HALT), S_LOCKUP);
	uint64_t instructions = chip_books(rig->chip)->instructions;
	rig_run(rig, MS);
	assert_int_equal(chip_books(rig->chip)->instructions, instructions);
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, PC), 0xfffffffe);
	/* It is not a reset. */
	assert_int_equal(rig_read(rig, DHCSR) & S_RESET_ST, 0);
}

static void hard_fault_may_try_addresses(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, CCR, 0x300); /* BFHFNMIGN */
	rig_write(rig, SHCSR, 0);
	rig_set_reg(rig, 0, NOWHERE);
	rig_set_reg(rig, 5, 0);
	/* HardFault: ldr r1, [r0]; str r1, [r0]; movs r5, #7; bkpt 1 */
	RIG_CODE(rig, HANDLER + 16 * HARD_FAULT, 0x6801, 0x6001, 0x2507, 0xbe01);
	/* udf 0 */
	RIG_EXECUTE(rig, 0xde00);
	assert_int_equal(rig_reg(rig, PC), HANDLER + 16 * HARD_FAULT + 6);
	assert_int_equal(rig_reg(rig, 5), 7);
}

static void a_vector_that_cannot_be_read(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, VTOR, 0x20010000 - 0x80); /* the end of RAM: SVCall's vector still is RAM, */
	/* the vector of interrupt 20 is not */
	rig_write(rig, 0xe000e100, 1 << 20);
	rig_write(rig, 0xe000e200, 1 << 20);
	rig_write(rig, 0x20010000 - 0x80 + 4 * HARD_FAULT, HANDLER + 16 * HARD_FAULT + 1);
	/* b . */
	RIG_EXECUTE(rig, 0xe7fe);
	assert_int_equal(rig_reg(rig, PC), HANDLER + 16 * HARD_FAULT);
	assert_int_equal(rig_read(rig, HFSR), 2); /* VECTTBL */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_load_from_nowhere),
		TEST(a_store_to_nowhere),
		TEST(a_load_in_an_it_block),
		TEST(a_register_that_refuses),
		TEST(an_unprivileged_look_at_the_private_bus),
		TEST(code_that_is_not_there),
		TEST(a_stack_that_is_not_there),
		TEST(code_where_none_may_be),
		TEST(an_undefined_instruction),
		TEST(erased_flash_as_code),
		TEST(arm_state),
		TEST(a_coprocessor_that_is_off),
		TEST(a_coprocessor_that_is_not_there),
		TEST(a_division_by_zero),
		TEST(a_division_that_is_none_by_zero),
		TEST(unaligned_words_are_fine),
		TEST(unless_they_are_trapped),
		TEST(unaligned_multiples_are_not),
		TEST(a_return_that_is_none),
		TEST(a_fault_that_is_not_enabled),
		TEST(a_fault_in_its_own_handler),
		TEST(svc_where_it_cannot_be),
		TEST(a_fault_in_hard_fault_locks_up),
		TEST(hard_fault_may_try_addresses),
		TEST(a_vector_that_cannot_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
