/* Programming the flash: keys, sizes, error flags, times. RM0368 3.5 to 3.7, DS9716. */
#include "chip_rig.h"

#define CR_PG    UINT32_C(0x00000001)
#define CR_STRT  UINT32_C(0x00010000)
#define CR_EOPIE UINT32_C(0x01000000)
#define CR_ERRIE UINT32_C(0x02000000)
#define CR_LOCK  UINT32_C(0x80000000)
#define X16      UINT32_C(0x00000100)
#define X32      UINT32_C(0x00000200)
#define X64      UINT32_C(0x00000300)

#define SR_EOP    UINT32_C(0x00000001)
#define SR_OPERR  UINT32_C(0x00000002)
#define SR_WRPERR UINT32_C(0x00000010)
#define SR_PGPERR UINT32_C(0x00000040)
#define SR_PGSERR UINT32_C(0x00000080)
#define SR_BSY    UINT32_C(0x00010000)

static int setup_unlocked(void **state)
{
	rig_setup(state);
	rig_flash_unlock(*state);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup_unlocked, rig_teardown)

/* ---- keys ---- */

static void the_right_keys_unlock(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_read(rig, FLASH_CR), CR_LOCK);
	rig_write(rig, FLASH_CR, CR_PG); /* locked: ignored */
	assert_int_equal(rig_read(rig, FLASH_CR), CR_LOCK);
	rig_write(rig, FLASH_KEYR, 0x45670123);
	assert_int_equal(rig_read(rig, FLASH_CR), CR_LOCK);
	rig_write(rig, FLASH_KEYR, 0xcdef89ab);
	assert_int_equal(rig_read(rig, FLASH_CR), 0);
	rig_write(rig, FLASH_CR, CR_LOCK);
	assert_int_equal(rig_read(rig, FLASH_CR), CR_LOCK);
	rig_flash_unlock(rig);
	assert_int_equal(rig_read(rig, FLASH_CR), 0);
}

static void a_wrong_key_locks_until_reset(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_try_write(rig, FLASH_KEYR, 0x45670124), CHIP_FAULT);
	assert_int_equal(rig_try_write(rig, FLASH_KEYR, 0x45670123), CHIP_FAULT);
	assert_int_equal(rig_try_write(rig, FLASH_KEYR, 0xcdef89ab), CHIP_FAULT);
	assert_int_equal(rig_read(rig, FLASH_CR), CR_LOCK);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	rig_flash_unlock(rig);
	assert_int_equal(rig_read(rig, FLASH_CR), 0);
}

static void the_second_key_must_follow(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH_KEYR, 0x45670123);
	assert_int_equal(rig_try_write(rig, FLASH_KEYR, 0x45670123), CHIP_FAULT);
	assert_int_equal(rig_read(rig, FLASH_CR), CR_LOCK);
}

static void a_key_too_many_locks_as_well(void **state)
{
	struct rig *rig = *state;
	rig_flash_unlock(rig);
	assert_int_equal(rig_try_write(rig, FLASH_KEYR, 0x45670123), CHIP_FAULT);
	assert_int_equal(rig_read(rig, FLASH_CR), CR_LOCK);
}

/* ---- programming ---- */

static void programs_in_each_width(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH_CR, CR_PG);
	rig_write_width(rig, FLASH, 1, 0x11);
	rig_write_width(rig, FLASH + 1, 1, 0x22);
	rig_flash_wait(rig);
	rig_write(rig, FLASH_CR, CR_PG | X16);
	rig_write_width(rig, FLASH + 2, 2, 0x4433);
	rig_flash_wait(rig);
	rig_write(rig, FLASH_CR, CR_PG | X32);
	rig_write(rig, FLASH + 4, 0x88776655);
	rig_flash_wait(rig);
	assert_int_equal(rig_read(rig, FLASH), 0x44332211);
	assert_int_equal(rig_read(rig, FLASH + 4), 0x88776655);
	assert_int_equal(rig_read(rig, 4), 0x88776655); /* at its alias */
	const struct chip_books *books = chip_books(rig->chip);
	assert_int_equal(books->programmed[0], 2);
	assert_int_equal(books->programmed[1], 1);
	assert_int_equal(books->programmed[2], 1);
	assert_int_equal(books->program_ns, 64 * US);
}

