/* Option bytes and protections: WRP, PCROP, RDP, watchdog and brown-out options. RM0368 3.8, 3.9.
 */
#include "chip_rig.h"

#define OPTKEYR UINT32_C(0x40023c08)
#define OPTCR   UINT32_C(0x40023c14)
#define OPTCR1  UINT32_C(0x40023c18)

#define OPTLOCK UINT32_C(0x00000001)
#define OPTSTRT UINT32_C(0x00000002)
#define WDG_SW  UINT32_C(0x00000020)
#define SPRMOD  UINT32_C(0x80000000)
#define DEFAULT UINT32_C(0x0fffaaec)

#define SR_WRPERR UINT32_C(0x00000010)
#define SR_RDERR  UINT32_C(0x00000100)
#define SR_BSY    UINT32_C(0x00010000)

#define CR_SER  UINT32_C(0x00000002)
#define CR_MER  UINT32_C(0x00000004)
#define CR_STRT UINT32_C(0x00010000)
#define X32     UINT32_C(0x00000200)

static const uint32_t zero[] = {0};

static void unlock_options(struct rig *rig)
{
	rig_write(rig, OPTKEYR, 0x08192a3b);
	rig_write(rig, OPTKEYR, 0x4c5d6e7f);
}

static void wait_ready(struct rig *rig)
{
	while ((rig_read(rig, FLASH_SR) & SR_BSY) != 0)
		rig_run(rig, MS);
}

static void write_options(struct rig *rig, uint32_t value)
{
	unlock_options(rig);
	rig_write(rig, OPTCR, value);
	rig_write(rig, OPTCR, value | OPTSTRT);
	wait_ready(rig);
	rig_write(rig, OPTCR, rig_read(rig, OPTCR) | OPTLOCK);
}

static void power_cycle(struct rig *rig)
{
	chip_set_vdd(rig->chip, 0);
	rig_run(rig, MS);
	chip_set_vdd(rig->chip, 3300);
}

static uint32_t erase(struct rig *rig, uint32_t sector)
{
	rig_write(rig, FLASH_CR, X32 | CR_SER | sector << 3 | CR_STRT);
	wait_ready(rig);
	uint32_t sr = rig_read(rig, FLASH_SR);
	rig_write(rig, FLASH_SR, 0x1f2);
	return sr;
}

/* ---- writing them ---- */

static void need_their_own_keys(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, OPTCR, 0x0ffeaaec);
	assert_int_equal(rig_read(rig, OPTCR), DEFAULT | OPTLOCK);
	assert_int_equal(rig_try_write(rig, OPTKEYR, 0x08192a3c), CHIP_FAULT);
	assert_int_equal(rig_try_write(rig, OPTKEYR, 0x08192a3b), CHIP_FAULT);
	assert_int_equal(rig_read(rig, OPTCR), DEFAULT | OPTLOCK);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	unlock_options(rig);
	assert_int_equal(rig_read(rig, OPTCR), DEFAULT);
}

static void without_optstrt_nothing_is_written(void **state)
{
	struct rig *rig = *state;
	unlock_options(rig);
	rig_write(rig, OPTCR, 0x0ffeaaec);
	assert_int_equal(rig_read(rig, OPTCR), 0x0ffeaaec);
	rig_write(rig, DEMCR, 1);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, OPTCR), DEFAULT | OPTLOCK);
}

static void optstrt_takes_time_and_lasts(void **state)
{
	struct rig *rig = *state;
	unlock_options(rig);
	rig_write(rig, OPTCR, 0x0ffeaaec | OPTSTRT);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_BSY);
	assert_int_equal(rig_try_write(rig, OPTCR, DEFAULT), CHIP_WAIT);
	wait_ready(rig);
	assert_int_equal(rig_read(rig, OPTCR), 0x0ffeaaec);
	assert_int_equal(rig_read(rig, 0x1fffc008) & 0xffff, 0x0ffe);
	power_cycle(rig);
	assert_int_equal(rig_read(rig, OPTCR), 0x0ffeaaec | OPTLOCK);
}

static void bits_that_are_not_there_stay_1(void **state)
{
	struct rig *rig = *state;
	write_options(rig, 0x0000aaec); /* the F401xC has six sectors */
	assert_int_equal(rig_read(rig, OPTCR), 0x0fc0aaec | OPTLOCK);
}

/* ---- write protection ---- */

