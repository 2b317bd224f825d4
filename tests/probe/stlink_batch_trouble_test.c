/* Several accesses in one command that fail: in their midst, at a busy target, or altogether. */
#include "batch_script.h"
#include "opened_probe.h"
#include "tests/prelude.h"

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
		struct probe *probe = proved_probe(&script, "V2J37M26");
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

/* From `code` on nothing was done. */
static void put_busy(struct expected *e, size_t code, uint8_t status)
{
	for (; code < e->codes; code++)
		put32(e->in + 4 * (e->codes + code), status);
}

/* make_items(6): codes 1, 2 are reads, 3 and 4 a write, 5 and 6 reads, 7 and 8 a write. The item is
 * asked for alone, with patience, and those after it in another batch. */
static void what_was_busy_and_what_follows_is_asked_again(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = proved_probe(&script, "V3J7M2");
	size_t done;

	make_items(6);
	build(&expected, items, 6);
	put_busy(&expected, 2, 0x10);
	expect_batch(script, &expected);
	script_expect_in(script, "F2 36 04 00 00 20", "10 00 00 00 00 00 00 00");
	script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 FB FF FF DF");
	build(&expected, items + 2, 4);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_OK);
	assert_int_equal(done, 6);
	assert_values(6);
	assert_int_equal(script_take_sleeps(script, NULL, 0), 1);
	close_probe(script, probe, true);
}

/* A write whose address was set, and a V3 that goes over to AP FAULT while it stays busy. */
static void a_write_that_was_busy_is_asked_again(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = proved_probe(&script, "V3J7M2");
	size_t done;

	make_items(6);
	build(&expected, items, 6);
	put_busy(&expected, 4, 0x11);
	put32(expected.in + 4 * (expected.codes + 4), 0x14);
	put32(expected.in + 4 * (expected.codes + 7), 0x80);
	expect_batch(script, &expected);
	script_expect_in(script, "F2 35 08 00 00 20 02 00 DE C0", "80 00");
	build(&expected, items + 3, 3);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_OK);
	assert_int_equal(done, 6);
	assert_values(6);
	close_probe(script, probe, true);
}

static void a_target_that_stays_busy_fails_at_the_item(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = proved_probe(&script, "V2J37M26");
	size_t done;

	make_items(6);
	build(&expected, items, 6);
	put_busy(&expected, 2, 0x10);
	expect_batch(script, &expected);
	for (int i = 0; i < 10; i++)
		script_expect_in(script, "F2 36 04 00 00 20", "10 00 00 00 00 00 00 00");
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_TARGET_WAIT);
	assert_int_equal(done, 1);
	close_probe(script, probe, true);
}

