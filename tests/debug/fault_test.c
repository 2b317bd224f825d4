/* Faults on the whole board: caught before their handler, decoded, and left as they are. */
#include <string.h>

#include "session.h"

#define CCR       0xE000ED14u
#define CFSR      0xE000ED28u
#define HFSR      0xE000ED2Cu
#define DIV_0_TRP (1u << 4)

static struct target_fault run_into(struct rig *rig, uint32_t pc)
{
	struct target_fault fault;
	bench_set(rig, TARGET_PC, pc);
	assert_int_equal(bench_run(rig).reason, TARGET_STOP_VECTOR_CATCH);
	assert_int_equal(bench_pc(rig), PROGRAM_HARD_FAULT);
	assert_int_equal(target_read_fault(rig->target, &fault), ERR_OK);
	return fault;
}

static void expect_words(const struct target_fault *fault, unsigned line, const char *words)
{
	if (!strstr(fault->lines[line], words))
		fail_msg("\"%s\" does not say \"%s\"", fault->lines[line], words);
}

static void a_wild_store_tells_address_and_place(void **state)
{
	struct rig *rig = *state;
	bench_write(rig, 0xE000E008, 2); /* ACTLR.DISDEFWBUF: no write is buffered */
	struct target_fault fault = run_into(rig, PROGRAM_WILD_STORE);
	assert_int_equal(fault.kind, TARGET_FAULT_BUS);
	assert_true(fault.has_frame);
	assert_int_equal(fault.sp, PROGRAM_STACK);
	assert_false(fault.on_process_stack);
	assert_true(fault.stack_known);
	assert_int_equal(fault.stack_used, 0);
	assert_true(fault.has_address);
	assert_int_equal(fault.address, 0x30000000);
	assert_int_equal(fault.pc, PROGRAM_WILD_STORE + 4);
	expect_words(&fault, 0, "HardFault, by BusFault");
	expect_words(&fault, 2, "main stack 0x20008000, 0 bytes used");
}

static void kinds_are_told_apart(void **state)
{
	struct rig *rig = *state;
	static const struct {
		uint32_t pc;
		enum target_fault_kind kind;
		const char *words;
	} rows[] = {
		{PROGRAM_UNDEFINED, TARGET_FAULT_INSTRUCTION, "undefined instruction"},
		{PROGRAM_DIVIDE, TARGET_FAULT_ARITHMETIC, "division by zero"},
		{PROGRAM_WILD_JUMP, TARGET_FAULT_INSTRUCTION, "not in Thumb state"},
		{PROGRAM_UNALIGNED, TARGET_FAULT_BUS, "unaligned"},
	};
	bench_write(rig, CCR, bench_word(rig, CCR) | DIV_0_TRP);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct target_fault fault = run_into(rig, rows[i].pc);
		assert_int_equal(fault.kind, rows[i].kind);
		expect_words(&fault, 0, rows[i].words);
		assert_int_equal(target_reset(rig->target, true), ERR_OK);
		bench_write(rig, CCR, bench_word(rig, CCR) | DIV_0_TRP);
	}
}

static void a_wild_jump_tells_where_it_went(void **state)
{
	struct target_fault fault = run_into(*state, 0x30000000);
	assert_int_equal(fault.kind, TARGET_FAULT_BUS);
	assert_true(fault.has_frame);
	assert_int_equal(fault.pc, 0x30000000);
}

/* Reads clear nothing: twice the same, and the status registers stand. */
static void decoding_changes_nothing(void **state)
{
	struct rig *rig = *state;
	struct target_fault first = run_into(rig, PROGRAM_UNDEFINED), second;
	uint32_t cfsr = bench_true_word(rig, CFSR), hfsr = bench_true_word(rig, HFSR);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(target_read_fault(rig->target, &second), ERR_OK);
		assert_memory_equal(&second, &first, sizeof(first));
	}
	assert_int_equal(first.cfsr, cfsr);
	assert_int_equal(bench_true_word(rig, CFSR), cfsr);
	assert_int_equal(bench_true_word(rig, HFSR), hfsr);
	assert_int_equal(bench_pc(rig), PROGRAM_HARD_FAULT);
}

static void none_is_none(void **state)
{
	struct rig *rig = *state;
	struct target_fault fault;
	assert_int_equal(target_read_fault(rig->target, &fault), ERR_OK);
	assert_int_equal(fault.kind, TARGET_FAULT_NONE);
	expect_words(&fault, 0, "no fault");
}

