/* Which probe is meant: serials and prefixes of them, USB paths, several, refused ones. */
#include "probe/discover_choose.h"

#include <stdio.h>
#include <string.h>

#include "probe/log.h"
#include "tests/prelude.h"

#define UNTOUCHED 99

static char last_error[1024];

static void keep_error(void *context, enum log_level level, const char *text)
{
	(void)context;
	if (level == LOG_ERROR)
		snprintf(last_error, sizeof(last_error), "%s", text);
}

static int listen_to_log(void **state)
{
	(void)state;
	last_error[0] = '\0';
	log_listen(keep_error, NULL);
	return 0;
}

static struct discovered make(uint16_t pid, const char *serial, const char *path)
{
	struct discovered found = {.identity = {.vid = 0x0483, .pid = pid}, .model = "ST-LINK"};

	snprintf(found.identity.serial, sizeof(found.identity.serial), "%s", serial);
	snprintf(found.identity.path, sizeof(found.identity.path), "%s", path);
	return found;
}

static void the_only_one_needs_no_choice(void **state)
{
	(void)state;
	const struct discovered found[] = {make(0x374B, "066EFF37", "1-2")};
	const struct probe_choice empty = {"", ""};
	size_t which = UNTOUCHED;

	assert_int_equal(discover_choose(found, 1, NULL, &which), ERR_OK);
	assert_int_equal(which, 0);
	assert_int_equal(discover_choose(found, 1, &empty, &which), ERR_OK);
	assert_string_equal(last_error, "");
}

static void none_is_not_found_with_a_next_step(void **state)
{
	(void)state;
	size_t which;

	assert_int_equal(discover_choose(NULL, 0, NULL, &which), ERR_USB_NOT_FOUND);
	assert_non_null(strstr(last_error, "charging"));
}

static void several_without_a_choice_are_listed(void **state)
{
	(void)state;
	const struct discovered found[] = {
		make(0x374B, "066EFF37", "1-2"), make(0x3748, "51FF6C06", "1-3.4")};
	size_t which;

	assert_int_equal(discover_choose(found, 2, NULL, &which), ERR_USB_AMBIGUOUS);
	assert_non_null(strstr(last_error, "066EFF37 at 1-2"));
	assert_non_null(strstr(last_error, "51FF6C06 at 1-3.4"));
	assert_non_null(strstr(last_error, "--serial"));
}

static void serials_match_whole_or_by_unique_prefix_in_any_case(void **state)
{
	(void)state;
	const struct discovered found[] = {
		make(0x374B, "066EFF373535503457062922", "1-2"),
		make(0x374B, "066EFF494851877267084521", "1-3"),
		make(0x3748, "51FF6C060088755320430D87", "1-4"),
	};
	static const struct {
		const char *serial;
		enum err err;
		size_t which;
	} rows[] = {
		{"066EFF494851877267084521", ERR_OK, 1}, {"066eff4948", ERR_OK, 1},
		{"066EFF37", ERR_OK, 0}, {"5", ERR_OK, 2}, {"51ff6c060088755320430d87", ERR_OK, 2},
		{"066EFF", ERR_USB_AMBIGUOUS, 0}, {"066EFF38", ERR_USB_NOT_FOUND, 0},
		{"066EFF3735355034570629220", ERR_USB_NOT_FOUND, 0}, /* longer than any */
		{"FF37", ERR_USB_NOT_FOUND, 0},                      /* no prefix */
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct probe_choice choice = {rows[i].serial, NULL};
		size_t which = UNTOUCHED;

		assert_int_equal(discover_choose(found, 3, &choice, &which), rows[i].err);
		if (!rows[i].err)
			assert_int_equal(which, rows[i].which);
	}
}

static void an_ambiguous_prefix_lists_only_what_matches(void **state)
{
	(void)state;
	const struct discovered found[] = {make(0x374B, "AA11", "1-2"), make(0x374B, "AA22", "1-3"),
		make(0x374B, "BB33", "1-4")};
	const struct probe_choice choice = {"AA", NULL};
	size_t which;

	assert_int_equal(discover_choose(found, 3, &choice, &which), ERR_USB_AMBIGUOUS);
	assert_non_null(strstr(last_error, "AA11"));
	assert_non_null(strstr(last_error, "AA22"));
	assert_null(strstr(last_error, "BB33"));
}

