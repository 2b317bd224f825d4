/* Buffers: growth, hex, XML. */
#include "server/gdb/buffer.h"

#include "prelude.h"

static void starts_as_an_empty_string(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	assert_string_equal(buffer_string(&buffer), "");
	buffer_add(&buffer, NULL, 0);
	assert_string_equal(buffer_string(&buffer), "");
	buffer_finish(&buffer);
}

static void grows_past_its_first_room(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		buffer_format(&buffer, "%04d", i);
	assert_int_equal(buffer.size, 4000);
	assert_false(buffer.failed);
	assert_memory_equal(buffer.data + 4 * 777, "0777", 4);
	assert_int_equal(buffer.data[4000], '\0');
	buffer_cut(&buffer, 8);
	assert_string_equal(buffer.data, "00000001");
	buffer_finish(&buffer);
}

static void writes_bytes_as_hex(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	buffer_hex(&buffer, "\x00\xff z", 4);
	assert_string_equal(buffer.data, "00ff207a");
	buffer_finish(&buffer);
}

static void escapes_what_xml_reserves(void **state)
{
	struct buffer buffer = {0};

	(void)state;
	buffer_xml(&buffer, "a<b>&\"'\n\xc3\xa4");
	assert_string_equal(buffer.data, "a&lt;b&gt;&amp;&quot;&apos;???");
	buffer_finish(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_as_an_empty_string),
		cmocka_unit_test(grows_past_its_first_room),
		cmocka_unit_test(writes_bytes_as_hex),
		cmocka_unit_test(escapes_what_xml_reserves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
