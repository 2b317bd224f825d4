/*
 * What clients cost each other in modelled time: a long read of one and the Ctrl-C of another. The
 * limit is that of the project.
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(a_64_kb_read_delays_ctrl_c_by_20_ms_at_most),
		SESSION_TEST_OLD(a_64_kb_read_delays_ctrl_c_by_20_ms_at_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
