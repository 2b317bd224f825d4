/* The target's debug and access port (dap.c, ahb_ap.c), transfer by transfer. */
#include "bench.h"
#include "dap.h"

struct port {
	struct chip *chip;
	struct dap dap;
};

static struct port port;

static int setup(void **state)
{
	(void)state;
	port.chip = chip_create("stm32f401cc");
	chip_set_vdd(port.chip, 3300);
	dap_init(&port.dap, port.chip);
	dap_connect(&port.dap);
	return dap_write(&port.dap, false, DP_CTRL_STAT, 0x50000000) == SWD_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	chip_destroy(port.chip);
	return 0;
}

static void dp_write(unsigned reg, uint32_t value)
{
	assert_int_equal(dap_write(&port.dap, false, reg, value), SWD_OK);
}

static uint32_t dp_read(unsigned reg)
{
	uint32_t value = 0;
	assert_int_equal(dap_read(&port.dap, false, reg, &value), SWD_OK);
	return value;
}

static void ap_write(unsigned reg, uint32_t value)
{
	dp_write(DP_SELECT, reg & 0xf0);
	assert_int_equal(dap_write(&port.dap, true, reg & 0xc, value), SWD_OK);
}

static uint32_t ap_posted(unsigned reg)
{
	uint32_t value = 0;
	dp_write(DP_SELECT, reg & 0xf0);
	assert_int_equal(dap_read(&port.dap, true, reg & 0xc, &value), SWD_OK);
	return value;
}

static uint32_t ap_read(unsigned reg)
{
	ap_posted(reg);
	return dp_read(DP_RDBUFF);
}

static enum swd_ack ap_ack(unsigned address)
{
	uint32_t value;
	return dap_read(&port.dap, true, address, &value);
}

/* ---- the debug port ---- */

static void identification(void **state)
{
	(void)state;
	assert_int_equal(dp_read(DP_DPIDR), 0x2ba01477);
	assert_int_equal(ap_read(AP_IDR), 0x24770011);
	assert_int_equal(ap_read(AP_BASE), 0xe00ff003);
	assert_int_equal(ap_read(AP_CFG), 0);
}

static void power_is_acknowledged(void **state)
{
	(void)state;
	assert_int_equal(dp_read(DP_CTRL_STAT) & 0xf0000000, 0xf0000000);
	dp_write(DP_CTRL_STAT, 0x50000f00);
	assert_int_equal(dp_read(DP_CTRL_STAT), 0xf0000f00);
	dp_write(DP_CTRL_STAT, 0x10000000);
	assert_int_equal(dp_read(DP_CTRL_STAT), 0x30000000);
	assert_int_equal(ap_ack(AP_CSW), SWD_FAULT);
	assert_true(dp_read(DP_CTRL_STAT) & STAT_STICKYERR);
}

static void nothing_answers_before_the_line_is_switched(void **state)
{
	(void)state;
	uint32_t value;
	chip_set_vdd(port.chip, 0);
	assert_int_equal(dap_read(&port.dap, false, DP_DPIDR, &value), SWD_SILENT);
	dap_connect(&port.dap);
	assert_int_equal(dap_read(&port.dap, false, DP_DPIDR, &value), SWD_SILENT);
	chip_set_vdd(port.chip, 3300);
	assert_int_equal(dap_read(&port.dap, false, DP_DPIDR, &value), SWD_SILENT);
	dap_connect(&port.dap);
	assert_int_equal(dap_read(&port.dap, false, DP_DPIDR, &value), SWD_OK);
	assert_int_equal(dp_read(DP_CTRL_STAT), 0);
}

static void a_brown_out_between_two_transfers_is_noticed(void **state)
{
	(void)state;
	uint32_t value;
	fake_chip()->books.power_resets++;
	assert_int_equal(dap_read(&port.dap, false, DP_DPIDR, &value), SWD_SILENT);
	dap_connect(&port.dap);
	assert_int_equal(dp_read(DP_CTRL_STAT), 0);
}

static void the_wire_control_register_is_behind_ctrlsel(void **state)
{
	(void)state;
	dp_write(DP_SELECT, 1);
	dp_write(DP_CTRL_STAT, 0x40);
	assert_int_equal(dp_read(DP_CTRL_STAT), 0x40);
	dp_write(DP_SELECT, 0);
	assert_int_equal(dp_read(DP_CTRL_STAT), 0xf0000000);
}

