/* Loading: recorded, then run at once; yields to others; fails with a cause. */
#include <string.h>

#include "desk.h"
#include "probe/log.h"
#include "tests/prelude.h"

static void load(struct desk *desk, unsigned client)
{
	desk_ask(desk, client, "vFlashErase:8000000,8000", "OK");
	desk_ask(desk, client, "vFlashWrite:8000000:\x01\x02\x03", "OK");
	desk_ask(desk, client, "vFlashWrite:8003fff:abc", "OK");
}

static void a_load_lands_byte_exact(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	memset(desk->target->flash, 0x55, FAKE_FLASH_SIZE);
	load(desk, 1);
	assert_int_equal(desk->target->flash[0], 0x55);
	desk_ask(desk, 1, "vFlashDone", "OK");
	assert_memory_equal(desk->target->flash, "\x01\x02\x03\xff", 4);
	assert_memory_equal(desk->target->flash + 0x3ffe,
		"\xff"
		"abc\xff",
		5);
	assert_int_equal(desk->target->flash[0x8000], 0x55);
	/* what gdb asks next is the new program's */
	desk_ask(desk, 1, "pf", "88010008");
}

static void any_byte_can_be_written(void **state)
{
	struct desk *desk = *state;
	char packet[20 + 256] = "vFlashWrite:8000000:";

	for (int i = 0; i < 256; i++)
		packet[20 + i] = (char)i;
	desk_join(desk, 1);
	desk_packet_bytes(desk, 1, packet, 20 + 256);
	desk_expect(desk, 1, "OK");
	desk_ask(desk, 1, "vFlashDone", "OK");
	for (int i = 0; i < 256; i++)
		assert_int_equal(desk->target->flash[i], i);
}

static void malformed_packets_record_nothing(void **state)
{
	static const char *const packets[] = {"vFlashErase:", "vFlashErase:8000000",
		"vFlashErase:8000000,", "vFlashErase:8000000,1000000000", "vFlashErase:zz,4000",
		"vFlashWrite:", "vFlashWrite:8000000", "vFlashWrite:z:abc", "vFlashDone:1"};
	struct desk *desk = *state;

	desk_join(desk, 1);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		desk_ask(desk, 1, packets[i], "E16");
	assert_int_equal(desk->target->calls[FAKE_FLASH_ERASE], 0);
	assert_int_equal(desk->target->calls[FAKE_FLASH_WRITE], 0);
	assert_int_equal(desk->target->calls[FAKE_FLASH_DONE], 0);
}

/* gdb up to 15 takes console output before a flash reply for the reply, and shows no error text:
 * the cause comes with the next monitor command or stop. */
static void the_cause_of_a_failure_comes_later(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	load(desk, 1);
	desk->target->fail[FAKE_FLASH_DONE] = ERR_FLASH_ERASE;
	desk->target->fail_log = "sector 2 did not erase: FLASH_SR = 0x10, 2.1 V";
	desk_ask(desk, 1, "vFlashDone", "E05");
	desk_expect_nothing(desk, 1);
	desk_packet(desk, 1, "vCont;s:1");
	gdb_poll(desk->gdb);
	desk_expect_console(desk, 1, "sector 2 did not erase: FLASH_SR = 0x10, 2.1 V");
	desk_expect_prefix(desk, 1, "T05");
	desk_monitor(desk, 1, "diagnose");
	desk_expect_console(desk, 1, "the load failed: sector 2 did not erase");
	desk_expect(desk, 1, "OK");
}

static void the_cause_comes_once_with_monitor(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "vFlashErase:20000000,4000", "E1c");
	desk_monitor(desk, 1, "version");
	desk_expect_console(desk, 1, "0x20000000 is not in flash");
	desk_expect_console(desk, 1, "stlink-gdb 0.1.0");
	desk_expect(desk, 1, "OK");
	desk_monitor(desk, 1, "version");
	desk_expect_console(desk, 1, "stlink-gdb 0.1.0");
	desk_expect(desk, 1, "OK");
}

/* gdb 16 can show it at once; nothing in the text may need an escape. */
static void a_client_that_takes_text_gets_it(void **state)
{
	struct desk *desk = *state;

	desk_message(desk, MESSAGE_OPENED, 1);
	desk_packet(desk, 1, "qSupported:error-message+;swbreak+");
	desk_expect_prefix(desk, 1, "PacketSize");
	load(desk, 1);
	desk->target->fail[FAKE_FLASH_DONE] = ERR_FLASH_PROTECTED;
	desk->target->fail_log = "sector #1 is $protected*}\nsay so";
	desk_ask(desk, 1, "vFlashDone", "E.sector ?1 is ?protected?? say so");
	desk_monitor(desk, 1, "version");
	desk_expect_console(desk, 1, "stlink-gdb");
	desk_expect(desk, 1, "OK");
}

static void in_job_warn(struct desk *desk)
{
	if (desk->jobs == 1)
		log_warn("the voltage is unknown: writing bytes, which is slow");
}

static void a_warning_of_a_good_load_comes_later(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	load(desk, 1);
	desk->in_job = in_job_warn;
	desk_ask(desk, 1, "vFlashDone", "OK");
	desk_monitor(desk, 1, "version");
	desk_expect_console(desk, 1, "the voltage is unknown");
	desk_expect_console(desk, 1, "stlink-gdb");
	desk_expect(desk, 1, "OK");
}

