/* The byte queue: order, growth, moving, and giving memory back. */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

static void put(struct buffer *buffer, uint8_t first, size_t size)
{
	uint8_t *room = buffer_reserve(buffer, size);

	assert_non_null(room);
	for (size_t i = 0; i < size; i++)
		room[i] = (uint8_t)(first + i);
	buffer_commit(buffer, size);
}

static void take(struct buffer *buffer, uint8_t first, size_t size)
{
	assert_true(buffer_size(buffer) >= size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(buffer_front(buffer)[i], (uint8_t)(first + i));
	buffer_consume(buffer, size);
}

static void comes_out_as_it_went_in(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	assert_int_equal(buffer_size(&buffer), 0);
	put(&buffer, 1, 3);
	put(&buffer, 4, 3);
	assert_int_equal(buffer_size(&buffer), 6);
	take(&buffer, 1, 5);
	take(&buffer, 6, 1);
	assert_int_equal(buffer_size(&buffer), 0);
	buffer_finish(&buffer);
}

static void what_is_reserved_counts_when_it_is_committed(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	assert_non_null(buffer_reserve(&buffer, 100));
	assert_int_equal(buffer_size(&buffer), 0);
	buffer_commit(&buffer, 0);
	put(&buffer, 9, 1);
	take(&buffer, 9, 1);
	buffer_finish(&buffer);
}

/* Always some bytes behind: what was consumed makes room, and the memory stays small. */
static void uses_the_room_at_the_front_again(void **state)
{
	struct buffer buffer = {0};
	uint8_t in = 0;
	uint8_t out = 0;

	(void)state;
	put(&buffer, in, 100);
	in += 100;
	for (int i = 0; i < 1000; i++) {
		put(&buffer, in, 70);
		in += 70;
		take(&buffer, out, 70);
		out += 70;
	}
	assert_int_equal(buffer_size(&buffer), 100);
	assert_true(buffer.capacity <= 1024);
	buffer_finish(&buffer);
}

static void grows_as_needed(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	put(&buffer, 1, 10);
	take(&buffer, 1, 7);
	put(&buffer, 11, 300000);
	take(&buffer, 8, 3);
	take(&buffer, 11, 300000);
	assert_null(buffer.bytes); /* a long one gives its memory back */
	put(&buffer, 1, 10);
	take(&buffer, 1, 10);
	assert_non_null(buffer.bytes); /* a short one keeps it for the next */
	buffer_finish(&buffer);
}

static void a_failure_stays(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	put(&buffer, 1, 3);
	buffer.failed = true;
	assert_null(buffer_reserve(&buffer, 1));
	take(&buffer, 1, 3);
	assert_null(buffer_reserve(&buffer, 1));
	buffer_finish(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_out_as_it_went_in),
		cmocka_unit_test(what_is_reserved_counts_when_it_is_committed),
		cmocka_unit_test(uses_the_room_at_the_front_again),
		cmocka_unit_test(grows_as_needed),
		cmocka_unit_test(a_failure_stays),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