static void other_access_ports_read_as_zero(void **state)
{
	(void)state;
	for (uint32_t ap = 1; ap <= 255; ap += 127) {
		dp_write(DP_SELECT, ap << 24 | 0xf0);
		assert_int_equal(ap_ack(0xc), SWD_OK);
		assert_int_equal(dp_read(DP_RDBUFF), 0);
		assert_int_equal(dap_write(&port.dap, true, 0, 0x12345678), SWD_OK);
	}
	assert_int_equal(ap_read(AP_IDR), 0x24770011);
}

/* ---- sticky errors ---- */

static void a_fault_sticks_until_it_is_cleared(void **state)
{
	(void)state;
	uint32_t value;
	ap_write(AP_CSW, CSW_DEFAULT | CSW_SIZE_32);
	ap_write(AP_TAR, 0x60000000);
	ap_posted(AP_DRW); /* accepted: the error comes later */
	assert_int_equal(dap_read(&port.dap, false, DP_RDBUFF, &value), SWD_FAULT);
	assert_int_equal(ap_ack(AP_CSW), SWD_FAULT);
	assert_int_equal(dap_write(&port.dap, false, DP_SELECT, 0), SWD_FAULT);
	assert_int_equal(dap_write(&port.dap, false, DP_CTRL_STAT, 0x50000000), SWD_FAULT);
	assert_int_equal(dp_read(DP_DPIDR), 0x2ba01477);
	assert_int_equal(dp_read(DP_CTRL_STAT) & STAT_STICKY, STAT_STICKYERR);
	dp_write(DP_ABORT, ABORT_ORUNERRCLR);
	assert_true(dp_read(DP_CTRL_STAT) & STAT_STICKYERR);
	dp_write(DP_ABORT, ABORT_STKERRCLR);
	assert_int_equal(dp_read(DP_CTRL_STAT) & STAT_STICKY, 0);
	assert_int_equal(ap_read(AP_TAR), 0x60000000);
}

static void a_garbled_write_is_not_done(void **state)
{
	(void)state;
	assert_int_equal(dap_write_garbled(&port.dap), SWD_OK);
	assert_int_equal(ap_ack(AP_CSW), SWD_FAULT);
	assert_int_equal(dp_read(DP_CTRL_STAT) & STAT_STICKY, STAT_WDATAERR);
	dp_write(DP_ABORT, ABORT_WDERRCLR);
	assert_int_equal(ap_ack(AP_CSW), SWD_OK);
}

static void read_protection_closes_the_access_port(void **state)
{
	(void)state;
	fake_chip()->ap_dead = true;
	assert_int_equal(ap_ack(AP_CSW), SWD_FAULT);
	assert_int_equal(dp_read(DP_DPIDR), 0x2ba01477);
}

/* ---- waiting ---- */

static void a_stalled_write_is_done_when_the_bus_lets_it(void **state)
{
	(void)state;
	ap_write(AP_CSW, CSW_DEFAULT | CSW_SIZE_32);
	ap_write(AP_TAR, FAKE_RAM);
	fake_chip()->answer = CHIP_WAIT;
	fake_chip()->answer_count = 3;
	ap_write(AP_DRW, 0xcafe0001); /* taken by the port, held by the bus */
	assert_int_equal(ap_ack(AP_CSW), SWD_WAIT);
	assert_int_equal(ap_ack(AP_CSW), SWD_WAIT);
	assert_int_equal(get_le32(fake_chip()->ram), 0);
	assert_int_equal(ap_ack(AP_CSW), SWD_OK);
	assert_int_equal(get_le32(fake_chip()->ram), 0xcafe0001);
}

static void dapabort_gives_the_access_up(void **state)
{
	(void)state;
	uint32_t value;
	ap_write(AP_CSW, CSW_DEFAULT | CSW_SIZE_32);
	ap_write(AP_TAR, FAKE_RAM);
	fake_chip()->answer = CHIP_WAIT;
	fake_chip()->answer_count = 1000;
	ap_write(AP_DRW, 1);
	assert_int_equal(dap_read(&port.dap, false, DP_RDBUFF, &value), SWD_WAIT);
	dp_write(DP_ABORT, ABORT_DAPABORT);
	assert_int_equal(ap_ack(AP_CSW), SWD_OK);
}

/* ---- memory access ---- */