static void wrp_protects_sectors(void **state)
{
	struct rig *rig = *state;
	write_options(rig, 0x0ffdaaec); /* sector 1 */
	rig_flash_unlock(rig);
	assert_int_equal(erase(rig, 1), SR_WRPERR);
	assert_int_equal(erase(rig, 0), 0);
	rig_write(rig, FLASH_CR, X32 | CR_MER | CR_STRT); /* refused as a whole */
	assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
	rig_write(rig, FLASH_SR, SR_WRPERR);
	rig_write(rig, FLASH_CR, X32 | 1);
	rig_write(rig, FLASH + 0x4000, 0);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
	assert_int_equal(rig_read(rig, FLASH + 0x4000), 0xffffffff);
	rig_write(rig, FLASH_SR, SR_WRPERR);
	write_options(rig, DEFAULT);
	assert_int_equal(erase(rig, 1), 0);
}

/* ---- PCROP ---- */

static void pcrop_inverts_the_bits(void **state)
{
	struct rig *rig = *state;
	rig_flash_unlock(rig);
	rig_flash_program(rig, FLASH + 0x8000, zero, 1);
	rig_flash_program(rig, FLASH, zero, 1);
	write_options(rig, SPRMOD | 0x0fc4aaec); /* sector 2 alone */
	rig_write(rig, FLASH_CR, 0);
	assert_int_equal(rig_read(rig, FLASH), 0);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
	(void)rig_read(rig, FLASH + 0x8000);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_RDERR);
	rig_write(rig, FLASH_SR, SR_RDERR);
	assert_int_equal(erase(rig, 2), SR_WRPERR);
	assert_int_equal(erase(rig, 1), 0);
}

static void pcrop_cannot_be_taken_back(void **state)
{
	struct rig *rig = *state;
	write_options(rig, SPRMOD | 0x0fc4aaec);
	write_options(rig, DEFAULT);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
	rig_write(rig, FLASH_SR, SR_WRPERR);
	write_options(rig, SPRMOD | 0x0fc0aaec); /* nor a sector freed */
	assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
	rig_write(rig, FLASH_SR, SR_WRPERR);
	write_options(rig, SPRMOD | 0x0fccaaec); /* but one added */
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
}

static void a_chip_without_pcrop(void **state)
{
	struct rig rig;
	(void)state;
	rig_start_model(&rig, "stm32f407vg");
	write_options(&rig, SPRMOD | 0x0fffaaec);
	assert_int_equal(rig_read(&rig, OPTCR), DEFAULT | OPTLOCK);
	rig_stop(&rig);
}

/* ---- read protection ---- */

static void rdp_1_closes_the_flash_to_a_debugger(void **state)
{
	struct rig *rig = *state;
	rig_flash_unlock(rig);
	rig_flash_program(rig, FLASH, zero, 1);
	write_options(rig, 0x0fff55ec);
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_FAULT);
	assert_int_equal(rig_try_read(rig, 0), CHIP_FAULT);
	assert_int_equal(rig_try_read(rig, 0x1fff7800), CHIP_FAULT); /* OTP */
	assert_int_equal(rig_try_read(rig, 0x1fff7a20), CHIP_OK);
	assert_int_equal(rig_try_read(rig, DATA), CHIP_OK);
	assert_int_equal(rig_read(rig, OPTCR), 0x0fff55ec | OPTLOCK);
	assert_int_equal(erase(rig, 0), SR_WRPERR);
	rig_write(rig, FLASH_CR, X32 | 1);
	rig_write(rig, FLASH, 0);
	assert_int_equal(rig_read(rig, FLASH_SR), SR_WRPERR);
}

/* An intrusion is remembered: not even the core gets at the flash until the power has been off. */
static void an_intrusion_lasts_until_power_off(void **state)
{
	struct rig *rig = *state;
	static const uint32_t vectors[] = {0x20008000, 0x08000009};
	RIG_FLASH_CODE(rig, FLASH + 8, 0xe7fe); /* b . */
	rig_flash_unlock(rig);
	rig_flash_program(rig, FLASH, vectors, 2);
	write_options(rig, 0x0fff55ec);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DHCSR) & S_LOCKUP, S_LOCKUP);
	chip_set_vdd(rig->chip, 0);
	chip_set_vdd(rig->chip, 3300);
	uint64_t before = chip_books(rig->chip)->instructions;
	rig_run(rig, MS); /* with nobody watching it runs */
	assert_int_equal(chip_books(rig->chip)->instructions, before + 16000);
	assert_int_equal(rig_read(rig, DHCSR) & S_LOCKUP, 0);
	rig_run(rig, MS); /* that look was an intrusion */
	assert_int_equal(rig_read(rig, DHCSR) & S_LOCKUP, S_LOCKUP);
}

