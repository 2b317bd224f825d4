/* Conditions and commands of breakpoints, evaluated at the stop without a packet. */
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

#define MS UINT64_C(1000)

/* *(uint8_t *)0x20000000 == 7 */
#define BYTE_IS_7 "Xa,24200000001722071327"
#define IS_TRUE   "X3,220127"
#define IS_FALSE  "X3,220027"
#define DIVIDES   "X6,220122000527"
/* *(uint32_t *)0x10000000 */
#define NOWHERE "X7,24100000001927"
/* printf("hit %d\n", *(uint8_t *)0x20000000) */
#define PRINTS "X18,24200000001722002200340100096869742025645c6e0027"

/* The core goes round a loop of 16 instructions from 0x08000100, a turn in each poll. */
static int set_up(void **state)
{
	desk_set_up(state);
	struct desk *desk = *state;
	desk->target->pc_start = 0x08000100;
	desk->target->pc_end = 0x08000120;
	desk->target->instructions_per_poll = 16;
	desk_join(desk, 1);
	return 0;
}

static void cont(struct desk *desk)
{
	desk_packet(desk, 1, "vCont;c");
}

static void expect_stop_at_breakpoint(struct desk *desk)
{
	struct message *message = desk_take(desk, 1);
	assert_non_null(message);
	if (strncmp((char *)message->data, "T05", 3) != 0 ||
		!strstr((char *)message->data, "hwbreak:;"))
		fail_msg("%s is no stop at a breakpoint", (char *)message->data);
	message_destroy(message);
	desk_expect_nothing(desk, 1);
}

static void a_false_condition_costs_no_packet(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" BYTE_IS_7, "OK");
	cont(desk);
	for (unsigned turn = 0; desk->target->calls[FAKE_RESUME] < 1001; turn++) {
		assert_true(turn < 10000);
		desk_run(desk, 1 * MS);
		desk_expect_nothing(desk, 1);
	}
	assert_int_equal(desk->target->calls[FAKE_STEP], 0);
	desk->target->ram[0] = 7;
	desk_run(desk, 2 * MS);
	expect_stop_at_breakpoint(desk);
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000110);
}

/* Ctrl-C gets through, whether the core is found running or at its breakpoint. */
static void ctrl_c_comes_between_false_conditions(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" IS_FALSE, "OK");
	for (uint64_t turn = 0; turn < 20; turn++) {
		cont(desk);
		desk_run(desk, 100 * turn);
		desk_message(desk, MESSAGE_INTERRUPT, 1);
		desk_expect_prefix(desk, 1, "T02");
		desk_expect_nothing(desk, 1);
	}
	desk_run(desk, 100 * MS);
	desk_expect_nothing(desk, 1);
}

static void ctrl_c_at_a_true_condition_is_the_breakpoint(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" IS_TRUE, "OK");
	cont(desk);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	expect_stop_at_breakpoint(desk);
}

static void one_true_condition_is_enough(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" IS_FALSE IS_TRUE IS_FALSE, "OK");
	cont(desk);
	desk_run(desk, 2 * MS);
	expect_stop_at_breakpoint(desk);
}

static void conditions_sent_again_replace_the_old(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" IS_FALSE, "OK");
	desk_ask(desk, 1, "Z1,8000110,2;" IS_TRUE, "OK");
	cont(desk);
	desk_run(desk, 2 * MS);
	expect_stop_at_breakpoint(desk);
	desk_ask(desk, 1, "Z1,8000110,2;" IS_FALSE, "OK");
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	cont(desk);
	desk_run(desk, 2 * MS);
	expect_stop_at_breakpoint(desk);
}

static void a_removed_condition_is_gone(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" IS_FALSE, "OK");
	desk_ask(desk, 1, "z1,8000110,2", "OK");
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	cont(desk);
	desk_run(desk, 2 * MS);
	expect_stop_at_breakpoint(desk);
}

