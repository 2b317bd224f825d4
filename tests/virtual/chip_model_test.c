/* The table of chips: every row tells a consistent story. RM0368, RM0383, RM0090, RM0430. */
#include "chip_rig.h"

static const struct expectation {
	const char *model;
	uint16_t device_id;
	uint32_t flash_kb, sram_kb, ccm_kb;
	uint32_t optcr;
	uint32_t interrupts;
} expectations[] = {
	{"stm32f401cc", 0x423, 256, 64, 0, 0x0fffaaed, 85},
	{"stm32f401re", 0x433, 512, 96, 0, 0x0fffaaed, 85},
	{"stm32f411ce", 0x431, 512, 128, 0, 0x0fffaaed, 86},
	{"stm32f405rg", 0x413, 1024, 128, 64, 0x0fffaaed, 82},
	{"stm32f407vg", 0x413, 1024, 128, 64, 0x0fffaaed, 82},
	{"stm32f429zi", 0x419, 2048, 192, 64, 0x0fffaaed, 91},
	{"stm32f429zg", 0x419, 1024, 192, 64, 0x0fffaaed, 91},
	{"stm32f413zh", 0x463, 1536, 320, 0, 0x7fffaaed, 102},
};

static void each_model_is_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++) {
		const struct expectation *expected = &expectations[i];
		struct rig rig;
		rig_start_model(&rig, expected->model);
		assert_int_equal(rig_read(&rig, 0xe0042000) & 0xfff, expected->device_id);
		assert_int_equal(rig_read_width(&rig, 0x1fff7a22, 2), expected->flash_kb);
		assert_int_equal(rig_read(&rig, FLASH + expected->flash_kb * 1024 - 4), 0xffffffff);
		assert_int_equal(rig_try_read(&rig, FLASH + expected->flash_kb * 1024), CHIP_FAULT);
		assert_int_equal(rig_try_read(&rig, RAM + expected->sram_kb * 1024 - 4), CHIP_OK);
		assert_int_equal(rig_try_read(&rig, RAM + expected->sram_kb * 1024), CHIP_FAULT);
		assert_int_equal(
			rig_try_read(&rig, 0x10000000), expected->ccm_kb ? CHIP_OK : CHIP_FAULT);
		assert_int_equal(rig_read(&rig, 0x40023c14), expected->optcr);
		assert_int_equal(rig_read(&rig, 0xe000e004), (expected->interrupts - 1) / 32);
		rig_stop(&rig);
	}
}

/* The part in the ROM table is the device. */
static void each_rom_table_names_its_device(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++) {
		struct rig rig;
		rig_start_model(&rig, expectations[i].model);
		uint32_t part = rig_read(&rig, 0xe00fffe0) | (rig_read(&rig, 0xe00fffe4) & 0xf)
								     << 8;
		assert_int_equal(part, expectations[i].device_id);
		rig_stop(&rig);
	}
}

/* Sector sizes show in the time that erasing takes, at x32: 250, 550 or 1000 ms. */
static void each_map_adds_up_to_the_flash(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++) {
		struct rig rig;
		uint32_t total_kb = 0;
		rig_start_model(&rig, expectations[i].model);
		rig_flash_unlock(&rig);
		for (uint32_t snb = 0; snb < 32; snb++) {
			rig_write(&rig, FLASH_CR, 0x00010202 | snb << 3);
			uint64_t before = chip_books(rig.chip)->erase_ns;
			rig_run(&rig, 1000 * MS);
			uint64_t ms = (chip_books(rig.chip)->erase_ns - before) / MS;
			total_kb += ms == 250 ? 16 : ms == 550 ? 64 : ms == 1000 ? 128 : 0;
			if (snb == 15 && expectations[i].device_id != 0x419)
				break; /* SNB has four bits only */
		}
		assert_int_equal(total_kb, expectations[i].flash_kb);
		rig_stop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_model_is_what_it_says),
		cmocka_unit_test(each_rom_table_names_its_device),
		cmocka_unit_test(each_map_adds_up_to_the_flash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
