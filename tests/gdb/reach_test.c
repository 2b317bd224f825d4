/* Losing the target and finding it again, at a desk: what each client is told, and when. */
#include <stdlib.h>

#include "desk.h"
#include "fake_target.h"
#include "server/gdb/gdb.h"
#include "tests/prelude.h"

#define MS UINT64_C(1000)

static void look(struct desk *desk, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		desk->now_us += GDB_LOOK_US;
		gdb_look(desk->gdb);
	}
}

static void unplug(struct desk *desk)
{
	for (int i = 0; i < FAKE_CALLS; i++)
		desk->target->fail[i] = ERR_USB_GONE;
	gdb_probe_lost(desk->gdb);
}

static void power(struct desk *desk, bool on)
{
	for (int i = 0; i < FAKE_CALLS; i++)
		desk->target->fail[i] = on ? ERR_OK : ERR_TARGET_NO_LINK;
	desk->target->fail[FAKE_VOLTAGE] = ERR_OK;
	desk->target->fail[FAKE_ADD_BREAKPOINT] = ERR_OK;
	desk->target->fail[FAKE_REMOVE_BREAKPOINT] = ERR_OK;
	desk->target->millivolts = on ? 3300 : 1;
}

static void plug(struct desk *desk)
{
	power(desk, true);
	gdb_probe_back(desk->gdb);
}

static void unplugged_while_it_runs(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	unplug(desk);
	desk_expect_console(desk, 1, "the probe was unplugged: it is used again");
	desk_expect(desk, 1, "T1df:feffffff;thread:1;");
	desk_ask(desk, 1, "g", "E13");
	desk_ask(desk, 1, "m20000000,4", "E13");
	/* nothing is tried before it is back */
	unsigned attached = desk->target->calls[FAKE_ATTACH];
	look(desk, 10);
	assert_int_equal(desk->target->calls[FAKE_ATTACH], attached);

	plug(desk);
	assert_int_equal(desk->target->calls[FAKE_ATTACH], attached + 1);
	desk_ask(desk, 1, "m20000000,4", "00000000");
	desk_expect_nothing(desk, 1);
}

/* The core came back running and stays so, until its controller wants what only a stop has. */
static void registers_halt_what_runs_unseen(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	unplug(desk);
	plug(desk);
	look(desk, 3);
	assert_true(desk->target->running);
	desk_expect_console(desk, 1, "unplugged");
	desk_expect(desk, 1, "T1df:feffffff;thread:1;");
	desk_packet(desk, 1, "pf");
	assert_false(desk->target->running);
	desk_expect(desk, 1, "00010008");
}

static void breakpoints_are_armed_again(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	desk_packet(desk, 1, "vCont;c");
	unplug(desk);
	desk_expect_console(desk, 1, "unplugged");
	desk_expect(desk, 1, "T1df:feffffff;thread:1;");
	unsigned resumed = desk->target->calls[FAKE_RESUME];
	plug(desk);
	assert_int_equal(desk->target->breakpoint_count, 1);
	/* the comparators are written when the core is let go */
	assert_int_equal(desk->target->calls[FAKE_RESUME], resumed + 1);
	assert_true(desk->target->running);
}

/* gdb takes its breakpoints away at each stop, also at this one. */
static void breakpoints_can_be_removed_meanwhile(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	desk_packet(desk, 1, "vCont;c");
	power(desk, false);
	desk_run(desk, 600 * MS);
	desk_expect_console(desk, 1, "the link to the target was lost");
	desk_expect_console(desk, 1, "no known cause");
	desk_expect_console(desk, 1, "evidence");
	desk_expect_console(desk, 1, "remedy");
	desk_expect(desk, 1, "T1df:feffffff;thread:1;");
	desk_ask(desk, 1, "z1,8000110,2", "OK");
	power(desk, true);
	look(desk, 1);
	assert_int_equal(desk->target->breakpoint_count, 0);
}

static const struct target_report no_power = {
	.code = "FD01",
	.cause = "the target has no power (VTref 0.00 V)",
	.evidence = "VTref 0.00 V",
	.remedy = "power the board",
};

static void who_waits_is_told_the_cause_and_what_to_do(void **state)
{
	struct desk *desk = *state;

	desk->target->why_lost = &no_power;
	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	power(desk, false);
	desk_run(desk, 600 * MS);
	desk_expect_console(desk, 1, "the link to the target was lost: it has no power (0.00 V)");
	desk_expect_console(desk, 1, "FD01: the target has no power (VTref 0.00 V)");
	desk_expect_console(desk, 1, "  evidence: VTref 0.00 V");
	desk_expect_console(desk, 1, "  remedy: power the board");
	desk_expect(desk, 1, "T1df:feffffff;thread:1;");
}

/* The load has told why it failed: nobody wants to hear it again, of a target that is gone. */
static void a_load_that_told_its_cause_is_not_explained_again(void **state)
{
	struct desk *desk = *state;

	desk->target->why_lost = &no_power;
	desk->target->load_report = &no_power;
	desk_join(desk, 1);
	desk_ask(desk, 1, "vFlashErase:8000000,4000", "OK");
	desk->target->fail[FAKE_FLASH_DONE] = ERR_TARGET_NO_LINK;
	desk_packet(desk, 1, "vFlashDone");
	assert_int_equal(desk->target->explained, 0);
}