static void a_failed_stacking_is_said(void **state)
{
	struct rig *rig = *state;
	bench_set(rig, TARGET_PSP, 0x30000100);
	bench_set(rig, TARGET_CONTROL, 2);
	struct target_fault fault = run_into(rig, PROGRAM_SVC_HERE);
	assert_int_equal(fault.kind, TARGET_FAULT_BUS);
	expect_words(&fault, 0, "stacking");
}

static void a_fault_in_a_step_is_caught_too(void **state)
{
	struct rig *rig = *state;
	struct target_status status;
	bench_set(rig, TARGET_PC, PROGRAM_UNDEFINED);
	assert_int_equal(target_step(rig->target), ERR_OK);
	target_get_stop(rig->target, &status);
	assert_int_equal(status.reason, TARGET_STOP_VECTOR_CATCH);
}

/* ---- as gdb sees it ---- */

static void expect_stop(
	struct session_log *log, const char *pc, const char *signal, const char *words)
{
	assert_string_equal(session_ask(log, "Pf=%s", pc), "OK");
	session_go(log, "vCont;c");
	if (strncmp(log->reply, signal, 3) != 0)
		fail_msg("%s: %s, not %s", pc, log->reply, signal);
	if (!strstr(log->console, words))
		fail_msg("\"%s\" does not say \"%s\"", log->console, words);
}

static void gdb_gets_signals_and_three_lines(void **state)
{
	struct session_log *log = *state;
	expect_stop(log, "e0010008", "T04", "undefined instruction");
	assert_non_null(strstr(log->console, "at pc 0x080001E0"));
	session_expect(log, "qRcmd,6661756c74", "OK"); /* fault */
	assert_non_null(strstr(log->console, "undefined instruction"));
}

static void gdb_gets_sigbus(void **state)
{
	expect_stop(*state, "d0010008", "T0a", "BusFault");
}

/* The HardFault handler faults again. */
static void lockup_is_a_stop(void **state)
{
	struct session_log *log = *state;
	struct rig *rig = &log->rig;
	static const uint8_t handler[] = {0x00, 0xDE, 0xFE, 0xE7}; /* udf #0; b . */
	assert_int_equal(
		target_write_memory(rig->target, 0x20001000, handler, sizeof(handler)), ERR_OK);
	for (uint32_t i = 0; i < 16; i++)
		bench_write(rig, 0x20000400 + 4 * i, i ? 0x20001001 : PROGRAM_STACK);
	bench_write(rig, 0xE000ED08, 0x20000400);
	expect_stop(log, "e0010008", "T04", "undefined instruction");
	session_go(log, "vCont;c");
	assert_int_equal(strncmp(log->reply, "T0b", 3), 0);
	assert_non_null(strstr(log->console, "locked up"));
}

static void a_reset_while_it_runs_is_a_stop(void **state)
{
	struct session_log *log = *state;
	session_ask(log, "vCont;c");
	assert_false(session_wait(log, 10000));
	(void)rig_control(&log->rig, "word 0xE000ED0C 0x05FA0004");
	assert_true(session_wait(log, 100000));
	assert_int_equal(strncmp(log->reply, "T05", 3), 0);
	assert_non_null(strstr(log->console, "reset, and not by the debugger"));
}

/* ---- firmware that switches SWD off ---- */

/* The link is lost while it runs; what brings it back is what anybody would try. */
static void a_reset_brings_back_what_switched_swd_off(void **state)
{
	struct session_log *log = *state;
	(void)rig_control(&log->rig, "fault swd off");
	(void)session_go(log, "vCont;c");
	assert_non_null(strstr(log->console, "lost"));
	session_expect(log, "m20000000,4", "E");
	session_expect(log, "qRcmd,72657365742068616c74", "OK"); /* reset halt */
	session_expect(log, "m20000000,4", "");
	assert_int_not_equal(log->reply[0], 'E');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(a_wild_store_tells_address_and_place),
		BENCH_TEST_OLD(a_wild_store_tells_address_and_place),
		BENCH_TEST(kinds_are_told_apart),
		BENCH_TEST(a_wild_jump_tells_where_it_went),
		BENCH_TEST(decoding_changes_nothing),
		BENCH_TEST(none_is_none),
		BENCH_TEST(a_failed_stacking_is_said),
		BENCH_TEST(a_fault_in_a_step_is_caught_too),
		SESSION_TEST(gdb_gets_signals_and_three_lines),
		SESSION_TEST(gdb_gets_sigbus),
		SESSION_TEST(lockup_is_a_stop),
		SESSION_TEST(a_reset_while_it_runs_is_a_stop),
		SESSION_TEST(a_reset_brings_back_what_switched_swd_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
