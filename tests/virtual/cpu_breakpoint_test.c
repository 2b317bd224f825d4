/* Breakpoints of the FPB, watchpoints and counters of the DWT. ARMv7-M ARM C1.8, C1.11. */
#include "chip_rig.h"

#define FP_CTRL     UINT32_C(0xe0002000)
#define FP_COMP(n)  (UINT32_C(0xe0002008) + 4 * (n))
#define DWT_CTRL    UINT32_C(0xe0001000)
#define DWT_CYCCNT  UINT32_C(0xe0001004)
#define DWT_PCSR    UINT32_C(0xe000101c)
#define DWT_COMP(n) (UINT32_C(0xe0001020) + 16 * (n))
#define DWT_MASK(n) (UINT32_C(0xe0001024) + 16 * (n))
#define DWT_FUNC(n) (UINT32_C(0xe0001028) + 16 * (n))

#define LOWER   UINT32_C(0x40000001)
#define UPPER   UINT32_C(0x80000001)
#define BOTH    UINT32_C(0xc0000001)
#define MATCHED UINT32_C(0x01000000)

enum { READ = 5, WRITE = 6, ANY = 7, PC_MATCH = 4 };

enum { DFSR_HALTED = 1, DFSR_BKPT = 2, DFSR_DWTTRAP = 4 };

/* Code in flash: adds r0, #1; adds r1, #1; adds r2, #1; adds r3, #1; b .-8 */
static int setup_flash_loop(void **state)
{
	rig_setup(state);
	RIG_FLASH_CODE(*state, FLASH, 0x3001, 0x3101, 0x3201, 0x3301, 0xe7fa);
	for (unsigned i = 0; i < 4; i++)
		rig_set_reg(*state, i, 0);
	return 0;
}

#define FLASH_TEST(function) \
	cmocka_unit_test_setup_teardown(function, setup_flash_loop, rig_teardown)

/* ---- FPB ---- */

static void halts_before_the_instruction(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP(2), FLASH + 4 + LOWER);
	rig_go(rig, FLASH);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 4);
	assert_int_equal(rig_reg(rig, 1), 1);
	assert_int_equal(rig_reg(rig, 2), 0);
	assert_int_equal(rig_read(rig, DFSR), DFSR_BKPT);
}

static void tells_half_words_apart(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP(0), FLASH + UPPER);
	rig_go(rig, FLASH);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 2);
	rig_write(rig, FP_COMP(0), FLASH + 4 + BOTH);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 4);
	rig_set_reg(rig, PC, FLASH + 6);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 6);
}

static void hits_again_unless_removed(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP(0), FLASH + 4 + LOWER);
	rig_go(rig, FLASH);
	(void)rig_wait_halt(rig, 1);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 4);
	assert_int_equal(rig_reg(rig, 2), 0);
	rig_write(rig, FP_COMP(0), 0);
	assert_int_equal(rig_step(rig, true), FLASH + 6);
	rig_write(rig, FP_COMP(0), FLASH + 4 + LOWER);
	rig_resume(rig); /* and once round */
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 4);
	assert_int_equal(rig_reg(rig, 2), 1);
	assert_int_equal(rig_reg(rig, 1), 2);
}

static void can_be_changed_while_running(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FP_CTRL, 3);
	rig_go(rig, FLASH);
	rig_run(rig, MS);
	rig_write(rig, FP_COMP(5), FLASH + 4 + UPPER);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 6);
}

static void can_be_switched_off_together(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP(0), FLASH + 4 + LOWER);
	rig_write(rig, FP_CTRL, 0); /* without KEY: ignored */
	assert_int_equal(rig_read(rig, FP_CTRL), 0x261);
	rig_write(rig, FP_CTRL, 2);
	assert_int_equal(rig_read(rig, FP_CTRL), 0x260);
	rig_go(rig, FLASH);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
}

static void debugger_reads_see_the_code(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP(0), FLASH + BOTH);
	assert_int_equal(rig_read(rig, FLASH), 0x31013001);
}

static void the_alias_at_0_is_another_address(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP(0), 4 + LOWER);
	rig_go(rig, FLASH);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
	rig_halt(rig);
	rig_go(rig, 8); /* the loop, at its other address */
	assert_int_equal(rig_wait_halt(rig, 1), 4);
}

