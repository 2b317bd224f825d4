/* The ring of records: the latest are there, whole and in order, however it wraps. */
#include "server/journal.h"

#include <string.h>

#include "tests/prelude.h"

static struct journal_reader reader;

static void what_was_added_is_read_in_order(void **state)
{
	struct journal *journal = journal_create(1000);

	(void)state;
	journal_add(journal, 5, '<', "abc", 3);
	journal_add(journal, 6, '>', NULL, 0);
	journal_read(&reader, journal);
	assert_true(journal_next(&reader));
	assert_int_equal(reader.record.time_us, 5);
	assert_int_equal(reader.record.kind, '<');
	assert_int_equal(reader.record.size, 3);
	assert_memory_equal(reader.record.data, "abc", 3);
	assert_true(journal_next(&reader));
	assert_int_equal(reader.record.kind, '>');
	assert_int_equal(reader.record.size, 0);
	assert_false(journal_next(&reader));
	journal_destroy(journal);
}

/* Every size of ring, records of every length: what is there is a whole end of what was added. */
static void the_oldest_go_first(void **state)
{
	(void)state;
	for (size_t size = 64; size < 400; size += 7) {
		struct journal *journal = journal_create(size);
		for (unsigned i = 0; i < 200; i++) {
			uint8_t data[40];
			memset(data, (int)i, sizeof(data));
			journal_add(journal, i, 'x', data, i % 41);
		}
		unsigned expected = 0;
		journal_read(&reader, journal);
		while (journal_next(&reader)) {
			unsigned i = (unsigned)reader.record.time_us;
			assert_true(expected == 0 || i == expected);
			assert_int_equal(reader.record.size, i % 41);
			for (size_t k = 0; k < reader.record.size; k++)
				assert_int_equal(reader.record.data[k], i);
			expected = i + 1;
		}
		assert_int_equal(expected, 200);
		journal_destroy(journal);
	}
}

static void long_records_are_cut(void **state)
{
	static uint8_t data[JOURNAL_DATA_MAX + 10];
	struct journal *journal = journal_create(sizeof(data) + 100);

	(void)state;
	journal_add(journal, 1, 'x', data, sizeof(data));
	journal_read(&reader, journal);
	assert_true(journal_next(&reader));
	assert_int_equal(reader.record.size, JOURNAL_DATA_MAX);
	assert_int_equal(reader.record.whole, sizeof(data));
	journal_destroy(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_read_in_order),
		cmocka_unit_test(the_oldest_go_first),
		cmocka_unit_test(long_records_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
