/* Several accesses in one command: layout, splits, failures in the middle, the way without. */
#include <stdio.h>
#include <string.h>

#include "opened_probe.h"
#include "tests/prelude.h"

#define ITEMS_MAX 1300

/* What the probe is to see of the items, built from the document's words: codes first, one byte
 * each, filled up to a word, then a word for each code. */
struct expected {
	uint8_t out[8000];
	size_t codes, size;
	uint8_t in[10000];
};

static void put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static void build(struct expected *e, const struct probe_item *items, size_t count)
{
	uint8_t codes[2 * ITEMS_MAX + 1];
	uint32_t words[2 * ITEMS_MAX + 1];
	size_t n = 0;

	memset(e, 0, sizeof(*e));
	codes[n] = 5;
	words[n++] = 0;
	for (size_t i = 0; i < count; i++) {
		codes[n] = items[i].write ? 1 : 3;
		words[n++] = items[i].address;
		if (items[i].write) {
			codes[n] = 2;
			words[n++] = items[i].value;
		}
	}
	e->codes = n;
	memcpy(e->out, codes, n);
	e->size = (n + 3) / 4 * 4;
	for (size_t i = 0; i < n; i++, e->size += 4)
		put32(e->out + e->size, words[i]);
	/* Results: what is at an address is its complement; all is well. */
	for (size_t i = 0; i < n; i++) {
		if (codes[i] == 3)
			put32(e->in + 4 * i, ~words[i]);
		put32(e->in + 4 * (n + i), 0x80);
	}
}

static void expect_out(struct script *script, const struct expected *e)
{
	char command[40];

	snprintf(command, sizeof(command), "F2 51 %02x %02x 00 00", (unsigned)e->codes & 0xFF,
		(unsigned)e->codes >> 8);
	script_expect_write(script, command, e->out, e->size);
}

static void expect_batch(struct script *script, const struct expected *e)
{
	expect_out(script, e);
	script_expect_read(script, "F2 52", 8 * e->codes, e->in, 8 * e->codes);
}

static struct expected expected;
static struct probe_item items[ITEMS_MAX];

/* Reads, and a write in each third place. */
static void make_items(size_t count)
{
	for (size_t i = 0; i < count; i++)
		items[i] = (struct probe_item){
			.address = 0x20000000 + 4 * (uint32_t)i,
			.value = 0xC0DE0000 + (uint32_t)i,
			.write = i % 3 == 2,
		};
}

static void assert_values(size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(
			items[i].value, items[i].write ? 0xC0DE0000 + i : ~items[i].address);
}

static void a_batch_has_the_proven_form(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	struct probe_item three[] = {
		{.address = 0xE000EDF0},
		{.address = 0xE000EDF4, .value = 15, .write = true},
		{.address = 0xE000EDF8},
	};
	size_t done = 0;

	script_expect_out(script, "F2 51 05 00 00 00",
		"05 03 01 02 03 00 00 00 00 00 00 00 F0 ED 00 E0 F4 ED 00 E0 0F 00 00 00 "
		"F8 ED 00 E0");
	script_expect_in(script, "F2 52",
		"00 00 00 00 03 00 03 00 00 00 00 00 00 00 00 00 C4 01 00 08 "
		"80 00 00 00 80 00 00 00 80 00 00 00 80 00 00 00 80 00 00 00");
	assert_int_equal(probe_batch(probe, three, 3, &done), ERR_OK);
	assert_int_equal(done, 3);
	assert_int_equal(three[0].value, 0x00030003);
	assert_int_equal(three[1].value, 15);
	assert_int_equal(three[2].value, 0x080001C4);
	close_probe(script, probe, true);
}

static void nothing_is_no_command(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done = 7;

	assert_int_equal(probe_batch(probe, items, 0, &done), ERR_OK);
	assert_int_equal(done, 0);
	close_probe(script, probe, true);
}

static void one_or_two_go_as_words(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	struct probe_item two[] = {
		{.address = 0x20000000},
		{.address = 0x20000004, .value = 5, .write = true},
	};

	script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 01 00 00 00");
	script_expect_in(script, "F2 35 04 00 00 20 05 00 00 00", "80 00");
	assert_int_equal(probe_batch(probe, two, 2, NULL), ERR_OK);
	assert_int_equal(two[0].value, 1);
	close_probe(script, probe, true);
}