static void reads_are_posted(void **state)
{
	(void)state;
	put_le32(fake_chip()->ram, 0x11111111);
	put_le32(fake_chip()->ram + 4, 0x22222222);
	ap_write(AP_CSW, CSW_DEFAULT | CSW_SIZE_32 | CSW_INCREMENT);
	ap_write(AP_TAR, FAKE_RAM);
	ap_posted(AP_DRW);
	assert_int_equal(ap_posted(AP_DRW), 0x11111111);
	assert_int_equal(dp_read(DP_RDBUFF), 0x22222222);
	assert_int_equal(ap_read(AP_TAR), FAKE_RAM + 8);
}

static void narrow_data_travel_in_their_lanes(void **state)
{
	(void)state;
	put_le32(fake_chip()->ram, 0x44332211);
	ap_write(AP_CSW, CSW_DEFAULT | CSW_SIZE_8 | CSW_INCREMENT);
	ap_write(AP_TAR, FAKE_RAM + 1);
	assert_int_equal(ap_read(AP_DRW), 0x00002200);
	assert_int_equal(ap_read(AP_DRW), 0x00330000);
	ap_write(AP_DRW, 0xaabbccdd);
	assert_int_equal(get_le32(fake_chip()->ram), 0xaa332211);
	ap_write(AP_CSW, CSW_DEFAULT | CSW_SIZE_16);
	ap_write(AP_TAR, FAKE_RAM + 2);
	ap_write(AP_DRW, 0x1234ffff);
	assert_int_equal(get_le32(fake_chip()->ram), 0x12342211);
	assert_int_equal(ap_read(AP_TAR), FAKE_RAM + 2);
}

static void the_increment_wraps_within_four_kib(void **state)
{
	(void)state;
	ap_write(AP_CSW, CSW_DEFAULT | CSW_SIZE_32 | CSW_INCREMENT);
	ap_write(AP_TAR, FAKE_RAM + 0x3fc);
	ap_read(AP_DRW);
	assert_int_equal(ap_read(AP_TAR), FAKE_RAM + 0x400);
	ap_write(AP_TAR, FAKE_RAM + 0x1ffc);
	ap_read(AP_DRW);
	assert_int_equal(ap_read(AP_TAR), FAKE_RAM + 0x1000);
}

static void csw_holds_what_the_port_can_do(void **state)
{
	(void)state;
	ap_write(AP_CSW, 0xa2000000 | CSW_SIZE_32 | 2U << 4); /* packed does not exist */
	assert_int_equal(ap_read(AP_CSW), 0xa2000000 | CSW_DEVICE_ENABLE | CSW_SIZE_32);
	ap_write(AP_CSW, 0x23000000 | CSW_INCREMENT | CSW_SIZE_16 | 0xff00);
	assert_int_equal(
		ap_read(AP_CSW), 0x23000000 | CSW_DEVICE_ENABLE | CSW_INCREMENT | CSW_SIZE_16);
}

static void banked_data_are_the_words_around_tar(void **state)
{
	(void)state;
	put_le32(fake_chip()->ram + 0x20, 0xb0);
	put_le32(fake_chip()->ram + 0x2c, 0xb3);
	ap_write(AP_CSW, CSW_DEFAULT | CSW_SIZE_8 | CSW_INCREMENT);
	ap_write(AP_TAR, FAKE_RAM + 0x24);
	assert_int_equal(ap_read(AP_BD0), 0xb0);
	assert_int_equal(ap_read(AP_BD3), 0xb3);
	ap_write(AP_BD0 + 8, 0x12345678);
	assert_int_equal(get_le32(fake_chip()->ram + 0x28), 0x12345678);
	assert_int_equal(ap_read(AP_TAR), FAKE_RAM + 0x24);
}

#define PORT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PORT_TEST(identification),
		PORT_TEST(power_is_acknowledged),
		PORT_TEST(nothing_answers_before_the_line_is_switched),
		PORT_TEST(a_brown_out_between_two_transfers_is_noticed),
		PORT_TEST(the_wire_control_register_is_behind_ctrlsel),
		PORT_TEST(other_access_ports_read_as_zero),
		PORT_TEST(a_fault_sticks_until_it_is_cleared),
		PORT_TEST(a_garbled_write_is_not_done),
		PORT_TEST(read_protection_closes_the_access_port),
		PORT_TEST(a_stalled_write_is_done_when_the_bus_lets_it),
		PORT_TEST(dapabort_gives_the_access_up),
		PORT_TEST(reads_are_posted),
		PORT_TEST(narrow_data_travel_in_their_lanes),
		PORT_TEST(the_increment_wraps_within_four_kib),
		PORT_TEST(csw_holds_what_the_port_can_do),
		PORT_TEST(banked_data_are_the_words_around_tar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