static void works_inside_it_blocks(void **state)
{
	struct rig *rig = *state;
	/* cmp r0, r0; itte eq; moveq r1, #1; moveq r2, #2; movne r3, #3; b . */
	RIG_FLASH_CODE(rig, FLASH + 0x100, 0x4280, 0xbf06, 0x2101, 0x2202, 0x2303, 0xe7fe);
	rig_set_reg(rig, 1, 0);
	rig_set_reg(rig, 2, 0);
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP(0), FLASH + 0x104 + UPPER);
	rig_go(rig, FLASH + 0x100);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 0x106);
	assert_int_equal(rig_reg(rig, 1), 1);
	assert_int_equal(rig_reg(rig, 2), 0);
	rig_write(rig, FP_COMP(0), 0);
	rig_resume(rig);
	rig_run(rig, US);
	rig_halt(rig);
	assert_int_equal(rig_reg(rig, PC), FLASH + 0x10a);
	assert_int_equal(rig_reg(rig, 2), 2);
}

static void a_pending_interrupt_goes_first(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	/* PendSV: adds r4, #1; bx lr */
	RIG_CODE(rig, HANDLER + 16 * 14, 0x3401, 0x4770);
	rig_set_reg(rig, 4, 0);
	rig_set_reg(rig, SP, STACK);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, PC, FLASH + 4);
	rig_write(rig, FP_CTRL, 3);
	rig_write(rig, FP_COMP(0), FLASH + 4 + LOWER);
	rig_write(rig, ICSR, 0x10000000);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 4);
	assert_int_equal(rig_reg(rig, 4), 1);
}

static void comparators_read_back(void **state)
{
	struct rig *rig = *state;
	for (uint32_t i = 0; i < 8; i++) { /* six for code, two for literals */
		rig_write(rig, FP_COMP(i), 0xffffffff);
		assert_int_equal(rig_read(rig, FP_COMP(i)), 0xdffffffd);
		rig_write(rig, FP_COMP(i), 0);
	}
	rig_write(rig, FP_COMP(8), 0xffffffff);
	assert_int_equal(rig_read(rig, FP_COMP(8)), 0);
}

/* ---- DWT watchpoints ---- */

static int setup_dwt(void **state)
{
	rig_setup(state);
	rig_write(*state, DEMCR, 1 << 24);
	rig_set_reg(*state, 0, DATA);
	rig_set_reg(*state, 1, 0x1234);
	return 0;
}

#define DWT_TEST(function) cmocka_unit_test_setup_teardown(function, setup_dwt, rig_teardown)

static void watch(
	struct rig *rig, unsigned index, uint32_t address, unsigned mask, uint32_t function)
{
	rig_write(rig, DWT_COMP(index), address);
	rig_write(rig, DWT_MASK(index), mask);
	rig_write(rig, DWT_FUNC(index), function);
}

static void write_watchpoints_halt_after_the_write(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0);
	watch(rig, 0, DATA, 2, WRITE);
	/* ldr r2, [r0]; str r1, [r0]; nop; b . */
	RIG_EXECUTE(rig, 0x6802, 0x6001, 0xbf00, 0xe7fe);
	assert_int_equal(rig_reg(rig, PC), CODE + 4);
	assert_int_equal(rig_read(rig, DATA), 0x1234);
	assert_int_equal(rig_read(rig, DFSR), DFSR_DWTTRAP);
	assert_int_equal(rig_read(rig, DWT_FUNC(0)), MATCHED | WRITE);
	assert_int_equal(rig_read(rig, DWT_FUNC(0)), WRITE); /* cleared by the read */
	rig_resume(rig);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
}

static void read_watchpoints_halt_after_the_read(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0x55);
	watch(rig, 3, DATA, 2, READ);
	/* str r1, [r0]; ldr r2, [r0]; nop; b . */
	RIG_EXECUTE(rig, 0x6001, 0x6802, 0xbf00, 0xe7fe);
	assert_int_equal(rig_reg(rig, PC), CODE + 4);
	assert_int_equal(rig_reg(rig, 2), 0x1234);
}

static void access_watchpoints_halt_on_both(void **state)
{
	struct rig *rig = *state;
	watch(rig, 2, DATA, 2, ANY);
	/* str r1, [r0]; ldr r2, [r0]; b . */
	RIG_EXECUTE(rig, 0x6001, 0x6802, 0xe7fe);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
	rig_resume(rig);
	assert_int_equal(rig_wait_halt(rig, 1), CODE + 4);
}