static void without_the_command_all_go_as_words(void **state)
{
	(void)state;
	static const char *const firmware[] = {"V2J31M21", "V2J14S4", "V3J1M1"};

	for (size_t k = 0; k < COUNT_OF(firmware); k++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, firmware[k]);
		size_t done;

		make_items(4);
		script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 FF FF FF DF");
		script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 FB FF FF DF");
		script_expect_in(script, "F2 35 08 00 00 20 02 00 DE C0", "80 00");
		script_expect_in(script, "F2 36 0C 00 00 20", "80 00 00 00 F3 FF FF DF");
		assert_int_equal(probe_batch(probe, items, 4, &done), ERR_OK);
		assert_int_equal(done, 4);
		assert_values(4);
		close_probe(script, probe, true);
	}
}

/* 64 codes on a V2: one for the port, 63 for items; here 4 codes for 3 items. */
static void a_v2_splits_at_64_codes(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done;

	make_items(100);
	/* 47 items: 62 codes; the 48th is a write and would need two */
	build(&expected, items, 47);
	assert_int_equal(expected.codes, 63);
	expect_batch(script, &expected);
	build(&expected, items + 47, 47);
	assert_int_equal(expected.codes, 64);
	expect_batch(script, &expected);
	build(&expected, items + 94, 6);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 100, &done), ERR_OK);
	assert_int_equal(done, 100);
	assert_values(100);
	close_probe(script, probe, true);
}

static void a_v3_takes_1227_codes(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V3J7M2");
	size_t done;

	for (size_t i = 0; i < 1228; i++)
		items[i] = (struct probe_item){.address = 0x20000000 + 4 * (uint32_t)i};
	build(&expected, items, 1226);
	assert_int_equal(expected.codes, 1227);
	assert_int_equal(expected.size, 6136);
	expect_batch(script, &expected);
	script_expect_in(script, "F2 36 28 13 00 20", "80 00 00 00 D7 EC FF DF");
	script_expect_in(script, "F2 36 2C 13 00 20", "80 00 00 00 D3 EC FF DF");
	assert_int_equal(probe_batch(probe, items, 1228, &done), ERR_OK);
	assert_int_equal(done, 1228);
	assert_values(1228);
	close_probe(script, probe, true);
}

static void a_probe_that_claims_more_is_not_believed(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 43 00 00", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	script_expect_in(script, "F2 53", "FF FF");
	assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
	for (size_t i = 0; i < ITEMS_MAX; i++)
		items[i] = (struct probe_item){.address = 0x20000000 + 4 * (uint32_t)i};
	build(&expected, items, 1226);
	expect_batch(script, &expected);
	build(&expected, items + 1226, ITEMS_MAX - 1226);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, ITEMS_MAX, NULL), ERR_OK);
	close_probe(script, probe, true);
}

static void a_maximum_too_small_to_use_means_words(void **state)
{
	(void)state;
	static const char *const answers[] = {"00 00", "02 00"};

	for (size_t k = 0; k < COUNT_OF(answers); k++) {
		struct script *script;
		struct probe *probe = opened_probe(&script, "V2J37M26");

		script_expect_in(script, "F2 43 00 00", "80 00");
		script_expect_in(script, "F2 30 A3", "80 00");
		script_expect_in(script, "F2 4B 00", "80 00");
		script_expect_in(script, "F2 53", answers[k]);
		assert_int_equal(probe_enter(probe, 4000, NULL), ERR_OK);
		make_items(3);
		script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 00 00 00 00");
		script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 00 00 00 00");
		script_expect_in(script, "F2 35 08 00 00 20 02 00 DE C0", "80 00");
		assert_int_equal(probe_batch(probe, items, 3, NULL), ERR_OK);
		close_probe(script, probe, true);
	}
}

static void a_probe_that_refuses_batches_is_served_with_words(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done = 0;

	make_items(3);
	script_expect_failure(script, "F2 51 05", ERR_USB_STALL);
	script_expect_drain(script, ERR_OK);
	for (int i = 0; i < 2; i++) {
		script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 FF FF FF DF");
		script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 FB FF FF DF");
		script_expect_in(script, "F2 35 08 00 00 20 02 00 DE C0", "80 00");
		assert_int_equal(probe_batch(probe, items, 3, &done), ERR_OK);
		assert_int_equal(done, 3);
		assert_values(3);
	}
	assert_false(probe_info(probe)->has_batches);
	close_probe(script, probe, true);
}

