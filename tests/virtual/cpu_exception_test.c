/*
 * Exceptions: frames, EXC_RETURN, priorities, masks, stacks, FP context. ARMv7-M ARM B1.5.
 *
 * HANDLER + 16 n is where rig_vectors() puts the handler of exception n.
 */
#include "chip_rig.h"

#define SHPR2     UINT32_C(0xe000ed1c)
#define SHPR3     UINT32_C(0xe000ed20)
#define SCR       UINT32_C(0xe000ed10)
#define NVIC_ISER UINT32_C(0xe000e100)
#define NVIC_ISPR UINT32_C(0xe000e200)
#define NVIC_ICPR UINT32_C(0xe000e280)
#define NVIC_IABR UINT32_C(0xe000e300)
#define NVIC_IPR  UINT32_C(0xe000e400)
#define FPCCR     UINT32_C(0xe000ef34)
#define FPCAR     UINT32_C(0xe000ef38)

#define PENDSVSET UINT32_C(0x10000000)

enum { SVCALL = 11, PENDSV = 14, IRQ0 = 16 };

static uint32_t handler(unsigned exception)
{
	return HANDLER + 16 * exception;
}

static int setup(void **state)
{
	rig_setup(state);
	rig_vectors(*state);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, rig_teardown)

/* ---- frames ---- */

static void svc_pushes_a_frame(void **state)
{
	struct rig *rig = *state;
	for (unsigned i = 0; i < 4; i++)
		rig_set_reg(rig, i, 0x100 + i);
	rig_set_reg(rig, 12, 0x112);
	rig_set_reg(rig, LR, 0x114);
	/* svc 5; movs r5, #9; bkpt 1 */
	RIG_EXECUTE(rig, 0xdf05, 0x2509, 0xbe01);
	const uint32_t frame[] = {0x100, 0x101, 0x102, 0x103, 0x112, 0x114, CODE + 2, 0x01000000};
	assert_int_equal(rig_reg(rig, PC), handler(SVCALL));
	assert_int_equal(rig_reg(rig, SP), STACK - 0x20);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(rig_read(rig, STACK - 0x20 + 4 * i), frame[i]);
	assert_int_equal(rig_reg(rig, LR), 0xfffffff9);
	assert_int_equal(rig_reg(rig, XPSR) & 0x1ff, SVCALL);
	assert_int_equal(rig_read(rig, ICSR) & 0x1ff, SVCALL);
	assert_int_equal(rig_read(rig, SHCSR), 1 << 7); /* SVCALLACT */
	/* HANDLER: bx lr */
	RIG_CODE(rig, handler(SVCALL), 0x4770);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), CODE + 4);
	assert_int_equal(rig_reg(rig, SP), STACK);
	assert_int_equal(rig_reg(rig, 5), 9);
	assert_int_equal(rig_reg(rig, LR), 0x114);
	assert_int_equal(rig_reg(rig, XPSR) & 0x1ff, 0);
	assert_int_equal(rig_read(rig, SHCSR), 0);
}

static void a_misaligned_stack_is_aligned(void **state)
{
	struct rig *rig = *state;
	/* sub sp, #4; svc 0; bkpt 1 */
	RIG_EXECUTE(rig, 0xb081, 0xdf00, 0xbe01);
	assert_int_equal(rig_reg(rig, SP), STACK - 0x28);
	assert_int_equal(rig_read(rig, STACK - 0x28 + 28), 0x01000200); /* the bit that says so */
	RIG_CODE(rig, handler(SVCALL), 0x4770);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), CODE + 4);
	assert_int_equal(rig_reg(rig, SP), STACK - 4);
}

static void alignment_can_be_switched_off(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, CCR, 0);
	/* sub sp, #4; svc 0 */
	RIG_EXECUTE(rig, 0xb081, 0xdf00);
	assert_int_equal(rig_reg(rig, SP), STACK - 0x24);
}