static void in_job_others_read(struct desk *desk)
{
	if (desk->jobs == 2) {
		desk_ask(desk, 2, "m20000000,4", "2a000000");
		desk_ask(desk, 2, "qC", "QC1");
		/* the loader has them now: those of the stop before it are told */
		desk->target->registers[TARGET_R0] = 0x11111111;
		desk_ask(desk, 2, "p0", "00000000");
		desk_monitor(desk, 2, "version");
		desk_packet(desk, 2, "m20000000,4");
	}
	if (desk->jobs == 3) {
		desk_expect_nothing(desk, 2);
		desk_message(desk, MESSAGE_OPENED, 3);
		desk_packet(desk, 3, "qSupported:swbreak+");
		desk_expect_prefix(desk, 3, "PacketSize");
		desk_packet(desk, 3, "?");
		desk_expect_prefix(desk, 3, "T05");
		desk_ask(desk, 3, "D", "OK");
		desk_message(desk, MESSAGE_CLOSED, 3);
	}
}

/* Memory and what needs no target at once, the rest in its order after the load. */
static void others_read_during_a_load(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	desk->target->ram[0] = 42;
	load(desk, 1);
	desk->in_job = in_job_others_read;
	desk_packet(desk, 1, "vFlashDone");
	desk_expect(desk, 1, "OK");
	assert_int_equal(desk->jobs, 10);
	desk_expect_console(desk, 2, "stlink-gdb 0.1.0");
	desk_expect(desk, 2, "OK");
	desk_expect(desk, 2, "2a000000");
	desk_ask(desk, 2, "p0", "11111111");
	desk_expect_nothing(desk, 2);
	desk_expect_nothing(desk, 3);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 0);
	assert_int_equal(desk->target->calls[FAKE_HALT], 1);
}

static void in_job_close_the_loader(struct desk *desk)
{
	if (desk->jobs == 3)
		desk_message(desk, MESSAGE_CLOSED, 1);
}

/* gdb's second Ctrl-C closes the connection: the load ends, and the board is left with a word. */
static void closing_cancels_the_load(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	load(desk, 1);
	desk->in_job = in_job_close_the_loader;
	desk_packet(desk, 1, "vFlashDone");
	assert_int_equal(desk->jobs, 3);
	assert_int_equal(desk->target->flash[0], 0xff);
	assert_int_equal(desk->target->calls[FAKE_DETACH], 1);
	assert_false(desk->target->running);
}

static void in_job_interrupt(struct desk *desk)
{
	if (desk->jobs == 3)
		desk_message(desk, MESSAGE_INTERRUPT, 1);
}

static void an_interrupt_cancels_the_load(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	load(desk, 1);
	desk->in_job = in_job_interrupt;
	desk_ask(desk, 1, "vFlashDone", "E7d");
	assert_int_equal(desk->jobs, 3);
	desk->in_job = NULL;
	load(desk, 1);
	desk_ask(desk, 1, "vFlashDone", "OK");
}

static void in_job_close_the_observer(struct desk *desk)
{
	if (desk->jobs == 3)
		desk_message(desk, MESSAGE_CLOSED, 2);
}

static void an_observers_close_cancels_nothing(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	load(desk, 1);
	desk->in_job = in_job_close_the_observer;
	desk_ask(desk, 1, "vFlashDone", "OK");
	assert_int_equal(desk->target->flash[0], 1);
}

static void in_job_pile_up(struct desk *desk)
{
	if (desk->jobs != 2)
		return;
	desk_packet(desk, 1, "qC");
	desk_packet(desk, 2, "m20000000,10000");
	desk_packet(desk, 2, "qC");
}

/* A long read begins in the midst of the load and ends after it. */
static void what_piles_up_keeps_its_order(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_join(desk, 2);
	load(desk, 1);
	desk->in_job = in_job_pile_up;
	desk_packet(desk, 1, "vFlashDone");
	desk_expect(desk, 1, "OK");
	desk_expect(desk, 1, "QC1");
	desk_run(desk, 1000);
	struct message *message = desk_take(desk, 2);
	assert_non_null(message);
	assert_int_equal(message->size, 0x20000);
	message_destroy(message);
	desk_expect(desk, 2, "QC1");
}

static void leaving_forgets_what_was_recorded(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	load(desk, 1);
	desk_message(desk, MESSAGE_CLOSED, 1);
	desk_join(desk, 2);
	desk_ask(desk, 2, "vFlashDone", "OK");
	assert_int_equal(desk->target->flash[0], 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(a_load_lands_byte_exact),
		DESK_TEST(any_byte_can_be_written),
		DESK_TEST(malformed_packets_record_nothing),
		DESK_TEST(the_cause_of_a_failure_comes_later),
		DESK_TEST(the_cause_comes_once_with_monitor),
		DESK_TEST(a_client_that_takes_text_gets_it),
		DESK_TEST(a_warning_of_a_good_load_comes_later),
		DESK_TEST(others_read_during_a_load),
		DESK_TEST(closing_cancels_the_load),
		DESK_TEST(an_interrupt_cancels_the_load),
		DESK_TEST(an_observers_close_cancels_nothing),
		DESK_TEST(what_piles_up_keeps_its_order),
		DESK_TEST(leaving_forgets_what_was_recorded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
