/*
 * The core and the flash: loaders in RAM, code that freezes while the flash is busy, stale code.
 * RM0368 3.5 ("any attempt to read the flash while it is being written or erased stalls the bus").
 */
#include "chip_rig.h"

#define CR_PG   UINT32_C(0x00000001)
#define CR_SER  UINT32_C(0x00000002)
#define CR_STRT UINT32_C(0x00010000)
#define X16     UINT32_C(0x00000100)
#define X32     UINT32_C(0x00000200)

#define SR_PGAERR UINT32_C(0x00000020)
#define SR_PGPERR UINT32_C(0x00000040)
#define SR_PGSERR UINT32_C(0x00000080)
#define SR_BSY    UINT32_C(0x00010000)

static int setup_unlocked(void **state)
{
	rig_setup(state);
	rig_flash_unlock(*state);
	rig_write(*state, FLASH_CR, CR_PG | X32);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup_unlocked, rig_teardown)

/* Runs until the core halts, and says how long that took, to 10 us. */
static uint64_t run_us(struct rig *rig)
{
	uint64_t begin = rig->now_ns;
	(void)rig_wait_halt(rig, 1000);
	return (rig->now_ns - begin) / US;
}

/* ---- a loader in RAM ---- */

static void stores_pace_themselves(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, FLASH);
	rig_set_reg(rig, 1, 0x12345678);
	rig_set_reg(rig, 2, 100);
	/* str r1, [r0], #4; subs r2, #1; bne .-6; bkpt 1 */
	RIG_CODE(rig, CODE, 0xf840, 0x1b04, 0x3a01, 0xd1fb, 0xbe01);
	rig_go(rig, CODE);
	assert_in_range(run_us(rig), 1580, 1610); /* 99 x 16 us before the last store is made */
	rig_flash_wait(rig);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(rig_read(rig, FLASH + 4 * i), 0x12345678);
	assert_int_equal(rig_read(rig, FLASH + 400), 0xffffffff);
	assert_int_equal(chip_books(rig->chip)->programmed[2], 100);
}

static void a_multiple_store_programs_each_word(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, FLASH + 16);
	for (unsigned i = 1; i <= 4; i++)
		rig_set_reg(rig, i, 0x1111 * i);
	/* stmia r0!, {r1, r2, r3, r4}; bkpt 1 */
	RIG_CODE(rig, CODE, 0xc01e, 0xbe01);
	rig_go(rig, CODE);
	(void)run_us(rig);
	rig_flash_wait(rig);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(rig_read(rig, FLASH + 16 + 4 * i), 0x1111 * (i + 1));
	assert_int_equal(rig_reg(rig, 0), FLASH + 32);
}

static void stores_in_an_it_block(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, FLASH);
	rig_set_reg(rig, 1, 0x11);
	rig_set_reg(rig, 2, 0x22);
	/* cmp r0, r0; itt eq; streq r1, [r0]; streq r2, [r0, #4]; bkpt 1 */
	RIG_CODE(rig, CODE, 0x4280, 0xbf04, 0x6001, 0x6042, 0xbe01);
	rig_go(rig, CODE);
	(void)run_us(rig);
	rig_flash_wait(rig);
	assert_int_equal(rig_read(rig, FLASH), 0x11);
	assert_int_equal(rig_read(rig, FLASH + 4), 0x22);
}

static void a_read_waits_for_the_word(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, FLASH);
	rig_set_reg(rig, 1, 0x12345678);
	/* str r1, [r0]; ldr r2, [r0]; bkpt 1 */
	RIG_CODE(rig, CODE, 0x6001, 0x6802, 0xbe01);
	rig_go(rig, CODE);
	assert_in_range(run_us(rig), 16, 30);
	assert_int_equal(rig_reg(rig, 2), 0x12345678);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
}

static void cr_waits_as_well(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, FLASH);
	rig_set_reg(rig, 1, 0);
	rig_set_reg(rig, 5, FLASH_CR);
	/* str r1, [r0]; str r1, [r5]; nop; bkpt 1 */
	RIG_CODE(rig, CODE, 0x6001, 0x6029, 0xbf00, 0xbe01);
	rig_go(rig, CODE);
	assert_in_range(run_us(rig), 16, 30);
	assert_int_equal(rig_read(rig, FLASH_CR), 0);
	assert_int_equal(rig_read(rig, FLASH), 0);
}