/* A Z0 without a condition at the same place is one more reason to stop. */
static void each_kind_has_its_own_conditions(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" IS_FALSE, "OK");
	desk_ask(desk, 1, "Z0,8000110,2;" IS_FALSE, "OK");
	cont(desk);
	desk_run(desk, 20 * MS);
	desk_expect_nothing(desk, 1);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_prefix(desk, 1, "T02");
	desk_ask(desk, 1, "Z0,8000110,2", "OK");
	cont(desk);
	desk_run(desk, 2 * MS);
	expect_stop_at_breakpoint(desk);
}

static void a_condition_that_fails_is_a_stop_with_a_message(void **state)
{
	static const struct {
		const char *packet, *text;
	} cases[] = {
		{"Z1,8000110,2;" DIVIDES, "at 0x08000110 cannot be evaluated: it divides by zero"},
		{"Z1,8000110,2;" NOWHERE, "memory that cannot be read"},
		{"Z1,8000110,2;cmds:0," NOWHERE, "memory that cannot be read"},
	};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		desk_ask(desk, 1, cases[i].packet, "OK");
		cont(desk);
		desk_run(desk, 2 * MS);
		desk_expect_console(desk, 1, cases[i].text);
		expect_stop_at_breakpoint(desk);
	}
}

static void commands_print_and_the_core_goes_on(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;cmds:1," PRINTS, "OK");
	cont(desk);
	for (uint8_t i = 1; i < 20; i++) {
		char line[16];
		desk->target->ram[0] = i;
		desk_run(desk, 1 * MS);
		(void)snprintf(line, sizeof(line), "hit %u\n", i);
		desk_expect_console(desk, 1, line);
		desk_expect_nothing(desk, 1);
	}
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	while (desk->sent->next)
		desk_expect_console(desk, 1, "hit 19");
	desk_expect_prefix(desk, 1, "T02");
}

static void commands_may_have_a_condition(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" BYTE_IS_7 ";cmds:0," PRINTS PRINTS, "OK");
	cont(desk);
	desk_run(desk, 20 * MS);
	desk_expect_nothing(desk, 1);
	desk->target->ram[0] = 7;
	desk_run(desk, 1 * MS);
	desk_expect_console(desk, 1, "hit 7\n");
	desk_expect_console(desk, 1, "hit 7\n");
	desk_expect_nothing(desk, 1);
}

/* Stepping comes by a dprintf: it prints, once, and the stepping goes on. */
static void a_range_step_passes_commands_and_false_conditions(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000108,2;cmds:0," PRINTS, "OK");
	desk_ask(desk, 1, "Z1,800010c,2;" IS_FALSE, "OK");
	desk_packet(desk, 1, "vCont;r8000100,8000110:1;c");
	desk_run(desk, 1 * MS);
	desk_expect_console(desk, 1, "hit 0\n");
	desk_expect_prefix(desk, 1, "T05");
	desk_expect_nothing(desk, 1);
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000110);
	/* a true one ends it */
	desk_ask(desk, 1, "Z1,8000116,2;" IS_TRUE, "OK");
	desk_packet(desk, 1, "vCont;r8000110,8000120:1;c");
	desk_run(desk, 1 * MS);
	desk_expect_prefix(desk, 1, "T05");
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000116);
}

static void a_step_onto_commands_runs_them(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000102,2;cmds:0," PRINTS, "OK");
	desk_packet(desk, 1, "vCont;s:1;c");
	desk_run(desk, 0);
	desk_expect_console(desk, 1, "hit 0\n");
	desk_expect_prefix(desk, 1, "T05");
	desk_packet(desk, 1, "vCont;s:1;c");
	desk_run(desk, 0);
	desk_expect_prefix(desk, 1, "T05");
	desk_expect_nothing(desk, 1);
}