static void a_slow_clock_makes_short_batches(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J37M26");

	script_expect_in(script, "F2 43 28 00", "80 00"); /* 100 kHz, 98 in truth */
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	script_expect_in(script, "F2 53", "40 00");
	assert_int_equal(probe_enter(probe, 100, NULL), ERR_OK);
	make_items(60);
	for (size_t i = 0; i < 60; i++)
		items[i].write = false;
	/* 213 accesses in 100 ms, 3 to a code */
	build(&expected, items, 60);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 60, NULL), ERR_OK);

	script_expect_in(script, "F2 43 4F 00", "80 00"); /* 50 kHz: 108 accesses */
	script_expect_in(script, "F2 30 A3", "80 00");
	script_expect_in(script, "F2 4B 00", "80 00");
	assert_int_equal(probe_enter(probe, 50, NULL), ERR_OK);
	build(&expected, items, 35);
	expect_batch(script, &expected);
	build(&expected, items + 35, 25);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 60, NULL), ERR_OK);
	close_probe(script, probe, true);
}

/* ---- failures ---- */

static void expect_clearing(struct script *script)
{
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 20 00 00 F0");
	script_expect_in(script, "F2 46 FF FF 00 00 1E 00 00 00", "80 00");
}

/* Items 0 to 9; each of their codes fails in turn. */
static void a_failure_stops_at_its_item(void **state)
{
	(void)state;
	static const size_t item_of_code[] = {0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9};

	for (size_t failing = 0; failing < COUNT_OF(item_of_code); failing++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, "V2J37M26");
		size_t done = 99;

		make_items(10);
		build(&expected, items, 10);
		assert_int_equal(expected.codes, 1 + COUNT_OF(item_of_code));
		/* all later ones fail with it */
		for (size_t code = 1 + failing; code < expected.codes; code++)
			put32(expected.in + 4 * (expected.codes + code), 0x11);
		expect_batch(script, &expected);
		expect_clearing(script);
		assert_int_equal(probe_batch(probe, items, 10, &done), ERR_TARGET_FAULT);
		assert_int_equal(done, item_of_code[failing]);
		assert_values(done);
		close_probe(script, probe, true);
	}
}

/* Items 2 and 5 are writes. The firmware goes on after item 1, so that they were made. */
static void a_busy_target_is_not_written_again(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V3J7M2");
	size_t done;

	make_items(6);
	build(&expected, items, 6);
	put32(expected.in + 4 * (expected.codes + 2), 0x10);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_TARGET_WAIT);
	assert_int_equal(done, 1);
	assert_int_equal(script_take_sleeps(script, NULL, 0), 0);
	close_probe(script, probe, true);
}

/* Item 3 is busy; of what comes after it, only item 4, a read, may have been made. */
static void a_busy_target_is_asked_again_from_there(void **state)
{
	(void)state;
	static const uint8_t after[] = {0x10, 0x14, 0x80};

	for (size_t k = 0; k < COUNT_OF(after); k++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, "V2J37M26");
		size_t done;

		make_items(6);
		build(&expected, items, 6);
		put32(expected.in + 4 * (expected.codes + 5), 0x10);
		put32(expected.in + 4 * (expected.codes + 6), after[k]);
		put32(expected.in + 4 * (expected.codes + 7), 0x10);
		put32(expected.in + 4 * (expected.codes + 8), 0x10);
		expect_batch(script, &expected);
		script_expect_in(script, "F2 36 0C 00 00 20", "14 00 00 00 00 00 00 00");
		script_expect_in(script, "F2 36 0C 00 00 20", "80 00 00 00 F3 FF FF DF");
		script_expect_in(script, "F2 36 10 00 00 20", "80 00 00 00 EF FF FF DF");
		script_expect_in(script, "F2 35 14 00 00 20 05 00 DE C0", "80 00");
		assert_int_equal(probe_batch(probe, items, 6, &done), ERR_OK);
		assert_int_equal(done, 6);
		assert_values(6);
		assert_int_equal(script_take_sleeps(script, NULL, 0), 1);
		close_probe(script, probe, true);
	}
}

