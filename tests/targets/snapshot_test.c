/* The snapshot: its order, and what it must never touch. */
#include "tests/prelude.h"

#include "fake_probe.h"
#include "probe/probe.h"
#include "snapshot.h"
#include "stm32f4_registers.h"

#define FLASH 0x08000000u
#define DHCSR 0xE000EDF0u

static const struct family family;
static const struct device known = {.family = &family, .flash_start = FLASH, .flash_size = 0x40000};
static const struct device unknown;

static struct probe *start(void)
{
	struct probe *probe = fake_probe_create();
	fake_probe_set_word(probe, FLASH_OPTCR, 0x0FFFAAED);
	fake_probe_set_word(probe, FLASH, 0x20001000);
	return probe;
}

static bool touched(const struct probe *probe, uint32_t address)
{
	for (size_t i = 0; i < fake_probe_count(probe); i++)
		if (fake_probe_access(probe, i)->address == address)
			return true;
	return false;
}

static void nothing_is_written(void **state)
{
	(void)state;
	struct probe *probe = start();
	struct snapshot snapshot;
	snapshot_take(&snapshot, probe, &known);
	assert_true(fake_probe_count(probe) >= SNAPSHOT_PC);
	for (size_t i = 0; i < fake_probe_count(probe); i++)
		assert_false(fake_probe_access(probe, i)->write);
	assert_int_equal(fake_probe_access(probe, 0)->address, DHCSR);
	assert_int_equal(fake_probe_access(probe, 1)->address, DHCSR);
	fake_probe_destroy(probe);
}

static void an_idle_flash_is_read(void **state)
{
	(void)state;
	struct probe *probe = start();
	struct snapshot snapshot;
	snapshot_take(&snapshot, probe, &known);
	assert_true(touched(probe, FLASH));
	assert_int_equal(snapshot.flash, ERR_OK);
	assert_int_equal(snapshot_word(&snapshot, SNAPSHOT_FLASH_OPTCR), 0x0FFFAAED);
	fake_probe_destroy(probe);
}

static void a_busy_flash_is_never_touched(void **state)
{
	(void)state;
	struct probe *probe = start();
	struct snapshot snapshot;
	fake_probe_set_word(probe, FLASH_SR, SR_BSY);
	snapshot_take(&snapshot, probe, &known);
	assert_false(touched(probe, FLASH));
	assert_int_equal(snapshot.flash, ERR_UNSUPPORTED);
	fake_probe_destroy(probe);
}

/* Reading such a sector raises RDERR. */
static void a_pcrop_flash_is_never_touched(void **state)
{
	(void)state;
	struct probe *probe = start();
	struct snapshot snapshot;
	fake_probe_set_word(probe, FLASH_OPTCR, 0x8FFFAAED);
	snapshot_take(&snapshot, probe, &known);
	assert_false(touched(probe, FLASH));
	fake_probe_destroy(probe);
}

static void an_unknown_chip_keeps_its_own_registers(void **state)
{
	(void)state;
	struct probe *probe = start();
	struct snapshot snapshot;
	snapshot_take(&snapshot, probe, &unknown);
	assert_false(touched(probe, FLASH_SR));
	assert_true(touched(probe, DBGMCU_IDCODE));
	assert_true(snapshot_has(&snapshot, SNAPSHOT_CPUID));
	assert_false(snapshot_has(&snapshot, SNAPSHOT_FLASH_SR));
	fake_probe_destroy(probe);
}

/* One register that faults costs no other. */
static void a_fault_leaves_the_others(void **state)
{
	(void)state;
	struct probe *probe = start();
	struct snapshot snapshot;
	fake_probe_fail(probe, PWR_CSR, ERR_TARGET_FAULT);
	snapshot_take(&snapshot, probe, &known);
	assert_false(snapshot_has(&snapshot, SNAPSHOT_PWR_CSR));
	assert_true(snapshot_has(&snapshot, SNAPSHOT_FLASH_SR));
	assert_true(snapshot_has(&snapshot, SNAPSHOT_IDCODE));
	assert_int_equal(snapshot.memory, ERR_TARGET_FAULT);
	fake_probe_destroy(probe);
}

static void a_stalled_bus_is_left_alone(void **state)
{
	(void)state;
	struct probe *probe = start();
	struct snapshot snapshot;
	fake_probe_fail(probe, DHCSR, ERR_TARGET_WAIT);
	snapshot_take(&snapshot, probe, &known);
	assert_int_equal(snapshot.link, ERR_OK);
	assert_int_equal(snapshot.memory, ERR_TARGET_WAIT);
	assert_false(touched(probe, FLASH_SR));
	assert_false(touched(probe, FLASH));
	fake_probe_destroy(probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_written),
		cmocka_unit_test(an_idle_flash_is_read),
		cmocka_unit_test(a_busy_flash_is_never_touched),
		cmocka_unit_test(a_pcrop_flash_is_never_touched),
		cmocka_unit_test(an_unknown_chip_keeps_its_own_registers),
		cmocka_unit_test(a_fault_leaves_the_others),
		cmocka_unit_test(a_stalled_bus_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