static void power_loss_of_a_halted_core_is_noticed(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	look(desk, 3);
	desk_expect_nothing(desk, 1);
	power(desk, false);
	look(desk, 2);
	desk_ask(desk, 1, "g", "E06");
	desk_ask(desk, 1, "pf", "E06");
	unsigned attached = desk->target->calls[FAKE_ATTACH];
	look(desk, 10);
	/* the voltage is asked before the debug port is tried */
	assert_int_equal(desk->target->calls[FAKE_ATTACH], attached);
	power(desk, true);
	look(desk, 1);
	assert_int_equal(desk->target->calls[FAKE_ATTACH], attached + 1);
	desk_monitor(desk, 1, "voltage");
	desk_expect_console(desk, 1, "the target is back: STM32F401xB/C, halted");
	desk_expect_console(desk, 1, "target voltage 3.30 V");
	desk_expect(desk, 1, "OK");
}

static void one_failed_look_is_noise(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->fail[FAKE_POLL] = ERR_USB_TIMEOUT;
	look(desk, 1);
	desk->target->fail[FAKE_POLL] = ERR_OK;
	look(desk, 1);
	desk->target->fail[FAKE_POLL] = ERR_USB_TIMEOUT;
	look(desk, 1);
	desk->target->fail[FAKE_POLL] = ERR_OK;
	desk_ask(desk, 1, "pf", "00010008");
}

/* Somebody pressed the button: the registers of the stop are no longer true. */
static void a_reset_of_a_halted_core_is_noticed(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->running = true;
	desk->target->registers[TARGET_PC] = 0x08000200;
	look(desk, 1);
	desk_ask(desk, 1, "pf", "00020008");
	desk_monitor(desk, 1, "version");
	desk_expect_console(desk, 1, "the core runs, and not by the debugger");
	desk_expect_console(desk, 1, "stlink-gdb");
	desk_expect(desk, 1, "OK");
}

static void a_step_into_a_lost_link_tells_no_registers(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->fail[FAKE_STEP] = ERR_TARGET_NO_LINK;
	desk_packet(desk, 1, "vCont;s");
	desk_run(desk, 0);
	desk_expect_console(desk, 1, "the link to the target was lost");
	desk_expect_console(desk, 1, "no known cause");
	desk_expect_console(desk, 1, "evidence");
	desk_expect_console(desk, 1, "remedy");
	desk_expect(desk, 1, "T1df:feffffff;thread:1;");
	desk_ask(desk, 1, "g", "E06");
}

/* Its client left meanwhile: as soon as the target is back it is left as it should have been. */
static void what_comes_back_to_nobody_is_let_run(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	unplug(desk);
	desk_message(desk, MESSAGE_CLOSED, 1);
	unsigned detached = desk->target->calls[FAKE_DETACH];
	plug(desk);
	assert_int_equal(desk->target->calls[FAKE_DETACH], detached + 1);
	assert_int_equal(desk->target->breakpoint_count, 0);
	assert_true(desk->target->running);
}

/* Whichever packet meets it first: nothing that was remembered is told after its error. */
static void the_first_packet_to_find_the_probe_gone_loses_it(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_packet(desk, 1, "g");
	message_destroy(desk_take(desk, 1));
	desk->target->fail[FAKE_READ_MEMORY] = ERR_USB_GONE;
	desk_ask(desk, 1, "m20000000,4", "E13");
	desk_ask(desk, 1, "g", "E13");
}

/* The target was switched off and on while nobody was connected: the next client has it. */
static void a_client_finds_a_target_that_was_away(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(gdb_attach(desk->gdb), ERR_OK);
	desk->target->fail_once[FAKE_HALT] = ERR_TARGET_NO_LINK;
	desk_message(desk, MESSAGE_OPENED, 1);
	desk_packet(desk, 1, "pf");
	desk_expect(desk, 1, "00010008");
	assert_int_equal(desk->target->calls[FAKE_ATTACH], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(unplugged_while_it_runs),
		DESK_TEST(registers_halt_what_runs_unseen),
		DESK_TEST(breakpoints_are_armed_again),
		DESK_TEST(breakpoints_can_be_removed_meanwhile),
		DESK_TEST(who_waits_is_told_the_cause_and_what_to_do),
		DESK_TEST(a_load_that_told_its_cause_is_not_explained_again),
		DESK_TEST(power_loss_of_a_halted_core_is_noticed),
		DESK_TEST(one_failed_look_is_noise),
		DESK_TEST(a_reset_of_a_halted_core_is_noticed),
		DESK_TEST(a_step_into_a_lost_link_tells_no_registers),
		DESK_TEST(what_comes_back_to_nobody_is_let_run),
		DESK_TEST(the_first_packet_to_find_the_probe_gone_loses_it),
		DESK_TEST(a_client_finds_a_target_that_was_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