static void a_verify_error_is_no_failure(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done;

	make_items(6);
	build(&expected, items, 6);
	put32(expected.in + 4 * (expected.codes + 4), 0x0D);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_OK);
	assert_int_equal(done, 6);
	close_probe(script, probe, true);
}

static void a_port_that_cannot_be_selected_fails_all(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done = 9;

	make_items(6);
	build(&expected, items, 6);
	put32(expected.in + 4 * expected.codes, 0x1D);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_PROBE_PROTOCOL);
	assert_int_equal(done, 0);
	close_probe(script, probe, true);
}

static void a_failure_keeps_what_earlier_commands_did(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done;

	make_items(100);
	build(&expected, items, 47);
	expect_batch(script, &expected);
	build(&expected, items + 47, 47);
	put32(expected.in + 4 * (expected.codes + 5), 0x05);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 100, &done), ERR_TARGET_NO_LINK);
	/* items 47 (a write), 48, 49 are codes 1 to 4; code 5 is the address of 50, a write */
	assert_int_equal(done, 50);
	assert_values(50);
	close_probe(script, probe, true);
}

static void words_stop_at_the_first_failure_too(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J25S4");
	size_t done;

	make_items(5);
	script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 FF FF FF DF");
	script_expect_in(script, "F2 36 04 00 00 20", "11 00 00 00 00 00 00 00");
	expect_clearing(script);
	assert_int_equal(probe_batch(probe, items, 5, &done), ERR_TARGET_FAULT);
	assert_int_equal(done, 1);
	close_probe(script, probe, true);
}

static void usb_errors_are_told_in_either_half(void **state)
{
	(void)state;
	static const enum err errors[] = {ERR_USB_TIMEOUT, ERR_USB_STALL, ERR_USB_GONE};

	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		/* The first half refused is another story, told above. */
		for (int half = errors[i] == ERR_USB_STALL; half < 2; half++) {
			struct script *script;
			struct probe *probe = entered_probe(&script, "V2J37M26");
			bool gone = errors[i] == ERR_USB_GONE;
			size_t done = 9;

			make_items(6);
			build(&expected, items, 6);
			if (half)
				expect_out(script, &expected);
			script_expect_failure(
				script, half ? "F2 52" : "F2 51 09 00 00 00", errors[i]);
			assert_int_equal(probe_batch(probe, items, 6, &done), errors[i]);
			assert_int_equal(done, 0);
			if (!gone)
				script_expect_drain(script, ERR_OK);
			close_probe(script, probe, !gone);
		}
	}
}

static void results_that_are_cut_off_make_no_sense(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done = 9;

	make_items(6);
	build(&expected, items, 6);
	expect_out(script, &expected);
	script_expect_read(
		script, "F2 52", 8 * expected.codes, expected.in, 8 * expected.codes - 4);
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_PROBE_PROTOCOL);
	assert_int_equal(done, 0);
	script_expect_drain(script, ERR_OK);
	close_probe(script, probe, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_has_the_proven_form),
		cmocka_unit_test(nothing_is_no_command),
		cmocka_unit_test(one_or_two_go_as_words),
		cmocka_unit_test(without_the_command_all_go_as_words),
		cmocka_unit_test(a_v2_splits_at_64_codes),
		cmocka_unit_test(a_v3_takes_1227_codes),
		cmocka_unit_test(a_probe_that_claims_more_is_not_believed),
		cmocka_unit_test(a_maximum_too_small_to_use_means_words),
		cmocka_unit_test(a_probe_that_refuses_batches_is_served_with_words),
		cmocka_unit_test(a_slow_clock_makes_short_batches),
		cmocka_unit_test(a_failure_stops_at_its_item),
		cmocka_unit_test(a_busy_target_is_not_written_again),
		cmocka_unit_test(a_busy_target_is_asked_again_from_there),
		cmocka_unit_test(a_verify_error_is_no_failure),
		cmocka_unit_test(a_port_that_cannot_be_selected_fails_all),
		cmocka_unit_test(a_failure_keeps_what_earlier_commands_did),
		cmocka_unit_test(words_stop_at_the_first_failure_too),
		cmocka_unit_test(usb_errors_are_told_in_either_half),
		cmocka_unit_test(results_that_are_cut_off_make_no_sense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
