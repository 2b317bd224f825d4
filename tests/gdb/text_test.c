/* Texts: growth, hex, XML. */
#include "server/gdb/text.h"

#include "desk.h"
#include "tests/prelude.h"

static void starts_as_an_empty_string(void **state)
{
	struct text text = {0};

	(void)state;
	assert_string_equal(text_string(&text), "");
	text_add_bytes(&text, NULL, 0);
	assert_string_equal(text_string(&text), "");
	text_finish(&text);
}

static void grows_past_its_first_room(void **state)
{
	struct text text = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		text_format(&text, "%04d", i);
	assert_int_equal(text.size, 4000);
	assert_false(text.failed);
	assert_memory_equal(text.data + 3108, "0777", 4);
	assert_int_equal(text.data[4000], '\0');
	text_cut(&text, 8);
	assert_string_equal(text.data, "00000001");
	text_finish(&text);
}

static void writes_bytes_as_hex(void **state)
{
	struct text text = {0};

	(void)state;
	text_add_hex(&text, "\x00\xff z", 4);
	assert_string_equal(text.data, "00ff207a");
	text_finish(&text);
}

static void escapes_what_xml_reserves(void **state)
{
	struct text text = {0};

	(void)state;
	text_add_xml(&text, "a<b>&\"'\n\xc3\xa4");
	assert_string_equal(text.data, "a&lt;b&gt;&amp;&quot;&apos;???");
	text_finish(&text);
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
