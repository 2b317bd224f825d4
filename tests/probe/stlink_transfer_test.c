/* Retries and their timing, time limits, stale replies, unplugging, replies that are too short. */
#include "opened_probe.h"
#include "probe/log.h"
#include "tests/prelude.h"

#define READ_AT_0 "F2 36 00 00 00 20"
#define BUSY      "10 00 00 00 00 00 00 00"
#define DP_BUSY   "14 00 00 00 00 00 00 00"
#define FAULT     "11 00 00 00 00 00 00 00"
#define FINE      "80 00 00 00 01 00 00 00"

static void expect_clearing(struct script *script)
{
	script_expect_in(script, "F2 45 FF FF 04 00", "80 00 00 00 00 00 00 F0");
	script_expect_in(script, "F2 46 FF FF 00 00 1E 00 00 00", "80 00");
}

static enum err read_at_0(struct probe *probe)
{
	uint32_t value;
	return probe_read_word(probe, 0x20000000, &value);
}

static void a_busy_target_is_asked_again_with_back_off(void **state)
{
	(void)state;
	static const uint64_t expected[] = {1000, 2000, 4000, 8000};
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint64_t sleeps[8];

	script_expect_in(script, READ_AT_0, BUSY);
	script_expect_in(script, READ_AT_0, DP_BUSY);
	script_expect_in(script, READ_AT_0, BUSY);
	script_expect_in(script, READ_AT_0, BUSY);
	script_expect_in(script, READ_AT_0, FINE);
	assert_int_equal(read_at_0(probe), ERR_OK);
	assert_int_equal(script_take_sleeps(script, sleeps, 8), 4);
	assert_memory_equal(sleeps, expected, sizeof(expected));
	close_probe(script, probe, true);
}

static void a_target_that_stays_busy_is_given_up_after_300_ms(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint64_t sleeps[16], total = 0;

	for (int i = 0; i < 10; i++)
		script_expect_in(script, READ_AT_0, BUSY);
	uint64_t start = probe_now_us(probe);
	assert_int_equal(read_at_0(probe), ERR_TARGET_WAIT);
	assert_int_equal(probe_now_us(probe) - start, 300000);
	size_t count = script_take_sleeps(script, sleeps, 16);
	assert_int_equal(count, 9);
	for (size_t i = 0; i < count; i++)
		total += sleeps[i];
	assert_int_equal(total, 300000);
	close_probe(script, probe, true);
}

static void the_300_ms_include_the_commands_themselves(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	script_set_command_us(script, 100000);
	for (int i = 0; i < 3; i++)
		script_expect_in(script, READ_AT_0, BUSY);
	assert_int_equal(read_at_0(probe), ERR_TARGET_WAIT);
	assert_int_equal(script_take_sleeps(script, NULL, 0), 2);
	close_probe(script, probe, true);
}

static void on_a_v3_a_fault_after_a_wait_is_still_a_wait(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V3J7M2");

	script_expect_in(script, READ_AT_0, BUSY);
	script_expect_in(script, READ_AT_0, FAULT);
	script_expect_in(script, READ_AT_0, FAULT);
	script_expect_in(script, READ_AT_0, FINE);
	assert_int_equal(read_at_0(probe), ERR_OK);

	/* At the end of its patience it says busy, not fault. */
	script_set_command_us(script, 200000);
	script_expect_in(script, READ_AT_0, BUSY);
	script_expect_in(script, READ_AT_0, FAULT);
	assert_int_equal(read_at_0(probe), ERR_TARGET_WAIT);

	/* Without a WAIT before it, it is one. */
	script_set_command_us(script, 0);
	script_expect_in(script, READ_AT_0, FAULT);
	expect_clearing(script);
	assert_int_equal(read_at_0(probe), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

static void on_a_v2_a_fault_after_a_wait_is_a_fault(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	script_expect_in(script, READ_AT_0, BUSY);
	script_expect_in(script, READ_AT_0, FAULT);
	expect_clearing(script);
	assert_int_equal(read_at_0(probe), ERR_TARGET_FAULT);
	close_probe(script, probe, true);
}

/* ---- USB ---- */

static void usb_errors_are_not_retried_and_leave_a_drain_behind(void **state)
{
	(void)state;
	static const enum err errors[] = {ERR_USB_TIMEOUT, ERR_USB_STALL, ERR_USB_IO};

	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, "V2J37M26");

		script_expect_failure(script, READ_AT_0, errors[i]);
		assert_int_equal(read_at_0(probe), errors[i]);
		/* The reply may come yet: it must not be taken for the next one. */
		script_expect_drain(script, ERR_OK);
		script_expect_in(script, READ_AT_0, FINE);
		assert_int_equal(read_at_0(probe), ERR_OK);
		script_expect_in(script, READ_AT_0, FINE);
		assert_int_equal(read_at_0(probe), ERR_OK);
		close_probe(script, probe, true);
	}
}