static void smaller_and_larger_accesses_match(void **state)
{
	struct rig *rig = *state;
	watch(rig, 0, DATA, 2, WRITE); /* a word */
	rig_set_reg(rig, 0, DATA + 3);
	/* strb r1, [r0]; b . */
	RIG_EXECUTE(rig, 0x7001, 0xe7fe);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
	watch(rig, 0, DATA + 2, 0, WRITE); /* a byte in the middle of one */
	rig_set_reg(rig, 0, DATA);
	/* str r1, [r0]; b . */
	RIG_EXECUTE(rig, 0x6001, 0xe7fe);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
}

static void a_step_meets_a_watchpoint(void **state)
{
	struct rig *rig = *state;
	watch(rig, 0, DATA, 2, WRITE);
	/* str r1, [r0] */
	RIG_CODE(rig, CODE, 0x6001);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, PC, CODE);
	assert_int_equal(rig_step(rig, true), CODE + 2);
	assert_int_equal(rig_read(rig, DFSR), DFSR_HALTED | DFSR_DWTTRAP);
}

static void neighbours_do_not_match(void **state)
{
	struct rig *rig = *state;
	watch(rig, 0, DATA, 2, ANY);
	rig_set_reg(rig, 0, DATA + 4);
	rig_set_reg(rig, 2, DATA - 4);
	/* str r1, [r0]; str r1, [r2]; bkpt 1 */
	RIG_EXECUTE(rig, 0x6001, 0x6011, 0xbe01);
	assert_int_equal(rig_read(rig, DFSR), DFSR_BKPT);
}

static void values_can_be_compared(void **state)
{
	struct rig *rig = *state;
	/* comparator 1: a word 0x1234, written where comparator 0 says */
	watch(rig, 0, DATA, 2, 0);
	watch(rig, 1, 0x1234, 0, WRITE | 1 << 8 | 2 << 10 | 0 << 12 | 0 << 16);
	rig_set_reg(rig, 2, 0x1233);
	rig_set_reg(rig, 3, DATA + 4);
	/* str r1, [r3]; str r2, [r0]; str r1, [r0]; nop; b . */
	RIG_EXECUTE(rig, 0x6019, 0x6002, 0x6001, 0xbf00, 0xe7fe);
	assert_int_equal(rig_reg(rig, PC), CODE + 6);
	assert_int_equal(rig_read(rig, DWT_FUNC(1)) & MATCHED, MATCHED);
	assert_int_equal(rig_read(rig, DWT_FUNC(0)) & MATCHED, 0);
}

static void only_comparator_1_knows_values(void **state)
{
	struct rig *rig = *state;
	for (uint32_t i = 0; i < 4; i++) {
		rig_write(rig, DWT_FUNC(i), 0x00011906);
		assert_int_equal(
			rig_read(rig, DWT_FUNC(i)), i == 1 ? 0x00011906 : 0x00000906 & 0xfaf);
		rig_write(rig, DWT_FUNC(i), 0);
	}
}

static void masks_read_back(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DWT_MASK(0), 0x1f);
	assert_int_equal(rig_read(rig, DWT_MASK(0)), 0xf); /* 32 KiB at most */
}

static void debugger_accesses_do_not_match(void **state)
{
	struct rig *rig = *state;
	watch(rig, 0, DATA, 2, ANY);
	/* b . */
	RIG_CODE(rig, CODE, 0xe7fe);
	rig_go(rig, CODE);
	rig_write(rig, DATA, 1);
	(void)rig_read(rig, DATA);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
	assert_int_equal(rig_read(rig, DWT_FUNC(0)) & MATCHED, 0);
}

static void trcena_gates_it_all(void **state)
{
	struct rig *rig = *state;
	watch(rig, 0, DATA, 2, ANY);
	rig_write(rig, DEMCR, 0);
	assert_int_equal(rig_read(rig, DWT_CTRL), 0);
	/* str r1, [r0]; bkpt 1 */
	RIG_EXECUTE(rig, 0x6001, 0xbe01);
	assert_int_equal(rig_read(rig, DFSR), DFSR_BKPT);
	rig_write(rig, DEMCR, 1 << 24);
	assert_int_equal(rig_read(rig, DWT_CTRL), 0x40000000);
	assert_int_equal(rig_read(rig, DWT_FUNC(0)), ANY);
}

