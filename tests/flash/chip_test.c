/*
 * Chips that are not ST's, or that nobody knows: they are debugged, and their flash is left alone
 * before anything of it is erased, until somebody says what they are like.
 */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "probe/log.h"

#define F401 "STM32F401xB/C"

static char heard[8192];

static void hear(void *context, enum log_level level, const char *text)
{
	size_t used = strlen(heard);
	(void)context;
	if (level <= LOG_INFO)
		(void)snprintf(heard + used, sizeof(heard) - used, "%s\n", text);
}

struct chip_case {
	const char *name;
	const char *line;      /* said to the board before the attach */
	const char *chip;      /* of --chip */
	const char *identity;  /* what it is then called */
	bool is_written;       /* else it is refused */
	const char *at_attach; /* told then; NULL: no warning at all */
	const char *at_load;   /* told then; NULL: no FD at all */
};

static const struct chip_case cases[] = {
	{"ST's own", "run 1", NULL, F401, true, NULL, NULL},
	{"ST's own, and named", "run 1", "stm32f401XB/C", F401, true, NULL, NULL},
	{"ST's own, and another is named", "run 1", "STM32F411xC/E", F401, true,
		"it is an " F401 " of ST's: --chip=STM32F411xC/E is left aside", NULL},
	{"a clone", "fault clone-jep", NULL, F401, false, "--chip=" F401 " says that it is one",
		"FD33: this is no genuine STM32F4 (JEP106 51): its flash is not touched"},
	{"a clone, named", "fault clone-jep", F401, F401, true,
		"not made by ST: it is taken for an " F401,
		"FD33: this is no genuine STM32F4, and is taken for an " F401},
	{"an unknown chip", "fault bad-id 0x10006999", NULL, "Cortex-M, CPUID 410FC241", false,
		"--chip=NAME says", "FD33: no chip that is known here"},
	{"an unknown chip, named", "fault bad-id 0x10006999", F401, F401, true,
		"device id 10006999, not known: it is taken for an " F401,
		"FD33: this is no genuine STM32F4, and is taken for an " F401},
};

static uint64_t erases(struct rig *rig)
{
	return rig_book(rig, "x8") + rig_book(rig, "x16") + rig_book(rig, "x32");
}

static void try_to_load(struct rig *rig, const struct chip_case *each)
{
	uint8_t image[0x5000], held[sizeof(image)];
	rig_fill(image, sizeof(image), 3);
	enum err err = rig_load(rig, 0, image, sizeof(image), NULL);
	assert_int_equal(err, each->is_written ? ERR_OK : ERR_TARGET_UNKNOWN);
	rig_peek(rig, RIG_FLASH, held, sizeof(held));
	assert_int_equal(memcmp(held, image, sizeof(image)) == 0, each->is_written);
	const struct target_report *report = target_last_failure(rig->target);
	assert_int_equal(report != NULL, !each->is_written);
	if (!report)
		return;
	assert_string_equal(report->code, "FD33");
	assert_non_null(strstr(report->remedy, "--chip=NAME"));
	assert_non_null(strstr(report->remedy, "--list-chips"));
}

static void try_to_change_options(struct rig *rig, const struct chip_case *each)
{
	enum err wanted = each->is_written ? ERR_OK : ERR_TARGET_UNKNOWN;
	assert_int_equal(target_write_option(rig->target, "bor", "2"), wanted);
	if (!each->is_written)
		assert_int_equal(target_unlock(rig->target), ERR_TARGET_UNKNOWN);
}

static void check(const char *when, const char *wanted, const char *none)
{
	if (wanted ? !strstr(heard, wanted) : strstr(heard, none) != NULL)
		fail_msg("%s: not \"%s\" in: %s", when, wanted ? wanted : "nothing", heard);
	heard[0] = '\0';
}

static void run(const struct chip_case *each)
{
	struct rig rig;
	struct target_status status;
	uint8_t word[4];
	rig_start(&rig, &(struct rig_options){.target.chip = each->chip, .detached = true});
	rig_control(&rig, "%s", each->line);
	heard[0] = '\0';
	log_listen(hear, NULL);
	assert_int_equal(target_attach(rig.target), ERR_OK);
	check("attach", each->at_attach, "chip");
	assert_string_equal(target_identity(rig.target)->chip, each->identity);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	assert_int_equal(target_poll(rig.target, &status), ERR_OK);
	assert_int_equal(status.state, TARGET_HALTED);
	assert_int_equal(target_read_memory(rig.target, RIG_FLASH, word, 4), ERR_OK);
	heard[0] = '\0';
	try_to_load(&rig, each);
	check("load", each->at_load, "FD");
	try_to_change_options(&rig, each);
	log_listen(NULL, NULL);
	assert_int_equal(erases(&rig) > 0, false); /* it was blank */
	rig_stop(&rig);
}

static void strangers_are_left_alone_until_they_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].name);
		run(&cases[i]);
	}
}

/* The debug unit answers while NRST is low, the flash does not. That is no strange chip. */
static void a_chip_that_is_held_in_reset_is_no_stranger(void **state)
{
	static const uint8_t data[4] = {1, 2, 3, 4};
	struct rig rig;
	(void)state;
	rig_start(&rig, &(struct rig_options){.detached = true});
	rig_control(&rig, "nrst low");
	heard[0] = '\0';
	log_listen(hear, NULL);
	assert_int_equal(target_reattach(rig.target), ERR_TARGET_STATE);
	if (strstr(heard, "--chip"))
		fail_msg("it is taken for a stranger: %s", heard);
	check("attach", "FD06: the target is held in reset", "");
	rig_control(&rig, "nrst wired");
	assert_int_equal(target_attach(rig.target), ERR_OK);
	assert_int_equal(rig_load(&rig, 0, data, sizeof(data), NULL), ERR_OK);
	log_listen(NULL, NULL);
	rig_stop(&rig);
}

/* gdb refuses a load by itself, and without a reason, where it knows of no flash. */
static void an_unknown_chip_has_flash_to_gdb(void **state)
{
	struct rig rig;
	size_t count;
	bool found = false;
	(void)state;
	rig_start(&rig, &(struct rig_options){.detached = true});
	rig_control(&rig, "fault bad-id 0x10006999");
	assert_int_equal(target_attach(rig.target), ERR_OK);
	const struct target_region *map = target_memory_map(rig.target, &count);
	for (size_t i = 0; i < count; i++) {
		found |= map[i].kind == TARGET_FLASH && map[i].start == RIG_FLASH;
		if (i)
			assert_true(map[i].start >= map[i - 1].start + map[i - 1].size);
	}
	assert_true(found);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers_are_left_alone_until_they_are_named),
		cmocka_unit_test(a_chip_that_is_held_in_reset_is_no_stranger),
		cmocka_unit_test(an_unknown_chip_has_flash_to_gdb),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