static void only_clears_bits(void **state)
{
	struct rig *rig = *state;
	static const uint32_t first[] = {0xffff0000}, second[] = {0x0ff00ff0};
	rig_flash_program(rig, FLASH, first, 1);
	rig_flash_program(rig, FLASH, second, 1);
	assert_int_equal(rig_read(rig, FLASH), 0x0ff00000);
}

static void takes_16_us_and_says_so(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH_CR, CR_PG | X32);
	rig_write(rig, FLASH, 0);
	rig_run(rig, 15 * US);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_BSY);
	assert_int_equal(rig_try_read(rig, FLASH + 0x20000), CHIP_WAIT); /* one bank: all of it */
	assert_int_equal(rig_try_write(rig, FLASH + 4, 0), CHIP_WAIT);
	assert_int_equal(rig_try_write(rig, FLASH_CR, 0), CHIP_WAIT);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
	assert_int_equal(rig_read(rig, FLASH), 0);
}

static void a_store_without_pg(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH, 0);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_PGSERR);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
	rig_write(rig, FLASH_SR, SR_PGSERR);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
	assert_int_equal(chip_books(rig->chip)->flash_errors, 1);
}

static void a_store_while_locked(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH, 0);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_PGSERR);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
}

static void a_store_of_another_size(void **state)
{
	struct rig *rig = *state;
	static const struct {
		uint32_t psize;
		unsigned width;
	} wrong[] = {{0, 2}, {0, 4}, {X16, 1}, {X16, 4}, {X32, 1}, {X32, 2}, {X64, 4}};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		rig_write(rig, FLASH_CR, CR_PG | wrong[i].psize);
		rig_write_width(rig, FLASH, wrong[i].width, 0);
		assert_int_equal(rig_read(rig, FLASH_SR), SR_PGPERR);
		rig_write(rig, FLASH_SR, SR_PGPERR);
	}
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
}

static void stale_errors_do_not_block(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH, 0); /* PGSERR, and nobody clears it */
	rig_write(rig, FLASH_CR, CR_PG | X32);
	rig_write(rig, FLASH, 0x12345678);
	rig_run(rig, 20 * US);
	assert_int_equal(rig_read(rig, FLASH), 0x12345678);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_PGSERR);
}

static void eop_needs_eopie(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH_CR, CR_PG | X32 | CR_EOPIE);
	rig_write(rig, FLASH, 0);
	rig_run(rig, 20 * US);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_EOP);
	assert_int_equal(rig_read(rig, 0xe000e200) & 0x10, 0x10); /* interrupt 4 pends */
	rig_write(rig, FLASH_SR, SR_EOP);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
}

static void operr_needs_errie(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH_CR, CR_ERRIE);
	rig_write(rig, FLASH, 0);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_PGSERR | SR_OPERR);
	assert_int_equal(rig_read(rig, 0xe000e200) & 0x10, 0x10);
}

static void system_memory_and_options_refuse(void **state)
{
	struct rig *rig = *state;
	static const uint32_t places[] = {0x1fff0000, 0x1fff7a10, 0x1fff7a20, 0x1fffc000};
	rig_write(rig, FLASH_CR, CR_PG | X32);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		uint32_t before = rig_read(rig, places[i]);
		rig_write(rig, places[i], 0);
		assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
		assert_int_equal(rig_read(rig, places[i]), before);
		rig_write(rig, FLASH_SR, SR_WRPERR);
	}
}

/* ---- OTP ---- */

static void otp_is_written_and_locked(void **state)
{
	struct rig *rig = *state;
	const uint32_t block = 0x1fff7800 + 3 * 32, lock = 0x1fff7a00 + 3;
	assert_int_equal(rig_read(rig, block), 0xffffffff);
	rig_write(rig, FLASH_CR, CR_PG | X32);
	rig_write(rig, block, 0xfffffff0);
	rig_flash_wait(rig);
	rig_write(rig, block, 0xffffff00); /* still open: more bits may be cleared */
	rig_flash_wait(rig);
	assert_int_equal(rig_read(rig, block), 0xffffff00);
	rig_write(rig, FLASH_CR, CR_PG);
	rig_write_width(rig, lock, 1, 0);
	rig_flash_wait(rig);
	rig_write(rig, FLASH_CR, CR_PG | X32);
	rig_write(rig, block, 0);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
	assert_int_equal(rig_read(rig, block), 0xffffff00);
	rig_write(rig, FLASH_SR, SR_WRPERR);
	rig_write(rig, block + 32, 0); /* the next block is open */
	rig_flash_wait(rig);
	assert_int_equal(rig_read(rig, block + 32), 0);
}