static void threads_have_a_stack_of_their_own(void **state)
{
	struct rig *rig = *state;
	/* mrs r4, psp; ldr r5, [r4, #24]; mrs r6, ipsr; bx lr */
	RIG_CODE(rig, handler(SVCALL), 0xf3ef, 0x8409, 0x69a5, 0xf3ef, 0x8605, 0x4770);
	rig_set_reg(rig, 0, 0x20003000);
	rig_set_reg(rig, 1, 2);
	/* msr psp, r0; msr control, r1; isb; svc 0; bkpt 1 */
	RIG_EXECUTE(rig, 0xf380, 0x8809, 0xf381, 0x8814, 0xf3bf, 0x8f6f, 0xdf00, 0xbe01);
	assert_int_equal(rig_reg(rig, 4), 0x20003000 - 0x20);
	assert_int_equal(rig_reg(rig, 5), CODE + 14);
	assert_int_equal(rig_reg(rig, 6), SVCALL);
	assert_int_equal(rig_reg(rig, SP), 0x20003000);
	assert_int_equal(rig_reg(rig, MSP), STACK);
	assert_int_equal(rig_reg(rig, MASKS) >> 24, 2);
}

static void handlers_run_on_the_main_stack(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, 0x20003000);
	rig_set_reg(rig, 1, 3); /* unprivileged, too */
	/* msr psp, r0; msr control, r1; isb; svc 0 */
	RIG_EXECUTE(rig, 0xf380, 0x8809, 0xf381, 0x8814, 0xf3bf, 0x8f6f, 0xdf00);
	assert_int_equal(rig_reg(rig, PC), handler(SVCALL));
	assert_int_equal(rig_reg(rig, SP), STACK);
	assert_int_equal(rig_reg(rig, PSP), 0x20003000 - 0x20);
	assert_int_equal(rig_reg(rig, LR), 0xfffffffd);
	assert_int_equal(rig_reg(rig, MASKS) >> 24, 1); /* nPRIV stays, SPSEL goes */
	RIG_CODE(rig, handler(SVCALL), 0x4770);
	rig_write_width(rig, CODE + 14, 2, 0xbe01);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), CODE + 14);
	assert_int_equal(rig_reg(rig, SP), 0x20003000);
	assert_int_equal(rig_reg(rig, MASKS) >> 24, 3);
}

/* ---- priorities and masks ---- */

/* r4 counts what PendSV did; r0 is ICSR, r1 PENDSVSET. */
static void prepare_pendsv(struct rig *rig)
{
	/* adds r4, #1; bx lr */
	RIG_CODE(rig, handler(PENDSV), 0x3401, 0x4770);
	rig_set_reg(rig, 0, ICSR);
	rig_set_reg(rig, 1, PENDSVSET);
	rig_set_reg(rig, 4, 0);
}

static void a_pended_exception_comes_at_once(void **state)
{
	struct rig *rig = *state;
	prepare_pendsv(rig);
	/* str r1, [r0]; dsb; mov r6, r4; bkpt 1 */
	RIG_EXECUTE(rig, 0x6001, 0xf3bf, 0x8f4f, 0x4626, 0xbe01);
	assert_int_equal(rig_reg(rig, 6), 1);
	assert_int_equal(rig_read(rig, ICSR) & PENDSVSET, 0);
}

static void primask_holds_it_back(void **state)
{
	struct rig *rig = *state;
	prepare_pendsv(rig);
	/* cpsid i; str r1, [r0]; dsb; mov r6, r4; cpsie i; mov r7, r4; bkpt 1 */
	RIG_EXECUTE(rig, 0xb672, 0x6001, 0xf3bf, 0x8f4f, 0x4626, 0xb662, 0x4627, 0xbe01);
	assert_int_equal(rig_reg(rig, 6), 0);
	assert_int_equal(rig_reg(rig, 7), 1); /* right after cpsie */
}

static void basepri_holds_back_by_priority(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, SHPR3, 0x00800000); /* PendSV: 0x80 */
	prepare_pendsv(rig);
	rig_set_reg(rig, 2, 0x80);
	rig_set_reg(rig, 3, 0x90);
	/* msr basepri, r2; str r1, [r0]; dsb; mov r6, r4; msr basepri, r3; mov r7, r4; bkpt 1 */
	RIG_EXECUTE(rig, 0xf382, 0x8811, 0x6001, 0xf3bf, 0x8f4f, 0x4626, 0xf383, 0x8811, 0x4627,
		0xbe01);
	assert_int_equal(rig_reg(rig, 6), 0);
	assert_int_equal(rig_reg(rig, 7), 1);
}