static void a_drain_that_fails_is_tried_again(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	script_expect_failure(script, READ_AT_0, ERR_USB_TIMEOUT);
	assert_int_equal(read_at_0(probe), ERR_USB_TIMEOUT);
	script_expect_drain(script, ERR_USB_IO);
	assert_int_equal(read_at_0(probe), ERR_USB_IO);
	script_expect_drain(script, ERR_OK);
	script_expect_in(script, READ_AT_0, FINE);
	assert_int_equal(read_at_0(probe), ERR_OK);
	close_probe(script, probe, true);
}

static void an_unplugged_probe_stays_gone(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");

	script_expect_failure(script, READ_AT_0, ERR_USB_GONE);
	assert_int_equal(read_at_0(probe), ERR_USB_GONE);
	assert_int_equal(read_at_0(probe), ERR_USB_GONE);
	assert_int_equal(probe_leave(probe), ERR_USB_GONE);
	close_probe(script, probe, false);
}

static void a_reply_that_is_too_short_makes_no_sense(void **state)
{
	(void)state;
	static const struct {
		uint8_t reply[7];
		size_t size;
		enum err err;
	} rows[] = {
		{{0}, 0, ERR_PROBE_PROTOCOL},
		{{0x80}, 1, ERR_PROBE_PROTOCOL},
		{{0x80, 0}, 2, ERR_PROBE_PROTOCOL},
		{{0x80, 0, 0, 0, 1, 2, 3}, 7, ERR_PROBE_PROTOCOL},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, "V2J37M26");

		script_expect_read(script, READ_AT_0, 8, rows[i].reply, rows[i].size);
		assert_int_equal(read_at_0(probe), rows[i].err);
		script_expect_drain(script, ERR_OK);
		close_probe(script, probe, true);
	}
}

static void an_error_may_be_cut_down_to_its_status(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	const uint8_t no_link[2] = {0x05, 0}, busy[2] = {0x10, 0};

	script_expect_read(script, READ_AT_0, 8, no_link, 2);
	assert_int_equal(read_at_0(probe), ERR_TARGET_NO_LINK);
	script_expect_read(script, READ_AT_0, 8, busy, 2);
	script_expect_in(script, READ_AT_0, FINE);
	assert_int_equal(read_at_0(probe), ERR_OK);
	close_probe(script, probe, true);
}

/* ---- time limits: 500 ms and three times what the transfer should take ---- */

static void limits_follow_the_modelled_time(void **state)
{
	(void)state;
	static const struct {
		const char *firmware;
		unsigned low_ms, high_ms;
	} rows[] = {
		/* 1536 words: 46 clocks each at 2,360 kHz make 30 ms, USB 6.5 ms */
		{"V2J37M26", 500 + 3 * 36, 500 + 3 * 38},
		/* 6.3 us each make 9.7 ms */
		{"V3J7M2", 500 + 3 * 15, 500 + 3 * 18},
	};
	static uint8_t data[6144];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct script *script;
		struct probe *probe = entered_probe(&script, rows[i].firmware);

		script_expect_failure(script, "F2 07 00 00 00 20 00 18", ERR_USB_TIMEOUT);
		assert_int_equal(
			probe_read(probe, 4, 0x20000000, data, sizeof(data)), ERR_USB_TIMEOUT);
		assert_in_range(script_last_timeout_ms(script), rows[i].low_ms, rows[i].high_ms);
		script_expect_drain(script, ERR_OK);
		script_expect_in(script, READ_AT_0, FINE);
		assert_int_equal(read_at_0(probe), ERR_OK);
		assert_in_range(script_last_timeout_ms(script), 501, 505);
		close_probe(script, probe, true);
	}
}

