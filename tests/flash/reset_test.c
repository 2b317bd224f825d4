/*
 * A reset that nobody asked for, while the firmware runs: which one it was, by the chip's own flags
 * and what they were before.
 */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include "probe/log.h"

#define SYSRESETREQ "word 0xE000ED0C 0x05FA0004"
#define RCC_CSR     0x40023874u

struct reset_case {
	const char *name;
	const char *lines[3]; /* said to the board while the firmware runs */
	bool fresh;           /* right after a power-on, not after a load */
	const char *code, *cause;
};

static const struct reset_case cases[] = {
	{"its watchdog", {"fault iwdg sw 5ms", "run 10"}, false, "FD17", "watchdog reset the chip"},
	{"its window watchdog", {"fault wwdg", "run 100"}, false, "FD17",
		"watchdog reset the chip"},
	{"the button", {"nrst low", "run 5", "nrst wired"}, true, "FD37", "by its NRST pin"},
	{"itself", {SYSRESETREQ, "run 1"}, true, "FD37", "reset the chip itself"},
	{"the button, after a load", {"nrst low", "run 5", "nrst wired"}, false, "FD37",
		"by one of PINRSTF, SFTRSTF"},
	{"its watchdog, of a chip just powered", {"fault iwdg sw 5ms", "run 10"}, true, "FD17",
		"watchdog reset the chip"},
};

static void run_program(struct rig *rig, bool fresh)
{
	static const uint8_t program[] = {
		0x00, 0x10, 0x00, 0x20, 0x09, 0x00, 0x00, 0x08, 0xFE, 0xE7, 0xFE, 0xE7};
	assert_int_equal(rig_load(rig, 0, program, sizeof(program), NULL), ERR_OK);
	if (!fresh) {
		assert_int_equal(target_resume(rig->target), ERR_OK);
		return;
	}
	assert_int_equal(target_detach(rig->target), ERR_OK);
	rig_control(rig, "power off");
	rig_control(rig, "run 50");
	rig_control(rig, "power on");
	rig_control(rig, "run 50");
	assert_int_equal(target_attach(rig->target), ERR_OK);
}

static bool poll_reset(struct rig *rig)
{
	struct target_status status;
	assert_int_equal(target_poll(rig->target, &status), ERR_OK);
	return status.was_reset;
}

static void check(const struct reset_case *each, const struct target_report *report)
{
	print_message(
		"%s: %s: %s (%s)\n", each->name, report->code, report->cause, report->evidence);
	assert_string_equal(report->code, each->code);
	if (!strstr(report->cause, each->cause))
		fail_msg("\"%s\" is not in \"%s\"", each->cause, report->cause);
}

static void run(const struct reset_case *each)
{
	struct rig rig;
	struct target_report report;
	rig_start(&rig, &(struct rig_options){0});
	run_program(&rig, each->fresh);
	(void)poll_reset(&rig);
	assert_false(poll_reset(&rig));
	for (size_t i = 0; i < 3 && each->lines[i]; i++)
		rig_control(&rig, "%s", each->lines[i]);
	assert_true(poll_reset(&rig));
	assert_true(target_explain_reset(rig.target, &report));
	check(each, &report);
	rig_stop(&rig);
}

static void each_reset_is_told_from_the_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run(&cases[i]);
}

static uint32_t flags(struct rig *rig)
{
	const char *value = strstr(rig_control(rig, "word 0x%08x", RCC_CSR), "\"value\":");
	assert_non_null(value);
	return (uint32_t)strtoul(value + strlen("\"value\":"), NULL, 10) & 0xFE000000;
}

/* The firmware may want to know why it was started: only a load, which resets the chip anyway,
 * takes the flags of earlier resets away. */
static void flags_are_cleared_by_loads_that_reset_alone(void **state)
{
	static const uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct rig rig;
	(void)state;
	rig_start(&rig, &(struct rig_options){.target.no_reset = true});
	uint32_t before = flags(&rig);
	assert_int_not_equal(before, 0);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	assert_int_equal(rig_load(&rig, 0x4000, data, sizeof(data), NULL), ERR_OK);
	assert_int_equal(flags(&rig), before);
	rig_stop(&rig);

	rig_start(&rig, &(struct rig_options){0});
	assert_int_equal(flags(&rig), before);
	assert_int_equal(rig_load(&rig, 0x4000, data, sizeof(data), NULL), ERR_OK);
	assert_int_equal(flags(&rig), 0x14000000); /* its own: SFTRSTF, PINRSTF */
	rig_stop(&rig);
}

/* A load without a reset has to give the watchdog its period back by itself. */
static void a_watchdog_is_as_fast_as_it_was(void **state)
{
	static const uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct rig rig;
	uint8_t before[8], after[8];
	(void)state;
	rig_start(&rig, &(struct rig_options){.target.no_reset = true});
	rig_control(&rig, "fault iwdg hw");
	rig_control(&rig, SYSRESETREQ);
	rig_control(&rig, "run 5");
	assert_int_equal(target_halt(rig.target), ERR_OK);
	assert_int_equal(target_read_memory(rig.target, 0x40003004, before, 8), ERR_OK);
	assert_int_equal(rig_load(&rig, 0x4000, data, sizeof(data), NULL), ERR_OK);
	rig_control(&rig, "run 5"); /* a few cycles of its slow clock */
	assert_int_equal(target_read_memory(rig.target, 0x40003004, after, 8), ERR_OK);
	assert_memory_equal(after, before, 8);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reset_is_told_from_the_others),
		cmocka_unit_test(flags_are_cleared_by_loads_that_reset_alone),
		cmocka_unit_test(a_watchdog_is_as_fast_as_it_was),
	};
	log_set_level(LOG_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