static void faultmask_ends_with_the_handler(void **state)
{
	struct rig *rig = *state;
	/* SVCall: cpsid f; bx lr */
	RIG_CODE(rig, handler(SVCALL), 0xb671, 0x4770);
	/* svc 0; bkpt 1 */
	RIG_EXECUTE(rig, 0xdf00, 0xbe01);
	assert_int_equal(rig_reg(rig, MASKS) & 0x00ff0000, 0);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
}

/* SVCall (priority `low`) pends interrupt 3 (priority 0x40); `grouping` is PRIGROUP. */
static bool interrupt_preempts(struct rig *rig, uint32_t low, uint32_t grouping)
{
	rig_write(rig, SHPR2, low << 24);
	rig_write(rig, NVIC_IPR, 0x40000000);
	rig_write(rig, NVIC_ISER, 1 << 3);
	rig_write(rig, AIRCR, 0x05fa0000 | grouping << 8);
	rig_set_reg(rig, 0, NVIC_ISPR);
	rig_set_reg(rig, 1, 1 << 3);
	rig_set_reg(rig, 4, 0);
	/* SVCall: str r1, [r0]; dsb; mov r6, r4; bx lr */
	RIG_CODE(rig, handler(SVCALL), 0x6001, 0xf3bf, 0x8f4f, 0x4626, 0x4770);
	/* interrupt 3: adds r4, #1; bx lr */
	RIG_CODE(rig, handler(IRQ0 + 3), 0x3401, 0x4770);
	/* svc 0; mov r7, r4; bkpt 1 */
	RIG_EXECUTE(rig, 0xdf00, 0x4627, 0xbe01);
	assert_int_equal(rig_reg(rig, 7), 1); /* sooner or later it comes */
	return rig_reg(rig, 6) == 1;
}

static void higher_priority_preempts(void **state)
{
	struct rig *rig = *state;
	assert_true(interrupt_preempts(rig, 0x80, 0));
	assert_false(interrupt_preempts(rig, 0x40, 0)); /* the same is not higher */
	assert_false(interrupt_preempts(rig, 0x10, 0));
}

static void grouping_makes_subpriorities(void **state)
{
	struct rig *rig = *state;
	assert_true(interrupt_preempts(rig, 0x50, 3));  /* four bits of group */
	assert_false(interrupt_preempts(rig, 0x50, 5)); /* two: 0x40 and 0x50 are one group */
	assert_true(interrupt_preempts(rig, 0x80, 5));
	assert_false(interrupt_preempts(rig, 0x80, 7)); /* none */
}

static void the_lowest_number_wins_among_equals(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, NVIC_ISER, 0x0c);
	rig_write(rig, NVIC_ISPR, 0x0c);
	/* b . */
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_go(rig, CODE);
	assert_int_equal(rig_wait_halt(rig, 1), handler(IRQ0 + 2));
	assert_int_equal(rig_read(rig, NVIC_IABR), 4);
	assert_int_equal(rig_read(rig, NVIC_ISPR), 8);
	assert_int_equal(rig_read(rig, ICSR) >> 12 & 0x1ff, IRQ0 + 3); /* VECTPENDING */
}

static void nvic_registers_read_back(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, NVIC_ISER + 8, 0xffffffff); /* interrupts 64 to 95: 84 is the last */
	assert_int_equal(rig_read(rig, NVIC_ISER + 8), 0x001fffff);
	rig_write(rig, NVIC_ISER + 0x80 + 8, 0x0000000f); /* ICER */
	assert_int_equal(rig_read(rig, NVIC_ISER + 8), 0x001ffff0);
	rig_write(rig, NVIC_ISPR, 0x30);
	rig_write(rig, NVIC_ICPR, 0x10);
	assert_int_equal(rig_read(rig, NVIC_ISPR), 0x20);
	rig_write_width(rig, NVIC_IPR + 5, 1, 0xff);
	assert_int_equal(rig_read(rig, NVIC_IPR + 4), 0x0000f000); /* four bits each */
	rig_write(rig, 0xe000ef00, 84);                            /* STIR */
	assert_int_equal(rig_read(rig, NVIC_ISPR + 8), 1 << 20);
}