static void a_slow_clock_gets_more_time(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = opened_probe(&script, "V2J25S4");
	uint32_t values[PROBE_CORE_REGISTERS];

	script_expect_in(script, "F2 43 1E 03", "80 00");
	script_expect_in(script, "F2 30 A3", "80 00");
	assert_int_equal(probe_enter(probe, 5, NULL), ERR_OK);
	/* 50 words of 9.2 ms */
	assert_in_range(script_last_timeout_ms(script), 500 + 3 * 460, 500 + 3 * 462);
	script_expect_failure(script, "F2 3A", ERR_USB_TIMEOUT);
	assert_int_equal(probe_read_registers(probe, values), ERR_USB_TIMEOUT);
	assert_true(script_last_timeout_ms(script) > 500 + 3 * 9 * 21 * 2);
	script_expect_drain(script, ERR_OK);
	close_probe(script, probe, true);
}

static void unaligned_blocks_are_refused_at_the_door(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J37M26");
	uint8_t data[8] = {0};

	assert_int_equal(probe_read(probe, 4, 0x20000002, data, 4), ERR_ARGUMENT);
	assert_int_equal(probe_read(probe, 4, 0x20000000, data, 6), ERR_ARGUMENT);
	assert_int_equal(probe_write(probe, 2, 0x20000001, data, 2), ERR_ARGUMENT);
	assert_int_equal(probe_write(probe, 3, 0x20000000, data, 3), ERR_ARGUMENT);
	assert_int_equal(probe_write(probe, 0, 0x20000000, data, 4), ERR_ARGUMENT);
	/* Nothing to do is no command: a V3 hangs on an empty data phase. */
	assert_int_equal(probe_read(probe, 4, 0x20000000, data, 0), ERR_OK);
	assert_int_equal(probe_write(probe, 1, 0x20000000, data, 0), ERR_OK);
	close_probe(script, probe, true);
}

/* ---- messages ---- */

static void count_warnings(void *context, enum log_level level, const char *text)
{
	(void)text;
	if (level <= LOG_WARN)
		++*(unsigned *)context;
}

static void what_keeps_failing_is_warned_of_once(void **state)
{
	(void)state;
	struct script *script;
	struct probe *probe = entered_probe(&script, "V2J25S4");
	unsigned warnings = 0;

	log_listen(count_warnings, &warnings);
	for (int i = 0; i < 3; i++) {
		script_expect_in(script, READ_AT_0, "05 00 00 00 00 00 00 00");
		assert_int_equal(read_at_0(probe), ERR_TARGET_NO_LINK);
		script_expect_failure(script, READ_AT_0, ERR_USB_STALL);
		assert_int_equal(read_at_0(probe), ERR_USB_STALL);
		script_expect_drain(script, ERR_OK);
	}
	assert_int_equal(warnings, 2);
	script_expect_in(script, READ_AT_0, FINE);
	assert_int_equal(read_at_0(probe), ERR_OK);
	script_expect_in(script, READ_AT_0, "05 00 00 00 00 00 00 00");
	assert_int_equal(read_at_0(probe), ERR_TARGET_NO_LINK);
	assert_int_equal(warnings, 3);
	/* A fault is for the one who asked. */
	script_expect_in(script, READ_AT_0, FAULT);
	expect_clearing(script);
	assert_int_equal(read_at_0(probe), ERR_TARGET_FAULT);
	assert_int_equal(warnings, 3);
	log_listen(NULL, NULL);
	close_probe(script, probe, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_target_is_asked_again_with_back_off),
		cmocka_unit_test(a_target_that_stays_busy_is_given_up_after_300_ms),
		cmocka_unit_test(the_300_ms_include_the_commands_themselves),
		cmocka_unit_test(on_a_v3_a_fault_after_a_wait_is_still_a_wait),
		cmocka_unit_test(on_a_v2_a_fault_after_a_wait_is_a_fault),
		cmocka_unit_test(usb_errors_are_not_retried_and_leave_a_drain_behind),
		cmocka_unit_test(a_drain_that_fails_is_tried_again),
		cmocka_unit_test(an_unplugged_probe_stays_gone),
		cmocka_unit_test(a_reply_that_is_too_short_makes_no_sense),
		cmocka_unit_test(an_error_may_be_cut_down_to_its_status),
		cmocka_unit_test(limits_follow_the_modelled_time),
		cmocka_unit_test(a_slow_clock_gets_more_time),
		cmocka_unit_test(unaligned_blocks_are_refused_at_the_door),
		cmocka_unit_test(what_keeps_failing_is_warned_of_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
