/* JSON lines: what is written is what a parser may read, whatever the values are. */
#include "server/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/prelude.h"

#define SIZE ((size_t)2 * EVENT_MAX + 1)

/* What the event is as a line, at most EVENT_MAX. */
static void expect(struct event *event, const char *line)
{
	char got[EVENT_MAX + 1];
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	const struct events events = {pipes[1]};
	event_end(event, &events);
	ssize_t size = read(pipes[0], got, sizeof(got) - 1);
	assert_true(size > 0);
	got[size] = '\0';
	if (line)
		assert_string_equal(got, line);
	assert_int_equal(got[size - 1], '\n');
	assert_null(memchr(got, '\n', (size_t)size - 1));
	close(pipes[0]);
	close(pipes[1]);
}

static void values_are_written_in_order(void **state)
{
	struct event event;

	(void)state;
	event_begin(&event, "halt");
	event_number(&event, "signal", 5);
	event_address(&event, "pc", 0x080010a4);
	event_string(&event, "reason", "breakpoint");
	expect(&event, "{\"event\":\"halt\",\"signal\":5,\"pc\":\"0x080010a4\","
		       "\"reason\":\"breakpoint\"}\n");
}

static void values_of_an_object_are_in_it(void **state)
{
	struct event event;

	(void)state;
	event_begin(&event, "diagnosis");
	event_object_begin(&event, "evidence");
	event_number(&event, "vdd_mv", 3300);
	event_address(&event, "FLASH_SR", 0x10000);
	event_object_end(&event);
	event_object_begin(&event, "nothing");
	event_object_end(&event);
	event_string(&event, "remedy", "none");
	expect(&event, "{\"event\":\"diagnosis\",\"evidence\":{\"vdd_mv\":3300,"
		       "\"FLASH_SR\":\"0x00010000\"},\"nothing\":{},\"remedy\":\"none\"}\n");
}

static void strings_are_escaped(void **state)
{
	struct event event;

	(void)state;
	event_begin(&event, "x");
	event_string(&event, "a", "q\" b\\ n\n d\x7f \xc3\xa9 \xff \xed\xa0\x80 \xe2\x82");
	expect(&event, "{\"event\":\"x\",\"a\":\"q\\\" b\\\\ n\\u000a d\\u007f \xc3\xa9 ? ??? "
		       "??\"}\n");
}

/* The line is closed however long the values are. */
static void what_does_not_fit_is_cut(void **state)
{
	static const char *const fillers[] = {"x", "\"", "\n", "\xc3\xa9"};
	char *text = calloc(1, SIZE);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 4; i++) {
		struct event event;
		size_t length = strlen(fillers[i]);
		for (size_t at = 0; at + length < SIZE; at += length)
			memcpy(text + at, fillers[i], length);
		event_begin(&event, "x");
		event_string(&event, "a", text);
		event_string(&event, "b", text);
		event_number(&event, "c", 7);
		assert_true(event.size < EVENT_MAX);
		expect(&event, NULL);
		assert_memory_equal(event.line + event.size - 3, "\"}\n", 3);

		event_begin(&event, "x");
		event_object_begin(&event, "o");
		event_string(&event, "a", text);
		event_number(&event, "b", 7);
		event_object_end(&event);
		event_object_begin(&event, "p");
		event_number(&event, "c", 7);
		event_object_end(&event);
		assert_true(event.size < EVENT_MAX);
		expect(&event, NULL);
		assert_memory_equal(event.line + event.size - 4, "\"}}\n", 4);
	}
	free(text);
}

static void nobody_has_to_listen(void **state)
{
	struct event event;

	(void)state;
	event_begin(&event, "x");
	event_end(&event, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_written_in_order),
		cmocka_unit_test(values_of_an_object_are_in_it),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(what_does_not_fit_is_cut),
		cmocka_unit_test(nobody_has_to_listen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