static void removed_watchpoints_are_gone(void **state)
{
	struct rig *rig = *state;
	watch(rig, 0, DATA, 2, WRITE);
	/* str r1, [r0]; b .-2 */
	RIG_EXECUTE(rig, 0x6001, 0xe7fd);
	rig_write(rig, DWT_FUNC(0), 0);
	rig_resume(rig);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
}

static void matches_the_program_counter(void **state)
{
	struct rig *rig = *state;
	watch(rig, 2, CODE + 2, 0, PC_MATCH); /* in RAM, where the FPB does not reach */
	/* nop; nop; bkpt 1 */
	RIG_EXECUTE(rig, 0xbf00, 0xbf00, 0xbe01);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
	assert_int_equal(rig_read(rig, DFSR), DFSR_DWTTRAP);
	assert_int_equal(rig_read(rig, DWT_FUNC(2)), MATCHED | PC_MATCH);
}

/* ---- DWT counters ---- */

static void counts_cycles_of_the_running_core(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DWT_CYCCNT, 0);
	rig_write(rig, DWT_CTRL, 1);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DWT_CYCCNT), 0); /* halted */
	/* mov.w r1, #1000; subs r1, #1; bne .-2; bkpt 1: 1 + 2000 instructions */
	RIG_EXECUTE(rig, 0xf44f, 0x717a, 0x3901, 0xd1fd, 0xbe01);
	assert_int_equal(rig_read(rig, DWT_CYCCNT), 2001);
	rig_write(rig, DWT_CTRL, 0);
	assert_int_equal(rig_read(rig, DWT_CYCCNT), 2001);
}

static void sleeps_with_the_core(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DWT_CTRL, 1);
	/* wfi; b .-2 */
	RIG_CODE(rig, CODE, 0xbf30, 0xe7fd);
	rig_write(rig, DWT_CYCCNT, 0);
	rig_go(rig, CODE);
	rig_run(rig, 10 * MS);
	assert_int_equal(rig_read(rig, DWT_CYCCNT), 1); /* the wfi */
	rig_write(rig, DHCSR, KEY | 3);
	rig_write(rig, 0xe0042004, 1); /* DBG_SLEEP keeps the clock */
	rig_resume(rig);
	rig_run(rig, 10 * MS);
	assert_in_range(rig_read(rig, DWT_CYCCNT), 159990, 160010);
}

static void samples_the_program_counter(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_read(rig, DWT_PCSR), 0xffffffff); /* halted */
	/* nop; b .-2 */
	RIG_CODE(rig, CODE, 0xbf00, 0xe7fd);
	rig_go(rig, CODE);
	rig_run(rig, MS);
	uint32_t pc = rig_read(rig, DWT_PCSR);
	assert_true(pc == CODE || pc == CODE + 2);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FLASH_TEST(halts_before_the_instruction),
		FLASH_TEST(tells_half_words_apart),
		FLASH_TEST(hits_again_unless_removed),
		FLASH_TEST(can_be_changed_while_running),
		FLASH_TEST(can_be_switched_off_together),
		FLASH_TEST(debugger_reads_see_the_code),
		FLASH_TEST(the_alias_at_0_is_another_address),
		FLASH_TEST(works_inside_it_blocks),
		FLASH_TEST(a_pending_interrupt_goes_first),
		RIG_TEST(comparators_read_back),
		DWT_TEST(write_watchpoints_halt_after_the_write),
		DWT_TEST(read_watchpoints_halt_after_the_read),
		DWT_TEST(access_watchpoints_halt_on_both),
		DWT_TEST(smaller_and_larger_accesses_match),
		DWT_TEST(a_step_meets_a_watchpoint),
		DWT_TEST(neighbours_do_not_match),
		DWT_TEST(values_can_be_compared),
		DWT_TEST(only_comparator_1_knows_values),
		DWT_TEST(masks_read_back),
		DWT_TEST(debugger_accesses_do_not_match),
		DWT_TEST(trcena_gates_it_all),
		DWT_TEST(removed_watchpoints_are_gone),
		DWT_TEST(matches_the_program_counter),
		DWT_TEST(counts_cycles_of_the_running_core),
		DWT_TEST(sleeps_with_the_core),
		DWT_TEST(samples_the_program_counter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
