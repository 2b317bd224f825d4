/* Erasing: sectors, banks, times, refusals, what a broken-off erase leaves. RM0368 3.5, RM0090 3.6.
 */
#include "chip_rig.h"

#define CR_SER  UINT32_C(0x00000002)
#define CR_MER  UINT32_C(0x00000004)
#define CR_MER1 UINT32_C(0x00008000)
#define CR_STRT UINT32_C(0x00010000)
#define X8      UINT32_C(0x00000000)
#define X16     UINT32_C(0x00000100)
#define X32     UINT32_C(0x00000200)

#define SR_WRPERR UINT32_C(0x00000010)
#define SR_BSY    UINT32_C(0x00010000)

static const uint32_t zero[] = {0};

static int setup_unlocked(void **state)
{
	rig_setup(state);
	rig_flash_unlock(*state);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup_unlocked, rig_teardown)

static void start_erase(struct rig *rig, uint32_t snb, uint32_t psize)
{
	rig_write(rig, FLASH_CR, psize | CR_SER | snb << 3);
	rig_write(rig, FLASH_CR, psize | CR_SER | snb << 3 | CR_STRT);
}

/* How long BSY is set from now on, by steps of 1 ms. */
static unsigned busy_ms(struct rig *rig)
{
	unsigned ms = 0;
	while ((rig_read(rig, FLASH_SR) & SR_BSY) != 0 && ms < 60000) {
		rig_run(rig, MS);
		ms++;
	}
	return ms;
}

/* ---- sectors ---- */

static void erases_the_sector_it_is_told(void **state)
{
	struct rig *rig = *state;
	static const uint32_t starts[] = {0, 0x4000, 0x8000, 0xc000, 0x10000, 0x20000, 0x40000};
	for (uint32_t sector = 0; sector < 6; sector++) {
		rig_flash_program(rig, FLASH + starts[sector], zero, 1);
		rig_flash_program(rig, FLASH + starts[sector + 1] - 4, zero, 1);
	}
	for (uint32_t sector = 0; sector < 6; sector++) {
		start_erase(rig, sector, X32);
		(void)busy_ms(rig);
		assert_int_equal(rig_read(rig, FLASH_SR), 0);
		rig_write(rig, FLASH_CR, 0);
		assert_int_equal(rig_read(rig, FLASH + starts[sector]), 0xffffffff);
		assert_int_equal(rig_read(rig, FLASH + starts[sector + 1] - 4), 0xffffffff);
		if (sector < 5) /* the next one is untouched */
			assert_int_equal(rig_read(rig, FLASH + starts[sector + 1]), 0);
	}
	assert_int_equal(chip_books(rig->chip)->erases[2], 6);
}

static void one_write_is_enough(void **state)
{
	struct rig *rig = *state;
	rig_flash_program(rig, FLASH, zero, 1);
	rig_write(rig, FLASH_CR, X32 | CR_SER | CR_STRT);
	assert_int_equal(rig_read(rig, FLASH_CR) & CR_STRT, CR_STRT);
	(void)busy_ms(rig);
	assert_int_equal(rig_read(rig, FLASH_CR) & CR_STRT, 0);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
}

static void takes_the_datasheets_time(void **state)
{
	struct rig *rig = *state;
	static const struct {
		uint32_t snb, psize;
		unsigned ms;
	} rows[] = {
		{0, X8, 400},
		{0, X16, 300},
		{0, X32, 250},
		{4, X8, 1200},
		{4, X16, 700},
		{4, X32, 550},
		{5, X8, 2000},
		{5, X16, 1300},
		{5, X32, 1000},
	};
	uint64_t total_ms = 0;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		start_erase(rig, rows[i].snb, rows[i].psize);
		assert_int_equal(busy_ms(rig), rows[i].ms);
		total_ms += rows[i].ms;
	}
	assert_int_equal(chip_books(rig->chip)->erase_ns, total_ms * MS);
	assert_int_equal(chip_books(rig->chip)->erases[0], 3);
	assert_int_equal(chip_books(rig->chip)->erases[1], 3);
}

static void the_bus_waits_meanwhile(void **state)
{
	struct rig *rig = *state;
	start_erase(rig, 5, X32);
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_WAIT);
	assert_int_equal(rig_try_read(rig, 0), CHIP_WAIT);
	assert_int_equal(rig_try_write(rig, FLASH_CR, 0), CHIP_WAIT);
	assert_int_equal(rig_try_read(rig, FLASH_CR), CHIP_OK); /* registers are free */
	assert_int_equal(rig_try_read(rig, DATA), CHIP_OK);
	rig_run(rig, 999 * MS);
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_WAIT);
	rig_run(rig, MS);
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_OK);
}