/* ---- resets and supply ---- */

static void a_reset_locks_and_aborts(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH_CR, CR_PG | X32);
	rig_write(rig, FLASH, 0x00000000);
	rig_run(rig, US);
	rig_write(rig, DEMCR, 1);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
	assert_int_equal(rig_read(rig, FLASH_CR), CR_LOCK);
	/* undefined: some bits are cleared, some are not */
	assert_int_not_equal(rig_read(rig, FLASH), 0);
	assert_int_not_equal(rig_read(rig, FLASH), 0xffffffff);
}

static uint32_t wrong_words(struct rig *rig, uint32_t start, uint32_t count, uint32_t value)
{
	uint32_t wrong = 0;
	for (uint32_t i = 0; i < count; i++)
		wrong += rig_read(rig, start + 4 * i) != value;
	return wrong;
}

static void too_wide_for_the_supply(void **state)
{
	struct rig *rig = *state;
	uint32_t words[512];
	for (uint32_t i = 0; i < 512; i++)
		words[i] = 0;
	chip_set_vdd(rig->chip, 2690);
	rig_flash_program(rig, FLASH, words, 512);
	uint32_t wrong = wrong_words(rig, FLASH, 512, 0);
	assert_in_range(wrong, 1, 64); /* a few, and no flag tells */
	chip_set_vdd(rig->chip, 2700);
	rig_flash_program(rig, FLASH + 0x1000, words, 512);
	assert_int_equal(wrong_words(rig, FLASH + 0x1000, 512, 0), 0);
}

static void narrow_enough_for_the_supply(void **state)
{
	struct rig *rig = *state;
	chip_set_vdd(rig->chip, 2100);
	rig_write(rig, FLASH_CR, CR_PG | X16);
	for (uint32_t i = 0; i < 512; i++)
		rig_write_width(rig, FLASH + 2 * i, 2, 0);
	rig_flash_wait(rig);
	assert_int_equal(wrong_words(rig, FLASH, 256, 0), 0);
	chip_set_vdd(rig->chip, 1800);
	rig_write(rig, FLASH_CR, CR_PG);
	for (uint32_t i = 0; i < 512; i++)
		rig_write_width(rig, FLASH + 0x1000 + i, 1, 0);
	rig_flash_wait(rig);
	assert_int_equal(wrong_words(rig, FLASH + 0x1000, 128, 0), 0);
}

static void needs_a_megahertz(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, 0x40023808, 0x000000b0); /* HPRE: 16 MHz / 16 is just enough */
	rig_write(rig, FLASH_CR, CR_PG | X32);
	rig_write(rig, FLASH, 0);
	rig_flash_wait(rig);
	assert_int_equal(rig_read(rig, FLASH), 0);
	rig_write(rig, 0x40023808, 0x000000c0); /* / 64 is not */
	rig_write(rig, FLASH + 4, 0);
	rig_flash_wait(rig);
	assert_int_equal(rig_read(rig, FLASH + 4), 0xffffffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(the_right_keys_unlock),
		RIG_TEST(a_wrong_key_locks_until_reset),
		RIG_TEST(the_second_key_must_follow),
		RIG_TEST(a_key_too_many_locks_as_well),
		TEST(programs_in_each_width),
		TEST(only_clears_bits),
		TEST(takes_16_us_and_says_so),
		TEST(a_store_without_pg),
		RIG_TEST(a_store_while_locked),
		TEST(a_store_of_another_size),
		TEST(stale_errors_do_not_block),
		TEST(eop_needs_eopie),
		TEST(operr_needs_errie),
		TEST(system_memory_and_options_refuse),
		TEST(otp_is_written_and_locked),
		TEST(a_reset_locks_and_aborts),
		TEST(too_wide_for_the_supply),
		TEST(narrow_enough_for_the_supply),
		TEST(needs_a_megahertz),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