/* ---- waking up ---- */

static void an_interrupt_ends_wfi(void **state)
{
	struct rig *rig = *state;
	/* PendSV: adds r4, #1; bx lr */
	prepare_pendsv(rig);
	rig_set_reg(rig, 5, 0);
	/* wfi; adds r5, #1; bkpt 1 */
	RIG_CODE(rig, CODE, 0xbf30, 0x3501, 0xbe01);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_SLEEP, S_SLEEP);
	rig_write(rig, ICSR, PENDSVSET);
	assert_int_equal(rig_wait_halt(rig, 1), CODE + 4);
	assert_int_equal(rig_reg(rig, 4), 1);
	assert_int_equal(rig_reg(rig, 5), 1);
}

static void a_masked_interrupt_ends_wfi_too(void **state)
{
	struct rig *rig = *state;
	prepare_pendsv(rig);
	/* cpsid i; wfi; bkpt 1 */
	RIG_CODE(rig, CODE, 0xb672, 0xbf30, 0xbe01);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	rig_write(rig, ICSR, PENDSVSET);
	assert_int_equal(rig_wait_halt(rig, 1), CODE + 4);
	assert_int_equal(rig_reg(rig, 4), 0);
}

static void sleep_on_exit_sleeps(void **state)
{
	struct rig *rig = *state;
	RIG_CODE(rig, handler(SVCALL), 0x4770);
	rig_write(rig, SCR, 2);
	/* svc 0; bkpt 1 */
	RIG_CODE(rig, CODE, 0xdf00, 0xbe01);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & (S_SLEEP | S_HALT), S_SLEEP);
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
}

/* ---- FP context ---- */

static void enable_fpu(struct rig *rig)
{
	rig_write(rig, CPACR, 0x00f00000);
}

static void fp_frames_are_lazy(void **state)
{
	struct rig *rig = *state;
	enable_fpu(rig);
	/* vmov.f32 s0, #1.0; svc 0; vmov r1, s0; bkpt 1 */
	RIG_EXECUTE(rig, 0xeeb7, 0x0a00, 0xdf00, 0xee10, 0x1a10, 0xbe01);
	assert_int_equal(rig_reg(rig, SP), STACK - 0x68);
	assert_int_equal(rig_reg(rig, LR), 0xffffffe9);
	assert_int_equal(rig_read(rig, FPCCR) & 1, 1); /* LSPACT */
	assert_int_equal(rig_read(rig, FPCAR), STACK - 0x48);
	assert_int_equal(rig_reg(rig, MASKS) >> 24, 0); /* FPCA is clear in the handler */
	rig_write(rig, STACK - 0x48, 0x5555);           /* nothing is there yet */
	RIG_CODE(rig, handler(SVCALL), 0x4770);
	rig_resume(rig);
	(void)rig_wait_halt(rig, 1);
	assert_int_equal(rig_reg(rig, 1), 0x3f800000); /* and nothing was taken from there */
	assert_int_equal(rig_read(rig, FPCCR) & 1, 0);
	assert_int_equal(rig_reg(rig, MASKS) >> 24, 4); /* FPCA */
	assert_int_equal(rig_reg(rig, SP), STACK);
}