static void sectors_that_are_not_there(void **state)
{
	struct rig *rig = *state;
	for (uint32_t snb = 6; snb < 16; snb++) {
		start_erase(rig, snb, X32);
		assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
		assert_int_equal(rig_read(rig, FLASH_CR) & CR_STRT, 0);
		rig_write(rig, FLASH_SR, SR_WRPERR);
	}
}

static void degenerate_requests(void **state)
{
	struct rig *rig = *state;
	rig_flash_program(rig, FLASH, zero, 1);
	rig_write(rig, FLASH_CR, X32 | CR_SER | CR_MER | CR_STRT);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
	rig_write(rig, FLASH_SR, SR_WRPERR);
	rig_write(rig, FLASH_CR, X32 | CR_STRT); /* neither: no flag, no effect */
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
	assert_int_equal(rig_read(rig, FLASH), 0);
}

/* ---- everything ---- */

static void mass_erase_takes_it_all(void **state)
{
	struct rig *rig = *state;
	rig_flash_program(rig, FLASH, zero, 1);
	rig_flash_program(rig, FLASH + 0x3fffc, zero, 1);
	rig_write(rig, FLASH_CR, X32 | CR_MER | CR_STRT);
	assert_int_equal(busy_ms(rig), 2000);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
	assert_int_equal(rig_read(rig, FLASH + 0x3fffc), 0xffffffff);
	assert_int_equal(chip_books(rig->chip)->mass_erases, 1);
}

/* ---- broken off ---- */

static unsigned count_words(struct rig *rig, uint32_t start, uint32_t value)
{
	unsigned count = 0;
	for (uint32_t i = 0; i < 256; i++)
		count += rig_read(rig, start + 4 * i) == value;
	return count;
}

static void a_reset_leaves_undefined_contents(void **state)
{
	struct rig *rig = *state;
	uint32_t words[256];
	for (uint32_t i = 0; i < 256; i++)
		words[i] = 0x12340000 + i;
	rig_flash_program(rig, FLASH + 0x4000, words, 256);
	rig_flash_program(rig, FLASH + 0x8000, zero, 1);
	start_erase(rig, 1, X32);
	rig_run(rig, 100 * MS);
	chip_set_nrst(rig->chip, true);
	chip_set_nrst(rig->chip, false);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
	assert_in_range(count_words(rig, FLASH + 0x4000, 0xffffffff), 1, 255);
	assert_int_equal(rig_read(rig, FLASH + 0x8000), 0); /* other sectors are whole */
	assert_int_equal(chip_books(rig->chip)->erases[2], 0);
}

static void vectreset_does_not_break_it_off(void **state)
{
	struct rig *rig = *state;
	start_erase(rig, 0, X32);
	rig_write(rig, DEMCR, 1);
	rig_write(rig, AIRCR, 0x05fa0001);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_BSY);
	assert_int_equal(busy_ms(rig), 250);
}

/* ---- the data cache ---- */

#define ACR_DCEN  UINT32_C(0x00000400)
#define ACR_DCRST UINT32_C(0x00001000)

static void erase_leaves_the_cache_stale(void **state)
{
	struct rig *rig = *state;
	rig_flash_program(rig, FLASH, zero, 1);
	rig_write(rig, FLASH_ACR, ACR_DCEN);
	assert_int_equal(rig_read(rig, FLASH), 0);
	start_erase(rig, 0, X32);
	(void)busy_ms(rig);
	assert_int_equal(rig_read(rig, FLASH), 0);       /* out of the cache */
	rig_write(rig, FLASH_ACR, ACR_DCEN | ACR_DCRST); /* not while it is on */
	assert_int_equal(rig_read(rig, FLASH), 0);
	rig_write(rig, FLASH_ACR, 0);
	rig_write(rig, FLASH_ACR, ACR_DCRST);
	rig_write(rig, FLASH_ACR, 0);
	rig_write(rig, FLASH_ACR, ACR_DCEN);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
}

static void programming_keeps_the_cache_right(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH_ACR, ACR_DCEN);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
	rig_flash_program(rig, FLASH, zero, 1);
	assert_int_equal(rig_read(rig, FLASH), 0);
}

static void acr_holds_its_bits(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, FLASH_ACR, 0xffffffff);
	assert_int_equal(rig_read(rig, FLASH_ACR), 0x00001f07);
}

/* ---- two banks: the STM32F42x ---- */

