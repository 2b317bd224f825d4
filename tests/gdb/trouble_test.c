/* What happens to a core that runs, besides a breakpoint: losses, resets, faults, a failing supply.
 */
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

#define MS UINT64_C(1000)

/* The prompt comes back with a reason, and nothing old is told as new. */
static void a_lost_link_is_a_stop_without_registers(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	desk_packet(desk, 1, "vCont;c");
	desk->target->fail[FAKE_POLL] = ERR_TARGET_NO_LINK;
	desk_run(desk, 600 * MS);
	desk_expect_console(desk, 1, "the link to the target was lost");
	desk_expect_console(desk, 1, "cause: no known cause");
	desk_expect_console(desk, 1, "evidence");
	desk_expect_console(desk, 1, "remedy");
	desk_expect(desk, 1, "T1df:feffffff;thread:1;");
	assert_int_equal(desk_run(desk, 1000 * MS), UINT64_MAX);
	desk_ask(desk, 1, "g", "E06");
	desk_ask(desk, 1, "m20000000,4", "E06");

	desk->target->fail[FAKE_POLL] = ERR_OK;
	desk_monitor(desk, 1, "halt");
	desk_expect_console(desk, 1, "halted at pc");
	desk_expect(desk, 1, "OK");
	desk_ask(desk, 1, "m20000000,4", "00000000");
	assert_int_equal(desk->target->calls[FAKE_ATTACH], 2);
	assert_int_equal(desk->target->breakpoint_count, 1);
}

static void an_unplugged_probe_is_told_at_once(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk->target->fail[FAKE_POLL] = ERR_USB_GONE;
	desk_run(desk, 1 * MS);
	desk_expect_console(desk, 1, "unplugged");
	desk_expect(desk, 1, "T1df:feffffff;thread:1;");
}

static void lockup_and_reset_are_stops(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk->target->was_reset = true;
	desk_run(desk, 1 * MS);
	desk_expect_console(desk, 1, "was reset");
	desk_expect_prefix(desk, 1, "T05");
	desk_packet(desk, 1, "vCont;c");
	desk->target->locked_up = true;
	desk_run(desk, 1 * MS);
	desk_expect_console(desk, 1, "locked up");
	desk_expect_prefix(desk, 1, "T0b");
}

static void a_reset_tells_which(void **state)
{
	static const struct target_report why = {.code = "FD17",
		.cause = "the firmware's watchdog reset the chip",
		.evidence = "RCC_CSR 24000000",
		.remedy = "refresh it"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk->target->was_reset = true;
	desk->target->why_reset = &why;
	desk_run(desk, 2 * MS);
	desk_expect_console(desk, 1, "the core was reset, and not by the debugger");
	desk_expect_console(desk, 1, "FD17: the firmware's watchdog reset the chip");
	desk_expect_console(desk, 1, "  evidence: RCC_CSR 24000000");
	desk_expect_console(desk, 1, "  remedy: refresh it");
	desk_expect_prefix(desk, 1, "T05");
}

/* The stop comes when the button is let go. */
static void a_held_reset_is_told_once(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk->target->was_reset = desk->target->in_reset = true;
	desk_run(desk, 1000 * MS);
	desk_expect_console(desk, 1, "was reset");
	desk_expect_nothing(desk, 1);
	desk->target->in_reset = false;
	desk_run(desk, 10 * MS);
	desk_expect_prefix(desk, 1, "T05");
	desk_packet(desk, 1, "vCont;c");
	desk->target->was_reset = true;
	desk_run(desk, 10 * MS);
	desk_expect_console(desk, 1, "was reset");
	desk_expect_prefix(desk, 1, "T05");
}

/* Three lines, and the signal that a program on a desk would get. */
static void a_fault_has_its_signal_and_its_lines(void **state)
{
	struct desk *desk = *state;
	static const struct {
		enum target_fault_kind kind;
		const char *reply;
	} rows[] = {{TARGET_FAULT_MEMORY, "T0b"}, {TARGET_FAULT_BUS, "T0a"},
		{TARGET_FAULT_INSTRUCTION, "T04"}, {TARGET_FAULT_ARITHMETIC, "T08"},
		{TARGET_FAULT_NONE, "T05"}};

	desk_join(desk, 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		desk->target->fault = (struct target_fault){
			.kind = rows[i].kind, .lines = {"what", "address", "where"}};
		desk_packet(desk, 1, "vCont;c");
		desk->target->running = false;
		desk->target->reason = TARGET_STOP_VECTOR_CATCH;
		desk_run(desk, 4 * MS);
		for (size_t j = 0; j < 3 && rows[i].kind; j++)
			desk_expect_console(desk, 1, desk->target->fault.lines[j]);
		desk_expect_prefix(desk, 1, rows[i].reply);
	}
}

static void low_voltage_is_told_once(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	desk->target->millivolts = 1234;
	desk_run(desk, 3000 * MS);
	desk_expect_console(desk, 1, "1.23 V");
	desk_expect_nothing(desk, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(a_lost_link_is_a_stop_without_registers),
		DESK_TEST(an_unplugged_probe_is_told_at_once),
		DESK_TEST(lockup_and_reset_are_stops),
		DESK_TEST(a_reset_tells_which),
		DESK_TEST(a_held_reset_is_told_once),
		DESK_TEST(a_fault_has_its_signal_and_its_lines),
		DESK_TEST(low_voltage_is_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