static void polls_bsy_while_it_erases(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 5, FLASH_CR);
	rig_set_reg(rig, 6, FLASH_SR);
	rig_set_reg(rig, 1, X32 | CR_SER | CR_STRT);
	/* str r1, [r5]; ldr r2, [r6]; lsls r2, #15; bmi .-4; bkpt 1 */
	RIG_CODE(rig, CODE, 0x6029, 0x6832, 0x03d2, 0xd4fc, 0xbe01);
	rig_go(rig, CODE);
	assert_in_range(run_us(rig), 250000, 250020);
}

static void stray_stores_set_flags(void **state)
{
	struct rig *rig = *state;
	rig_set_reg(rig, 0, FLASH);
	rig_write(rig, FLASH_CR, 0);
	RIG_EXECUTE(rig, 0x6001, 0xbe01); /* str r1, [r0]; bkpt 1 */
	assert_int_equal(rig_read(rig, FLASH_SR), SR_PGSERR);
	rig_write(rig, FLASH_SR, SR_PGSERR);
	rig_write(rig, FLASH_CR, CR_PG | X32);
	RIG_EXECUTE(rig, 0x8001, 0xbe01); /* strh r1, [r0]; bkpt 1 */
	assert_int_equal(rig_read(rig, FLASH_SR), SR_PGPERR);
	rig_write(rig, FLASH_SR, SR_PGPERR);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
	rig_set_reg(rig, 0, FLASH + 14); /* over the end of a row of 16 bytes */
	RIG_EXECUTE(rig, 0x6001, 0xbe01);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_PGAERR);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
	assert_int_equal(chip_books(rig->chip)->flash_errors, 3); /* one each */
}

/* ---- code in flash ---- */

/* adds r0, #1; b .-2 at the start of sector 0, running. */
static int setup_counting(void **state)
{
	rig_setup(state);
	RIG_FLASH_CODE(*state, FLASH, 0x3001, 0xe7fd);
	rig_set_reg(*state, 0, 0);
	rig_go(*state, FLASH);
	return 0;
}

#define COUNTING_TEST(function) \
	cmocka_unit_test_setup_teardown(function, setup_counting, rig_teardown)

static void start_erase(struct rig *rig, uint32_t sector)
{
	rig_flash_unlock(rig);
	rig_write(rig, FLASH_CR, X32 | CR_SER | sector << 3 | CR_STRT);
}

static void freezes_while_another_sector_is_erased(void **state)
{
	struct rig *rig = *state;
	rig_run(rig, MS);
	start_erase(rig, 1);
	uint64_t before = chip_books(rig->chip)->instructions;
	rig_run(rig, 249 * MS);
	assert_int_equal(chip_books(rig->chip)->instructions, before);
	assert_int_equal(rig_read(rig, DHCSR) & (S_HALT | S_LOCKUP), 0);
	rig_run(rig, 2 * MS);
	assert_int_equal(chip_books(rig->chip)->instructions, before + 16000);
}

static void cannot_be_halted_meanwhile(void **state)
{
	struct rig *rig = *state;
	start_erase(rig, 1);
	rig_run(rig, 10 * MS);
	rig_write(rig, DHCSR, KEY | 3);
	rig_run(rig, 100 * MS);
	(void)rig_read(rig, DHCSR);
	assert_int_equal(rig_read(rig, DHCSR) & (S_HALT | S_RETIRE_ST), 0);
	rig_run(rig, 141 * MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, S_HALT);
}

static void c_snapstall_halts_it_all_the_same(void **state)
{
	struct rig *rig = *state;
	start_erase(rig, 1);
	rig_write(rig, DHCSR, KEY | 0x23);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, S_HALT);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_BSY);
}