/* Item 3 is busy; of what comes after it, only item 4, a read, may have been made. */
static void a_busy_target_is_asked_again_from_there(void **state)
{
	(void)state;
	static const uint8_t after[] = {0x10, 0x14, 0x80};

	for (size_t k = 0; k < COUNT_OF(after); k++) {
		struct script *script;
		struct probe *probe = proved_probe(&script, "V2J37M26");
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

/* Items 2 and 5 are writes. The firmware goes on after item 1, so that they were made. */
static void a_busy_target_is_not_written_again(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = proved_probe(&script, "V3J7M2");
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

/* A data register may have given its byte away: where it was busy, and where it was read after
 * another that was. */
static void a_device_is_not_read_again(void **state)
{
	(void)state;
	for (size_t device = 0; device < 2; device++) {
		struct script *script;
		struct probe *probe = proved_probe(&script, "V2J37M26");
		size_t done;

		make_items(6);
		items[device].address = 0x40011004;
		items[2].write = false;
		build(&expected, items, 5);
		put_busy(&expected, 1, 0x10);
		put32(expected.in + 4 * (expected.codes + 2), device ? 0x80 : 0x10);
		expect_batch(script, &expected);
		assert_int_equal(probe_batch(probe, items, 5, &done), ERR_TARGET_WAIT);
		assert_int_equal(done, 0);
		close_probe(script, probe, true);
	}
}

/* ---- the proof ---- */

static void expect_words_of(struct script *script, struct probe *probe)
{
	size_t done;

	make_items(3);
	script_expect_in(script, "F2 36 00 00 00 20", "80 00 00 00 FF FF FF DF");
	script_expect_in(script, "F2 36 04 00 00 20", "80 00 00 00 FB FF FF DF");
	script_expect_in(script, "F2 35 08 00 00 20 02 00 DE C0", "80 00");
	assert_int_equal(probe_batch(probe, items, 3, &done), ERR_OK);
	assert_int_equal(done, 3);
	assert_values(3);
	assert_false(probe_info(probe)->has_batches);
	close_probe(script, probe, true);
}

/* A wrong value, a status that says no, an answer that is cut off, none at all. */
static void batches_that_read_something_else_are_not_used(void **state)
{
	(void)state;
	static const char *const answers[] = {
		"00 00 00 00 41 C2 0F 41 00 00 00 00 41 C2 0F 41 "
		"80 00 00 00 80 00 00 00 80 00 00 00 80 00 00 00",
		"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
		"42 00 00 00 42 00 00 00 42 00 00 00 42 00 00 00",
	};
	static const uint8_t refusal[] = {0x42, 0x00};

	for (size_t i = 0; i < COUNT_OF(answers) + 2; i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, "V2J37M26");

		expect_single_cpuid(script);
		expect_proof_out(script);
		if (i < COUNT_OF(answers))
			script_expect_in(script, "F2 52", answers[i]);
		else if (i == COUNT_OF(answers))
			script_expect_read(script, "F2 52", 32, refusal, sizeof(refusal));
		else
			script_expect_failure(script, "F2 52", ERR_USB_TIMEOUT);
		if (i >= COUNT_OF(answers))
			script_expect_drain(script, ERR_OK);
		expect_words_of(script, probe);
	}
}

/* Then it is no proof, and the next batch begins with another. */
static void a_target_out_of_reach_proves_nothing(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	size_t done;

	make_items(6);
	expect_single_cpuid(script);
	expect_proof_out(script);
	script_expect_in(script, "F2 52",
		"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
		"80 00 00 00 05 00 00 00 05 00 00 00 05 00 00 00");
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_TARGET_NO_LINK);
	assert_int_equal(done, 0);
	expect_proof(script);
	build(&expected, items, 6);
	expect_batch(script, &expected);
	assert_int_equal(probe_batch(probe, items, 6, &done), ERR_OK);
	assert_values(6);
	close_probe(script, probe, true);
}

static void a_verify_error_is_no_failure(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = proved_probe(&script, "V2J37M26");
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
	struct probe *probe = proved_probe(&script, "V2J37M26");
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
	struct probe *probe = proved_probe(&script, "V2J37M26");
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
			struct probe *probe = proved_probe(&script, "V2J37M26");
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
	struct probe *probe = proved_probe(&script, "V2J37M26");
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
		cmocka_unit_test(a_failure_stops_at_its_item),
		cmocka_unit_test(what_was_busy_and_what_follows_is_asked_again),
		cmocka_unit_test(a_write_that_was_busy_is_asked_again),
		cmocka_unit_test(a_target_that_stays_busy_fails_at_the_item),
		cmocka_unit_test(a_busy_target_is_asked_again_from_there),
		cmocka_unit_test(a_busy_target_is_not_written_again),
		cmocka_unit_test(a_device_is_not_read_again),
		cmocka_unit_test(batches_that_read_something_else_are_not_used),
		cmocka_unit_test(a_target_out_of_reach_proves_nothing),
		cmocka_unit_test(a_verify_error_is_no_failure),
		cmocka_unit_test(a_port_that_cannot_be_selected_fails_all),
		cmocka_unit_test(a_failure_keeps_what_earlier_commands_did),
		cmocka_unit_test(words_stop_at_the_first_failure_too),
		cmocka_unit_test(usb_errors_are_told_in_either_half),
		cmocka_unit_test(results_that_are_cut_off_make_no_sense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
