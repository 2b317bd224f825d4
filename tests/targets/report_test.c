/* What a report says besides its cause: the flash, periods, flags, and the values for programs. */
#include "tests/prelude.h"

#include <string.h>

#include "situation.h"

static void what_the_flash_holds_is_told_in_ranges(void **state)
{
	struct evidence e;
	struct target_report report;
	struct situation situation = {.trouble = {.doing = DOING_WRITE,
					      .err = ERR_FLASH_PROGRAM,
					      .sectors = 0x1F,
					      .has_held = true,
					      .head_missing = true}};
	(void)state;
	for (int i = 0; i < 3; i++)
		situation.trouble.held[i] = HELD_BLANK;
	situation_make(&situation, &e);
	diagnosis_report(&e, NULL, &report);
	assert_string_equal(report.flash, "sectors 0-2 blank, 3-4 old; the first bytes are not "
					  "written, so nothing starts from it");
}

/* 4 KHz and 0x1F4: 500 ms; as it was set before the load, not as the reset has left it. */
static void the_period_of_a_watchdog(void **state)
{
	struct evidence e;
	struct target_report report;
	struct situation situation = {
		IN(ERASE, ERR_FLASH_ERASE), ATTACHED, FLAGS(CSR_IWDGRSTF | CSR_PINRSTF)};
	size_t from = 0;
	(void)state;
	situation_make(&situation, &e);
	situation_set(&e.now, SNAPSHOT_IWDG_RLR, 0xFFF);
	situation_set(&e.before, SNAPSHOT_IWDG_PR, 1);
	situation_set(&e.before, SNAPSHOT_IWDG_RLR, 1999);
	const struct cause *cause = diagnosis_find(&e, &from);
	diagnosis_report(&e, cause, &report);
	assert_string_equal(report.code, "FD17");
	assert_non_null(strstr(report.evidence, "IWDG period 0.50 s before"));
	e.before.known = 0;
	diagnosis_report(&e, cause, &report);
	assert_non_null(strstr(report.evidence, "IWDG period 0.51 s now"));
}

static void ctrl_stat_names_its_flags(void **state)
{
	struct evidence e;
	struct target_report report;
	struct situation situation = {IN(NOTHING, ERR_TARGET_NO_LINK), ATTACHED};
	size_t from = 0;
	(void)state;
	situation_make(&situation, &e);
	e.now.has_ctrl_stat = true;
	e.now.ctrl_stat = 0xF00000E0;
	diagnosis_report(&e, diagnosis_find(&e, &from), &report);
	assert_non_null(strstr(report.evidence, "CTRL/STAT F00000E0 STICKYERR WDATAERR;"));
	e.now.ctrl_stat = 0x50000000;
	from = 0;
	diagnosis_report(&e, diagnosis_find(&e, &from), &report);
	assert_non_null(strstr(report.evidence, "CTRL/STAT 50000000 (not powered up);"));
}

/* The same evidence for programs: numbers with their unit, registers as words. */
static void values_are_what_the_text_says(void **state)
{
	struct evidence e;
	struct target_report report;
	struct situation situation = {.trouble = {.doing = DOING_ERASE,
					      .err = ERR_FLASH_ERASE,
					      .took_ms = 1930,
					      .limit_ms = 1900},
		.changes = {{SNAPSHOT_FLASH_SR, BUSY}}};
	static const struct {
		const char *name;
		int kind;
		uint32_t value;
		const char *text;
	} wanted[] = {
		{"FLASH_SR", TARGET_VALUE_WORD, BUSY, ""},
		{"took_ms", TARGET_VALUE_NUMBER, 1930, ""},
		{"limit_ms", TARGET_VALUE_NUMBER, 1900, ""},
		{"vdd_mv", TARGET_VALUE_NUMBER, 3300, ""},
		{"vdd_min_mv", TARGET_VALUE_NUMBER, 3300, ""},
		{"reset", TARGET_VALUE_TEXT, 0, "no reset"},
	};
	size_t from = 0;
	(void)state;
	situation_make(&situation, &e);
	diagnosis_report(&e, diagnosis_find(&e, &from), &report);
	assert_string_equal(report.code, "FD21");
	assert_int_equal(report.value_count, sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; i < report.value_count; i++) {
		assert_string_equal(report.values[i].name, wanted[i].name);
		assert_int_equal(report.values[i].kind, wanted[i].kind);
		assert_int_equal(report.values[i].value, wanted[i].value);
		assert_string_equal(report.values[i].text, wanted[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_flash_holds_is_told_in_ranges),
		cmocka_unit_test(the_period_of_a_watchdog),
		cmocka_unit_test(ctrl_stat_names_its_flags),
		cmocka_unit_test(values_are_what_the_text_says),
	};
	situation_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
