/* Products, versions and features (stlink_model.c). */
#include "bench.h"
#include "stlink_model.h"

static struct stlink_version version_of(const char *model, const char *text)
{
	struct stlink_version version;
	assert_true(firmware_version_parse(&version, firmware_model_find(model), text));
	return version;
}

static void every_product_has_its_identity(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint16_t pid;
		uint8_t out, trace;
		uint16_t packet;
	} rows[] = {{"v2", 0x3748, 0x02, 0x83, 64}, {"v21", 0x374b, 0x01, 0x82, 64},
		{"v3", 0x374e, 0x01, 0x82, 512}, {"v3pwr", 0x3757, 0x01, 0x82, 512}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct stlink_model *model = firmware_model_find(rows[i].name);
		assert_non_null(model);
		assert_int_equal(model->pid, rows[i].pid);
		assert_int_equal(model->out, rows[i].out);
		assert_int_equal(model->trace, rows[i].trace);
		assert_int_equal(model->packet, rows[i].packet);
		struct stlink_version version;
		assert_true(firmware_version_parse(&version, model, model->firmware));
	}
	assert_null(firmware_model_find("v4"));
	assert_null(firmware_model_find(""));
}

static void versions_are_parsed(void **state)
{
	(void)state;
	struct stlink_version version = version_of("v21", "V2J37M26");
	assert_int_equal(version.major, 2);
	assert_int_equal(version.jtag, 37);
	assert_int_equal(version.msd, 26);
	assert_int_equal(version_of("v2", "V2J37S7").swim, 7);
	assert_int_equal(version_of("v2", "V2J63S63").jtag, 63);
	assert_int_equal(version_of("v3", "V3J255M3").jtag, 255);
	version = version_of("v3pwr", "V4J5B1P5");
	assert_int_equal(version.major, 4);
	assert_int_equal(version.bridge, 1);
	assert_int_equal(version.power, 5);
}

static void what_is_no_version_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "V", "VJ", "2J37", "V2J", "V3J7M3", "V2X1", "V2J-1",
		"V2J64M1", "V2 J37", "V2J37M26 ", "V99999999999999999999"};
	struct stlink_version version;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (firmware_version_parse(&version, firmware_model_find("v21"), wrong[i]))
			fail_msg("'%s' was taken", wrong[i]);
}

static void features_begin_at_their_version(void **state)
{
	(void)state;
	static const struct {
		enum stlink_feature feature;
		unsigned first;
	} v2[] = {{FEATURE_TRACE, 13}, {FEATURE_RW_STATUS2, 15}, {FEATURE_FPU_REGISTERS, 15},
		{FEATURE_SWD_SET_FREQ, 22}, {FEATURE_JTAG_SET_FREQ, 24},
		{FEATURE_DAP_REGISTERS, 24}, {FEATURE_MEMORY_16BIT, 26}, {FEATURE_INIT_AP, 28},
		{FEATURE_CLOSE_AP_STATUS, 29}, {FEATURE_AP_8, 32}, {FEATURE_RW_MISC, 32},
		{FEATURE_BOARD_IDENTIFIERS, 36}};
	struct stlink_version version = version_of("v2", "V2J0S0");
	for (size_t i = 0; i < sizeof v2 / sizeof v2[0]; i++) {
		version.jtag = v2[i].first - 1;
		assert_false(firmware_version_has(&version, v2[i].feature));
		version.jtag = v2[i].first;
		assert_true(firmware_version_has(&version, v2[i].feature));
	}
	version.jtag = 63;
	assert_false(firmware_version_has(&version, FEATURE_COM_FREQ));
	assert_false(firmware_version_has(&version, FEATURE_VERSION_EX));
	assert_false(firmware_version_has(&version, FEATURE_MEMORY_8BIT_512));
}

static void a_v3_has_nearly_all_from_the_start(void **state)
{
	(void)state;
	struct stlink_version version = version_of("v3", "V3J1M1");
	assert_true(firmware_version_has(&version, FEATURE_COM_FREQ));
	assert_true(firmware_version_has(&version, FEATURE_MEMORY_16BIT));
	assert_false(firmware_version_has(&version, FEATURE_SWD_SET_FREQ));
	assert_false(firmware_version_has(&version, FEATURE_JTAG_SET_FREQ));
	assert_false(firmware_version_has(&version, FEATURE_RW_MISC));
	version = version_of("v3", "V3J2M1");
	assert_true(firmware_version_has(&version, FEATURE_RW_MISC));
	assert_false(firmware_version_has(&version, FEATURE_MEMORY_8BIT_512));
	version = version_of("v3", "V3J6M2");
	assert_true(firmware_version_has(&version, FEATURE_MEMORY_8BIT_512));
	assert_true(firmware_version_has(&version, FEATURE_BOARD_IDENTIFIERS));
	version = version_of("v3pwr", "V4J5B1P5");
	assert_true(firmware_version_has(&version, FEATURE_RW_MISC));
	assert_true(firmware_version_has(&version, FEATURE_MEMORY_8BIT_512));
	assert_false(firmware_version_has(&version, FEATURE_BOARD_IDENTIFIERS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_product_has_its_identity),
		cmocka_unit_test(versions_are_parsed),
		cmocka_unit_test(what_is_no_version_is_refused),
		cmocka_unit_test(features_begin_at_their_version),
		cmocka_unit_test(a_v3_has_nearly_all_from_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