/* Whatever is wrong is told at once; nothing is set then, and what was set stays. */
static void what_is_malformed_is_refused(void **state)
{
	static const char *const rests[] = {
		";",
		";X",
		";X3",
		";X3,",
		";X3,2201",
		";X3,22012",
		";X3,22zz27",
		";X2,220127",
		";X3,2201277",
		";X0,",
		";X3,220100",
		";X3,ff0027",
		";X1,22",
		";X4,21000727",
		";X1001,00",
		";Xffffffff,00",
		";Y3,220127",
		";cmds",
		";cmds:",
		";cmds:0",
		";cmds:0;X3,220127",
		";cmds:z,X3,220127",
		";cmds:0,X3,2201",
		";X3,220127;X3,220127",
		";X3,220127X",
		"X3,220127",
		";X6,220122010c27",
		(";cmds:0," PRINTS "," PRINTS),
	};
	struct desk *desk = *state;
	char packet[256];

	desk_ask(desk, 1, "Z1,8000118,2;" IS_FALSE, "OK");
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		(void)snprintf(packet, sizeof(packet), "Z1,8000110,2%s", rests[i]);
		desk_packet(desk, 1, packet);
		struct message *message = desk_take(desk, 1);
		assert_non_null(message);
		if (strcmp((char *)message->data, "E16") != 0)
			fail_msg("%s got %s", packet, (char *)message->data);
		message_destroy(message);
		(void)snprintf(packet, sizeof(packet), "Z1,8000118,2%s", rests[i]);
		desk_ask(desk, 1, packet, "E16");
	}
	assert_int_equal(desk->target->breakpoint_count, 1);
	cont(desk);
	desk_run(desk, 20 * MS);
	desk_message(desk, MESSAGE_INTERRUPT, 1);
	desk_expect_console(desk, 1, "malformed");
	desk_expect_prefix(desk, 1, "T02");
}

/* No comparator is left: the conditions are not kept for a breakpoint that there is not. */
static void conditions_of_a_breakpoint_that_does_not_fit(void **state)
{
	struct desk *desk = *state;
	char packet[64];

	for (unsigned i = 0; i < 6; i++) {
		(void)snprintf(packet, sizeof(packet), "Z1,%x,2;" IS_FALSE, 0x8000200 + 4 * i);
		desk_ask(desk, 1, packet, "OK");
	}
	desk_ask(desk, 1, "Z1,8000110,2;" IS_FALSE, "E5f");
	desk_ask(desk, 1, "z1,8000200,2", "OK");
	desk_ask(desk, 1, "Z1,8000110,2", "OK");
	cont(desk);
	desk_run(desk, 2 * MS);
	desk_expect_console(desk, 1, "no comparator is free");
	expect_stop_at_breakpoint(desk);
}

static void nothing_stays_behind(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;cmds:1," PRINTS, "OK");
	cont(desk);
	desk_message(desk, MESSAGE_CLOSED, 1);
	assert_false(desk->target->attached);
	assert_true(desk->target->running);
	desk_join(desk, 2);
	desk_ask(desk, 2, "Z1,8000110,2", "OK");
	desk_packet(desk, 2, "vCont;c");
	desk_run(desk, 2 * MS);
	desk_expect_prefix(desk, 2, "T05");
}

static void a_resume_that_fails_is_told(void **state)
{
	struct desk *desk = *state;

	desk_ask(desk, 1, "Z1,8000110,2;" IS_FALSE, "OK");
	cont(desk);
	desk->target->fail[FAKE_RESUME] = ERR_TARGET_FAULT;
	desk_run(desk, 2 * MS);
	desk_expect_console(desk, 1, "cannot resume");
	desk_expect_prefix(desk, 1, "T05");
	desk_expect_nothing(desk, 1);
}

#define CODE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, desk_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CODE_TEST(a_false_condition_costs_no_packet),
		CODE_TEST(ctrl_c_comes_between_false_conditions),
		CODE_TEST(ctrl_c_at_a_true_condition_is_the_breakpoint),
		CODE_TEST(one_true_condition_is_enough),
		CODE_TEST(conditions_sent_again_replace_the_old),
		CODE_TEST(a_removed_condition_is_gone),
		CODE_TEST(each_kind_has_its_own_conditions),
		CODE_TEST(a_condition_that_fails_is_a_stop_with_a_message),
		CODE_TEST(commands_print_and_the_core_goes_on),
		CODE_TEST(commands_may_have_a_condition),
		CODE_TEST(a_range_step_passes_commands_and_false_conditions),
		CODE_TEST(a_step_onto_commands_runs_them),
		CODE_TEST(what_is_malformed_is_refused),
		CODE_TEST(conditions_of_a_breakpoint_that_does_not_fit),
		CODE_TEST(nothing_stays_behind),
		CODE_TEST(a_resume_that_fails_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