static void a_halted_core_does_not_mind(void **state)
{
	struct rig *rig = *state;
	rig_halt(rig);
	start_erase(rig, 1);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, S_HALT);
	assert_true(rig_reg(rig, PC) <= FLASH + 2);
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_WAIT);
}

static void a_step_waits_for_its_data(void **state)
{
	struct rig *rig = *state;
	rig_halt(rig);
	start_erase(rig, 1);
	rig_set_reg(rig, 0, FLASH);
	/* ldr r1, [r0] */
	RIG_CODE(rig, CODE, 0x6801);
	rig_set_reg(rig, PC, CODE);
	rig_write(rig, DHCSR, KEY | 5);
	rig_run(rig, 100 * MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
	rig_run(rig, 151 * MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, S_HALT);
	assert_int_equal(rig_reg(rig, PC), CODE + 2);
	assert_int_equal(rig_reg(rig, 1), 0xe7fd3001);
}

static void code_that_was_erased_is_gone(void **state)
{
	struct rig *rig = *state;
	rig_vectors(rig);
	start_erase(rig, 0);
	rig_run(rig, 260 * MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, S_HALT); /* in the HardFault handler */
	assert_int_equal(rig_reg(rig, XPSR) & 0x1ff, 3);
	assert_int_equal(rig_read(rig, CFSR), 0x00010000); /* ffff ffff is undefined */
}

static void new_code_is_executed(void **state)
{
	struct rig *rig = *state;
	rig_halt(rig);
	start_erase(rig, 0);
	rig_flash_wait(rig);
	rig_write(rig, FLASH_CR, 0x80000000);
	RIG_FLASH_CODE(rig, FLASH, 0x2007, 0xbe00); /* movs r0, #7; bkpt 0 */
	rig_go(rig, FLASH);
	assert_int_equal(rig_wait_halt(rig, 1), FLASH + 2);
	assert_int_equal(rig_reg(rig, 0), 7);
}

static void new_code_in_ram_is_executed(void **state)
{
	struct rig *rig = *state;
	RIG_EXECUTE(rig, 0x2001, 0xbe00); /* movs r0, #1 */
	RIG_EXECUTE(rig, 0x2002, 0xbe00); /* movs r0, #2, at the same place */
	assert_int_equal(rig_reg(rig, 0), 2);
}

static void interrupts_wait_for_their_vector(void **state)
{
	struct rig *rig = *state;
	rig_halt(rig);
	rig_flash_unlock(rig);
	static const uint32_t handler[] = {0x08000101};
	rig_flash_program(rig, FLASH + 4 * 14, handler, 1);
	rig_write(rig, FLASH_CR, 0x80000000);
	RIG_FLASH_CODE(rig, FLASH + 0x100, 0xbe00);
	RIG_CODE(rig, CODE, 0x3001, 0xe7fd); /* counts, in RAM */
	rig_go(rig, CODE);
	start_erase(rig, 1);
	rig_write(rig, ICSR, 0x10000000); /* PENDSVSET */
	uint64_t before = chip_books(rig->chip)->instructions;
	rig_run(rig, 100 * MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, 0);
	assert_true(chip_books(rig->chip)->instructions > before);
	rig_run(rig, 151 * MS);
	assert_int_equal(rig_reg(rig, PC), FLASH + 0x100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stores_pace_themselves),
		TEST(a_multiple_store_programs_each_word),
		TEST(stores_in_an_it_block),
		TEST(a_read_waits_for_the_word),
		TEST(cr_waits_as_well),
		TEST(polls_bsy_while_it_erases),
		TEST(stray_stores_set_flags),
		COUNTING_TEST(freezes_while_another_sector_is_erased),
		COUNTING_TEST(cannot_be_halted_meanwhile),
		COUNTING_TEST(c_snapstall_halts_it_all_the_same),
		COUNTING_TEST(a_halted_core_does_not_mind),
		COUNTING_TEST(a_step_waits_for_its_data),
		COUNTING_TEST(code_that_was_erased_is_gone),
		COUNTING_TEST(new_code_is_executed),
		RIG_TEST(new_code_in_ram_is_executed),
		COUNTING_TEST(interrupts_wait_for_their_vector),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