static void second_bank_sectors_have_their_own_numbers(void **state)
{
	struct rig rig;
	(void)state;
	rig_start_model(&rig, "stm32f429zi");
	rig_flash_unlock(&rig);
	rig_flash_program(&rig, 0x08100000, zero, 1);
	rig_flash_program(&rig, 0x08110000, zero, 1);
	start_erase(&rig, 12, X32); /* 01100b is illegal */
	assert_int_equal(rig_read(&rig, FLASH_SR), SR_WRPERR);
	rig_write(&rig, FLASH_SR, SR_WRPERR);
	start_erase(&rig, 0x10, X32);                         /* sector 12 */
	assert_int_equal(rig_try_read(&rig, FLASH), CHIP_OK); /* the other bank is free */
	assert_int_equal(rig_try_read(&rig, 0x081fffff & ~3u), CHIP_WAIT);
	assert_int_equal(busy_ms(&rig), 250);
	assert_int_equal(rig_read(&rig, 0x08100000), 0xffffffff);
	assert_int_equal(rig_read(&rig, 0x08110000), 0);
	start_erase(&rig, 0x14, X32); /* sector 16, 64 KiB */
	assert_int_equal(busy_ms(&rig), 550);
	assert_int_equal(rig_read(&rig, 0x08110000), 0xffffffff);
	rig_stop(&rig);
}

static void mer_erases_one_bank_mer1_the_other(void **state)
{
	struct rig rig;
	(void)state;
	rig_start_model(&rig, "stm32f429zi");
	rig_flash_unlock(&rig);
	rig_flash_program(&rig, FLASH, zero, 1);
	rig_flash_program(&rig, 0x08100000, zero, 1);
	rig_write(&rig, FLASH_CR, X32 | CR_MER | CR_STRT);
	(void)busy_ms(&rig);
	assert_int_equal(rig_read(&rig, FLASH), 0xffffffff);
	assert_int_equal(rig_read(&rig, 0x08100000), 0);
	rig_write(&rig, FLASH_CR, X32 | CR_MER1 | CR_STRT);
	(void)busy_ms(&rig);
	assert_int_equal(rig_read(&rig, 0x08100000), 0xffffffff);
	rig_stop(&rig);
}

static void db1m_splits_a_megabyte(void **state)
{
	struct rig rig;
	(void)state;
	rig_start_model(&rig, "stm32f429zg");
	rig_flash_unlock(&rig);
	rig_flash_program(&rig, 0x08080000, zero, 1);
	rig_flash_program(&rig, 0x08084000, zero, 1);
	start_erase(&rig, 0x10, X32); /* one bank: no such sector */
	assert_int_equal(rig_read(&rig, FLASH_SR), SR_WRPERR);
	rig_write(&rig, FLASH_SR, SR_WRPERR);
	assert_true(chip_fault(rig.chip, "db1m on"));
	start_erase(&rig, 0x10, X32);
	assert_int_equal(busy_ms(&rig), 250);
	assert_int_equal(rig_read(&rig, 0x08080000), 0xffffffff);
	assert_int_equal(rig_read(&rig, 0x08084000), 0);
	start_erase(&rig, 8, X32); /* sectors 8 to 11 are gone */
	assert_int_equal(rig_read(&rig, FLASH_SR), SR_WRPERR);
	rig_stop(&rig);
}

static void the_f413_counts_straight_to_15(void **state)
{
	struct rig rig;
	(void)state;
	rig_start_model(&rig, "stm32f413zh");
	rig_flash_unlock(&rig);
	rig_flash_program(&rig, 0x08100000, zero, 1); /* sector 12 */
	start_erase(&rig, 12, X32);
	assert_int_equal(busy_ms(&rig), 1000);
	assert_int_equal(rig_read(&rig, 0x08100000), 0xffffffff);
	start_erase(&rig, 15, X32);
	assert_int_equal(busy_ms(&rig), 1000);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(erases_the_sector_it_is_told),
		TEST(one_write_is_enough),
		TEST(takes_the_datasheets_time),
		TEST(the_bus_waits_meanwhile),
		TEST(sectors_that_are_not_there),
		TEST(degenerate_requests),
		TEST(mass_erase_takes_it_all),
		TEST(a_reset_leaves_undefined_contents),
		TEST(vectreset_does_not_break_it_off),
		TEST(erase_leaves_the_cache_stale),
		TEST(programming_keeps_the_cache_right),
		TEST(acr_holds_its_bits),
		cmocka_unit_test(second_bank_sectors_have_their_own_numbers),
		cmocka_unit_test(mer_erases_one_bank_mer1_the_other),
		cmocka_unit_test(db1m_splits_a_megabyte),
		cmocka_unit_test(the_f413_counts_straight_to_15),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