static void regression_erases_everything(void **state)
{
	struct rig *rig = *state;
	rig_flash_unlock(rig);
	rig_flash_program(rig, FLASH, zero, 1);
	rig_write(rig, FLASH_CR, 0x101);
	rig_write(rig, FLASH_CR, 1);
	rig_write_width(rig, 0x1fff7800, 1, 0x5a); /* OTP stays */
	rig_flash_wait(rig);
	write_options(rig, 0x0ffe55ec); /* with sector 0 protected, too */
	unlock_options(rig);
	rig_write(rig, OPTCR, 0x0ffeaaec | OPTSTRT);
	rig_run(rig, 2000 * MS); /* at x8: 4 s, and the option bytes */
	assert_int_equal(rig_read(rig, FLASH_SR), SR_BSY);
	wait_ready(rig);
	assert_int_equal(rig_try_read(rig, FLASH), CHIP_FAULT); /* the intrusion is still known */
	power_cycle(rig);
	assert_int_equal(rig_read(rig, FLASH), 0xffffffff);
	assert_int_equal(rig_read(rig, OPTCR), 0x0ffeaaec | OPTLOCK); /* WRP is kept */
	assert_int_equal(rig_read_width(rig, 0x1fff7800, 1), 0x5a);
	assert_int_equal(chip_books(rig->chip)->mass_erases, 1);
}

static void rdp_2_ends_debugging(void **state)
{
	struct rig *rig = *state;
	write_options(rig, 0x0fffccec);
	power_cycle(rig);
	assert_false(chip_ap_alive(rig->chip));
	assert_int_equal(rig_try_read(rig, DATA), CHIP_FAULT);
}

/* ---- the user's options ---- */

static void the_hardware_watchdog_waits_for_a_reset(void **state)
{
	struct rig *rig = *state;
	write_options(rig, DEFAULT & ~WDG_SW);
	rig_run(rig, 2000 * MS);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0x20000000, 0);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, 511 * MS);
	assert_int_equal(rig_read(rig, RCC_CSR) & 0x20000000, 0);
	rig_run(rig, 2 * MS); /* 4096 x 4 / 32 kHz = 512 ms */
	assert_int_equal(rig_read(rig, RCC_CSR) & 0x20000000, 0x20000000);
}

static void bor_level_3_trips_at_2_83_volts(void **state)
{
	struct rig *rig = *state;
	write_options(rig, 0x0fffaae0);
	rig_write(rig, 0xe0042004, 7);
	chip_set_vdd(rig->chip, 2840);
	assert_int_equal(rig_read(rig, 0xe0042004), 7);
	chip_set_vdd(rig->chip, 2820);
	assert_false(chip_dp_alive(rig->chip));
	chip_set_vdd(rig->chip, 2850); /* not enough to start again */
	assert_false(chip_dp_alive(rig->chip));
	chip_set_vdd(rig->chip, 3000);
	assert_true(chip_dp_alive(rig->chip));
	assert_int_equal(
		rig_read(rig, 0xe0042004), 0); /* everything but the backup domain is reset */
	assert_int_equal(rig_read(rig, RCC_CSR), 0x06000000); /* BORRSTF, PINRSTF */
}

static void the_second_bank_has_a_register_of_its_own(void **state)
{
	struct rig rig;
	(void)state;
	rig_start_model(&rig, "stm32f429zi");
	assert_int_equal(rig_read(&rig, OPTCR1), 0x0fff0000);
	unlock_options(&rig);
	rig_write(&rig, OPTCR1, 0x0ffe0000); /* sector 12 */
	rig_write(&rig, OPTCR, DEFAULT | OPTSTRT);
	wait_ready(&rig);
	assert_int_equal(rig_read(&rig, 0x1ffec008) & 0xffff, 0x0ffe);
	rig_flash_unlock(&rig);
	assert_int_equal(erase(&rig, 0x10), SR_WRPERR);
	assert_int_equal(erase(&rig, 0x11), 0);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(need_their_own_keys),
		RIG_TEST(without_optstrt_nothing_is_written),
		RIG_TEST(optstrt_takes_time_and_lasts),
		RIG_TEST(bits_that_are_not_there_stay_1),
		RIG_TEST(wrp_protects_sectors),
		RIG_TEST(pcrop_inverts_the_bits),
		RIG_TEST(pcrop_cannot_be_taken_back),
		cmocka_unit_test(a_chip_without_pcrop),
		RIG_TEST(rdp_1_closes_the_flash_to_a_debugger),
		RIG_TEST(an_intrusion_lasts_until_power_off),
		RIG_TEST(regression_erases_everything),
		RIG_TEST(rdp_2_ends_debugging),
		RIG_TEST(the_hardware_watchdog_waits_for_a_reset),
		RIG_TEST(bor_level_3_trips_at_2_83_volts),
		cmocka_unit_test(the_second_bank_has_a_register_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
