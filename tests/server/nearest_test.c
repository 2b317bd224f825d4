/* Which word was meant. */
#include "server/nearest.h"

#include "tests/prelude.h"

static const char *const words[] = {"virtual", "version", "verbose", "serial", "list", "listen"};

#define COUNT (sizeof(words) / sizeof(words[0]))

static void a_slip_is_understood(void **state)
{
	(void)state;
	assert_int_equal(nearest_word("virtul", words, COUNT), 0);
	assert_int_equal(nearest_word("VERSION", words, COUNT), 1);
	assert_int_equal(nearest_word("verbos", words, COUNT), 2);
	assert_int_equal(nearest_word("seriall", words, COUNT), 3);
	assert_int_equal(nearest_word("lists", words, COUNT), 4);
	assert_int_equal(nearest_word("lisen", words, COUNT), 5);
}

static void nonsense_is_not(void **state)
{
	(void)state;
	assert_int_equal(nearest_word("xyzzy", words, COUNT), COUNT);
	assert_int_equal(nearest_word("", words, COUNT), COUNT);
	assert_int_equal(nearest_word("v", words, COUNT), COUNT);
	assert_int_equal(
		nearest_word("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			words, COUNT),
		COUNT);
	assert_int_equal(nearest_word("list", words, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_is_understood),
		cmocka_unit_test(nonsense_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
