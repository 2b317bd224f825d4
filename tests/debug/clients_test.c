/*
 * What clients and firmware cost each other in modelled time: a long read of one and the Ctrl-C of
 * another, a burst of semihosting calls. The limits are those of the project.
 */
#include <stdio.h>
#include <string.h>

#include "server/gdb/gdb.h"
#include "session.h"

#define OBSERVER 2u

static void observer_asks(struct session_log *log, const char *packet)
{
	gdb_message(log->gdb, message_create(MESSAGE_PACKET, OBSERVER, packet, strlen(packet)));
}

/* The Ctrl-C comes just when another block of the read has begun. */
static void a_64_kb_read_delays_ctrl_c_by_20_ms_at_most(void **state)
{
	struct session_log *log = *state;
	uint64_t worst_us = 0;

	gdb_message(log->gdb, message_create(MESSAGE_OPENED, OBSERVER, NULL, 0));
	observer_asks(log, "?");
	for (unsigned blocks = 0; blocks < 30; blocks += 3) {
		session_ask(log, "vCont;c");
		observer_asks(log, "m20000000,10000");
		for (unsigned i = 0; i < blocks; i++)
			gdb_poll(log->gdb);
		uint64_t before = probe_now_us(log->rig.probe);
		gdb_poll(log->gdb);
		session_interrupt(log);
		assert_true(strncmp(log->reply, "T02", 3) == 0);
		uint64_t took_us = log->replied_us - before;
		worst_us = took_us > worst_us ? took_us : worst_us;
		log->reply[0] = '\0';
		assert_true(session_wait(log, 2000000)); /* the rest of the read */
	}
	print_message("Ctrl-C in a read of 64 KB: %u us at worst\n", (unsigned)worst_us);
	assert_in_range(worst_us, 1, 20000);
}

/* movs r0, #4; mov r1, r5; bkpt 0xab; adds r6, #1; b to the start */
#define LOOP "M20001000,a:04202946abbe0136fae7"

static size_t count_lines(const struct session_log *log)
{
	size_t lines = 0;
	for (const char *at = log->console; (at = strchr(at, '\n')); at++)
		lines++;
	return lines;
}

static void expect_burst(struct session_log *log, uint64_t most_us)
{
	session_expect(log, LOOP, "OK");
	session_expect(log, "M20001100,e:68656c6c6f2c20776f726c640a00", "OK");
	session_expect(log, "P5=00110020", "OK");
	session_expect(log, "Pf=00100020", "OK");
	session_ask(log, "vCont;c");
	uint64_t transfers = bench_transfers(&log->rig);
	uint64_t last_us = probe_now_us(log->rig.probe), worst_us = 0;
	for (size_t lines = 1; lines <= 300; lines++) {
		while (count_lines(log) < lines)
			assert_false(session_wait(log, 100));
		uint64_t at_us = probe_now_us(log->rig.probe);
		/* the first of a burst is recognised among all kinds of stops */
		if (lines > 1 && at_us - last_us > worst_us)
			worst_us = at_us - last_us;
		last_us = at_us;
	}
	print_message("a semihosting call: %u us at worst, %u transfers\n", (unsigned)worst_us,
		(unsigned)((bench_transfers(&log->rig) - transfers) / 300));
	assert_in_range(worst_us, 1, most_us);
	assert_non_null(strstr(log->console, "hello, world\nhello, world\n"));
	session_interrupt(log);
	if (!log->reply[0])
		assert_true(session_wait(log, 10000));
	assert_true(strncmp(log->reply, "T0", 2) == 0);
}

/* A call to the next one: thirteen characters, printed by a loop in RAM. */
static void a_semihosting_call_takes_5_5_ms_on_v2_1(void **state)
{
	expect_burst(*state, 5500);
}

static void a_semihosting_call_takes_3_ms_on_v3(void **state)
{
	expect_burst(*state, 3000);
}

/* What follows the call may be a BKPT, too: that one is a stop. */
static void a_bkpt_behind_the_call_is_met(void **state)
{
	struct session_log *log = *state;

	session_expect(log, "M20001000,4:abbe00be", "OK");
	session_expect(log, "P0=31000000", "OK"); /* SYS_TICKFREQ */
	session_expect(log, "Pf=00100020", "OK");
	session_go(log, "vCont;c");
	assert_int_equal(session_register(log, 15), 0x20001002);
	assert_int_equal(session_register(log, 0), 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(a_64_kb_read_delays_ctrl_c_by_20_ms_at_most),
		SESSION_TEST_OLD(a_64_kb_read_delays_ctrl_c_by_20_ms_at_most),
		SESSION_TEST(a_semihosting_call_takes_5_5_ms_on_v2_1),
		SESSION_TEST_OLD(a_semihosting_call_takes_5_5_ms_on_v2_1),
		cmocka_unit_test_setup_teardown(
			a_semihosting_call_takes_3_ms_on_v3, session_setup_v3, session_teardown),
		SESSION_TEST(a_bkpt_behind_the_call_is_met),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