static void a_handler_that_uses_fp_saves_first(void **state)
{
	struct rig *rig = *state;
	enable_fpu(rig);
	/* SVCall: vmov.f32 s0, #3.0; bx lr */
	RIG_CODE(rig, handler(SVCALL), 0xeeb0, 0x0a08, 0x4770);
	rig_set_reg(rig, FPSCR, 0x00c00000);
	/* vmov.f32 s0, #1.0; svc 0; vmov r1, s0; bkpt 1 */
	RIG_EXECUTE(rig, 0xeeb7, 0x0a00, 0xdf00, 0xee10, 0x1a10, 0xbe01);
	assert_int_equal(rig_read(rig, STACK - 0x48), 0x3f800000);
	assert_int_equal(rig_reg(rig, 1), 0x3f800000);
	assert_int_equal(rig_read(rig, FPCCR) & 1, 0);
}

static void without_lspen_fp_registers_are_saved_at_once(void **state)
{
	struct rig *rig = *state;
	enable_fpu(rig);
	rig_write(rig, FPCCR, 0x80000000); /* ASPEN alone */
	/* vmov.f32 s0, #1.0; svc 0 */
	RIG_EXECUTE(rig, 0xeeb7, 0x0a00, 0xdf00);
	assert_int_equal(rig_read(rig, STACK - 0x48), 0x3f800000);
	assert_int_equal(rig_read(rig, FPCCR) & 1, 0);
}

static void without_aspen_frames_are_basic(void **state)
{
	struct rig *rig = *state;
	enable_fpu(rig);
	rig_write(rig, FPCCR, 0);
	/* vmov.f32 s0, #1.0; svc 0 */
	RIG_EXECUTE(rig, 0xeeb7, 0x0a00, 0xdf00);
	assert_int_equal(rig_reg(rig, SP), STACK - 0x20);
	assert_int_equal(rig_reg(rig, LR), 0xfffffff9);
}

/* ---- the exclusive monitor ---- */

static void an_exception_clears_the_monitor(void **state)
{
	struct rig *rig = *state;
	RIG_CODE(rig, handler(SVCALL), 0x4770);
	rig_set_reg(rig, 0, DATA);
	rig_set_reg(rig, 1, 7);
	rig_write(rig, DATA, 0);
	/* ldrex r2, [r0]; svc 0; strex r3, r1, [r0]; ldr r5, [r0];
	 * ldrex r2, [r0]; strex r4, r1, [r0]; bkpt 1 */
	RIG_EXECUTE(rig, 0xe850, 0x2f00, 0xdf00, 0xe840, 0x1300, 0x6805, 0xe850, 0x2f00, 0xe840,
		0x1400, 0xbe01);
	assert_int_equal(rig_reg(rig, 3), 1); /* refused, */
	assert_int_equal(rig_reg(rig, 5), 0); /* nothing stored */
	assert_int_equal(rig_reg(rig, 4), 0);
	assert_int_equal(rig_read(rig, DATA), 7);
}

/* ---- NMI ---- */

static void nmi_ignores_masks(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, ICSR);
	rig_set_reg(rig, 1, 0x80000000);
	/* cpsid i; cpsid f; str r1, [r0]; dsb */
	RIG_EXECUTE(rig, 0xb672, 0xb671, 0x6001, 0xf3bf, 0x8f4f);
	assert_int_equal(rig_reg(rig, PC), handler(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(svc_pushes_a_frame),
		TEST(a_misaligned_stack_is_aligned),
		TEST(alignment_can_be_switched_off),
		TEST(threads_have_a_stack_of_their_own),
		TEST(handlers_run_on_the_main_stack),
		TEST(a_pended_exception_comes_at_once),
		TEST(primask_holds_it_back),
		TEST(basepri_holds_back_by_priority),
		TEST(faultmask_ends_with_the_handler),
		TEST(higher_priority_preempts),
		TEST(grouping_makes_subpriorities),
		TEST(the_lowest_number_wins_among_equals),
		TEST(nvic_registers_read_back),
		TEST(an_interrupt_ends_wfi),
		TEST(a_masked_interrupt_ends_wfi_too),
		TEST(sleep_on_exit_sleeps),
		TEST(fp_frames_are_lazy),
		TEST(a_handler_that_uses_fp_saves_first),
		TEST(without_lspen_fp_registers_are_saved_at_once),
		TEST(without_aspen_frames_are_basic),
		TEST(an_exception_clears_the_monitor),
		TEST(nmi_ignores_masks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
