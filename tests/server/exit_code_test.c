/* Every error has an exit code, and only success has 0. */
#include "server/exit_code.h"

#include "tests/prelude.h"

static void only_success_is_zero(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of(ERR_OK), 0);
	for (int err = 1; err < ERR_COUNT; err++)
		assert_in_range(exit_code_of((enum err)err), 1, 9);
	assert_int_equal(exit_code_of((enum err)ERR_COUNT), 1);
}

/* Scripts rely on these. */
static void codes_are_fixed(void **state)
{
	static const struct {
		enum err err;
		unsigned code;
	} rows[] = {
		{ERR_NO_MEMORY, 1},
		{ERR_ARGUMENT, 2},
		{ERR_USB_NOT_FOUND, 3},
		{ERR_USB_AMBIGUOUS, 3},
		{ERR_USB_BUSY, 3},
		{ERR_TARGET_NO_LINK, 5},
		{ERR_TARGET_POWER, 5},
		{ERR_FLASH_ERASE, 6},
		{ERR_FLASH_RANGE, 6},
		{ERR_FLASH_VERIFY, 7},
		{ERR_FLASH_PROTECTED, 8},
		{ERR_USB_GONE, 9},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(exit_code_of(rows[i].err), rows[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_success_is_zero),
		cmocka_unit_test(codes_are_fixed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