static void a_whole_serial_wins_over_longer_ones(void **state)
{
	(void)state;
	const struct discovered found[] = {
		make(0x374B, "ABCDEF", "1-2"), make(0x374B, "ABC", "1-3")};
	const struct probe_choice choice = {"abc", NULL};
	size_t which = UNTOUCHED;

	assert_int_equal(discover_choose(found, 2, &choice, &which), ERR_OK);
	assert_int_equal(which, 1);
}

static void clones_with_one_serial_are_told_apart_by_path(void **state)
{
	(void)state;
	static const char serial[] = "303030303030303030303031";
	const struct discovered found[] = {
		make(0x3748, serial, "1-2"), make(0x3748, serial, "1-2.1")};
	const struct probe_choice by_serial = {serial, NULL}, by_path = {NULL, "1-2"},
				  by_both = {serial, "1-2.1"}, wrong = {serial, "1-2.2"};
	size_t which = UNTOUCHED;

	assert_int_equal(discover_choose(found, 2, &by_serial, &which), ERR_USB_AMBIGUOUS);
	assert_int_equal(discover_choose(found, 2, &by_path, &which), ERR_OK);
	assert_int_equal(which, 0);
	assert_int_equal(discover_choose(found, 2, &by_both, &which), ERR_OK);
	assert_int_equal(which, 1);
	assert_int_equal(discover_choose(found, 2, &wrong, &which), ERR_USB_NOT_FOUND);
}

static void an_unreadable_serial_matches_nothing_but_no_choice(void **state)
{
	(void)state;
	const struct discovered found[] = {make(0x374B, "", "1-2")};
	const struct probe_choice choice = {"066EFF", NULL};
	size_t which;

	assert_int_equal(discover_choose(found, 1, &choice, &which), ERR_USB_NOT_FOUND);
	assert_int_equal(discover_choose(found, 1, NULL, &which), ERR_OK);
}

static void refused_products_stand_back(void **state)
{
	(void)state;
	const struct discovered found[] = {
		make(0x3744, "", "1-1"), make(0x374D, "AA", "1-2"), make(0x374B, "BB", "1-3")};
	const struct probe_choice loader = {NULL, "1-2"};
	size_t which = UNTOUCHED;

	assert_int_equal(discover_choose(found, 3, NULL, &which), ERR_OK);
	assert_int_equal(which, 2);
	assert_int_equal(discover_choose(found, 3, &loader, &which), ERR_UNSUPPORTED);
	assert_non_null(strstr(last_error, "update"));
	assert_int_equal(discover_choose(found, 1, NULL, &which), ERR_UNSUPPORTED);
	assert_non_null(strstr(last_error, "ST-LINK/V2 or newer"));
}

static void a_long_list_is_cut_not_overrun(void **state)
{
	(void)state;
	struct discovered found[DISCOVER_MAX];
	size_t which;

	for (size_t i = 0; i < DISCOVER_MAX; i++)
		found[i] = make(0x374B, "066EFF373535503457062922", "1-2.3.4.5.6");
	assert_int_equal(discover_choose(found, DISCOVER_MAX, NULL, &which), ERR_USB_AMBIGUOUS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_only_one_needs_no_choice, listen_to_log),
		cmocka_unit_test_setup(none_is_not_found_with_a_next_step, listen_to_log),
		cmocka_unit_test_setup(several_without_a_choice_are_listed, listen_to_log),
		cmocka_unit_test_setup(
			serials_match_whole_or_by_unique_prefix_in_any_case, listen_to_log),
		cmocka_unit_test_setup(an_ambiguous_prefix_lists_only_what_matches, listen_to_log),
		cmocka_unit_test_setup(a_whole_serial_wins_over_longer_ones, listen_to_log),
		cmocka_unit_test_setup(
			clones_with_one_serial_are_told_apart_by_path, listen_to_log),
		cmocka_unit_test_setup(
			an_unreadable_serial_matches_nothing_but_no_choice, listen_to_log),
		cmocka_unit_test_setup(refused_products_stand_back, listen_to_log),
		cmocka_unit_test_setup(a_long_list_is_cut_not_overrun, listen_to_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
