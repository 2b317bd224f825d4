/*
 * Sessions of random commands while the probe's wire fails: WAIT, FAULT, time-outs, stalls, delays.
 *
 * Nothing may crash or hang, what is told as good must be true (compared with what the board itself
 * knows), and when the client has gone the board must be clean. Every run is the same; a failure
 * names the session, and CHAOS_FIRST and CHAOS_COUNT in the environment choose others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define SESSIONS      2000u
#define PER_BOARD     100u
#define COMMANDS      24u
#define HANG_US       5000000u
#define RAM_CODE      0x20001000u
#define SCRATCH       0x20002000u
#define SCRATCH_BYTES 0x400u
#define DHCSR         0xE000EDF0u
#define DCRSR         0xE000EDF4u
#define DCRDR         0xE000EDF8u
#define S_HALT        0x00020000u

struct chaos {
	struct session_log log;
	uint32_t seed;
	unsigned session;
	bool code_was_written;
	struct tally *tally;
};

/* What has been proved: that most commands came through, and that many did not. */
struct tally {
	unsigned stops, reads, writes, errors;
};

/* adds r0, #1; adds r0, #2; bx lr */
static const uint8_t ram_code[] = {0x01, 0x30, 0x02, 0x30, 0x70, 0x47};

static uint32_t choose(struct chaos *chaos, uint32_t count)
{
	return rig_random(&chaos->seed) % count;
}

/* ---- what is true ---- */

static bool is_halted(struct chaos *chaos)
{
	return bench_true_word(&chaos->log.rig, DHCSR) & S_HALT;
}

static uint32_t true_register(struct chaos *chaos, unsigned selector)
{
	(void)rig_control(&chaos->log.rig, "word 0x%08x %u", DCRSR, selector);
	return bench_true_word(&chaos->log.rig, DCRDR);
}

/* gdb numbers r0 to pc as DCRSR does. */
static void check_stop(struct chaos *chaos)
{
	const char *reply = chaos->log.reply;
	if (reply[0] != 'T' || !strstr(reply, "0f:") || !is_halted(chaos))
		return;
	chaos->tally->stops++;
	for (unsigned i = 0; i < 16; i++)
		if (session_register(&chaos->log, i) != true_register(chaos, i))
			fail_msg("session %u: r%u is %08x, not as in %s", chaos->session, i,
				true_register(chaos, i), reply);
}

static uint8_t byte_in(const char *hex)
{
	char digits[3] = {hex[0], hex[1], 0};
	return (uint8_t)strtoul(digits, NULL, 16);
}

static void check_memory(struct chaos *chaos, uint32_t address, size_t size)
{
	uint8_t truth[256];
	const char *reply = chaos->log.reply;
	chaos->tally->errors += reply[0] == 'E';
	if (reply[0] == 'E' || !is_halted(chaos))
		return;
	chaos->tally->reads++;
	if (address == RAM_CODE)
		memcpy(truth, ram_code, size);
	else
		rig_peek(&chaos->log.rig, address, truth, size);
	if (strlen(reply) != 2 * size)
		fail_msg("session %u: %zu bytes at %08x gave %s", chaos->session, size, address,
			reply);
	for (size_t i = 0; i < size; i++)
		if (byte_in(reply + 2 * i) != truth[i])
			fail_msg("session %u: byte %zu at %08x is %02x, not as in %s",
				chaos->session, i, address, truth[i], reply);
}

/* ---- what gdb does ---- */

/* The reply that has not come yet must come, if need be after Ctrl-C. */
static void await_stop(struct chaos *chaos)
{
	if (!session_wait(&chaos->log, UINT64_C(3000) * (1 + choose(chaos, 4)))) {
		session_interrupt(&chaos->log);
		if (!session_wait(&chaos->log, HANG_US))
			fail_msg("session %u: no answer to Ctrl-C", chaos->session);
	}
	check_stop(chaos);
}

static void run_on(struct chaos *chaos)
{
	static const char *const packets[] = {"vCont;c", "vCont;s:1;c", "vCont;s:1;c",
		"vCont;r8000104,800011c:1;c", "vCont;r8000104,8000126:1;c"};
	session_ask(&chaos->log, "%s", packets[choose(chaos, COUNT_OF(packets))]);
	await_stop(chaos);
}

static void change_points(struct chaos *chaos)
{
	static const uint32_t places[] = {PROGRAM_LOOP, PROGRAM_LOOP + 2, PROGRAM_LOOP + 8,
		PROGRAM_LEAF, PROGRAM_LEAF + 2, PROGRAM_SYSTICK, RAM_CODE, RAM_CODE + 2};
	session_ask(&chaos->log, "%c%u,%x,2", choose(chaos, 3) ? 'Z' : 'z', choose(chaos, 2),
		places[choose(chaos, COUNT_OF(places))]);
}

static void change_watches(struct chaos *chaos)
{
	session_ask(&chaos->log, "%c%u,%x,4", choose(chaos, 2) ? 'Z' : 'z', 2 + choose(chaos, 3),
		choose(chaos, 2) ? PROGRAM_COUNT : PROGRAM_TICKS);
}

static void read_memory(struct chaos *chaos)
{
	uint32_t size = 1 + choose(chaos, 128), address;
	switch (choose(chaos, 3)) {
	case 0:
		address = PROGRAM_START + choose(chaos, (uint32_t)sizeof(program) - 128);
		break;
	case 1:
		address = SCRATCH + choose(chaos, SCRATCH_BYTES);
		break;
	default:
		if (!chaos->code_was_written)
			return;
		address = RAM_CODE;
		size = 1 + choose(chaos, sizeof(ram_code));
	}
	session_ask(&chaos->log, "m%x,%x", address, size);
	check_memory(chaos, address, size);
}

static void write_memory(struct chaos *chaos)
{
	uint32_t address = SCRATCH + choose(chaos, SCRATCH_BYTES), value = rig_random(&chaos->seed);
	session_ask(&chaos->log, "M%x,4:%08x", address, value);
	if (strcmp(chaos->log.reply, "OK") == 0) {
		uint8_t truth[4];
		chaos->tally->writes++;
		rig_peek(&chaos->log.rig, address, truth, sizeof(truth));
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(truth[i], value >> (24 - 8 * i) & 0xFF);
	}
}

static void write_register(struct chaos *chaos)
{
	uint32_t value = rig_random(&chaos->seed);
	session_ask(&chaos->log, "P0=%08x", value);
	if (strcmp(chaos->log.reply, "OK") == 0 && is_halted(chaos))
		assert_int_equal(true_register(chaos, 0), __builtin_bswap32(value));
}

static void read_registers(struct chaos *chaos)
{
	session_ask(&chaos->log, "p%x", choose(chaos, 50));
	session_ask(&chaos->log, "g");
}

static void say_to_monitor(struct chaos *chaos)
{
	static const char *const commands[] = {
		"7265736574", "6661756c74", "68616c74", "7374617473"}; /* reset fault halt stats */
	session_ask(&chaos->log, "qRcmd,%s", commands[choose(chaos, COUNT_OF(commands))]);
}

static void (*const acts[])(struct chaos *chaos) = {run_on, run_on, run_on, change_points,
	change_points, change_watches, read_memory, read_memory, read_memory, write_memory,
	write_register, read_registers, say_to_monitor};

/* ---- what goes wrong ---- */

static void break_something(struct chaos *chaos)
{
	static const char *const faults[] = {
		"swd-wait", "swd-fault", "usb-timeout", "usb-stall", "delay 5"};
	(void)rig_control(&chaos->log.rig, "fault %s skip %u x%u",
		faults[choose(chaos, COUNT_OF(faults))], choose(chaos, 12), 1 + choose(chaos, 6));
	/* whether a batch ends at the item that fails is not known of real firmware */
	if (choose(chaos, 2))
		(void)rig_control(&chaos->log.rig, "fault misc-goes-on");
}

static void mend_everything(struct chaos *chaos)
{
	(void)rig_control(&chaos->log.rig, "fault none");
}

/* ---- a session ---- */

static void put_code(struct chaos *chaos)
{
	session_ask(&chaos->log, "M%x,6:013002307047", RAM_CODE);
	chaos->code_was_written = strcmp(chaos->log.reply, "OK") == 0;
}

static void expect_word(struct chaos *chaos, uint32_t address, uint32_t mask, uint32_t value)
{
	uint32_t word = bench_true_word(&chaos->log.rig, address) & mask;
	if (word != value)
		fail_msg("session %u leaves %08x in %08x", chaos->session, word, address);
}

static void expect_clean(struct chaos *chaos)
{
	for (unsigned i = 0; i < 8; i++)
		expect_word(chaos, 0xE0002008 + 4 * i, ~0u, 0);
	expect_word(chaos, 0xE0002000, 1, 0);
	expect_word(chaos, DHCSR, 0x2000F, 0);
	expect_word(chaos, 0xE000EDFC, ~0u, 0);
	expect_word(chaos, 0xE0042004, ~0u, 0);
	expect_word(chaos, 0xE0042008, ~0u, 0);
	if (chaos->code_was_written)
		expect_word(chaos, RAM_CODE, ~0u, 0x30023001);
}

static void play(struct chaos *chaos)
{
	session_open(&chaos->log);
	put_code(chaos);
	for (unsigned i = 0; i < COMMANDS; i++) {
		uint64_t before = probe_now_us(chaos->log.rig.probe);
		if (choose(chaos, 3) == 0)
			break_something(chaos);
		acts[choose(chaos, COUNT_OF(acts))](chaos);
		if (probe_now_us(chaos->log.rig.probe) - before > HANG_US)
			fail_msg("session %u hangs", chaos->session);
	}
	mend_everything(chaos);
	session_close(&chaos->log);
	expect_clean(chaos);
}

static unsigned from_environment(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);
	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void sessions_survive_a_failing_wire(void **state)
{
	unsigned first = from_environment("CHAOS_FIRST", 0);
	unsigned end = first + from_environment("CHAOS_COUNT", SESSIONS);
	struct tally tally = {0};
	(void)state;
	for (unsigned session = first; session < end;) {
		struct chaos *chaos = calloc(1, sizeof(*chaos));
		assert_non_null(chaos);
		chaos->tally = &tally;
		bench_start(&chaos->log.rig, session / PER_BOARD % 2 ? "V2J26M15" : NULL);
		bench_start_ticks(&chaos->log.rig, 5000);
		assert_int_equal(target_detach(chaos->log.rig.target), ERR_OK);
		for (unsigned i = 0; i < PER_BOARD && session < end; i++, session++) {
			chaos->session = session;
			chaos->seed = (session + 1) * 2654435761u;
			play(chaos);
		}
		rig_stop(&chaos->log.rig);
		free(chaos);
	}
	print_message("%u stops, %u reads and %u writes were true, %u reads failed\n", tally.stops,
		tally.reads, tally.writes, tally.errors);
	unsigned sessions = end - from_environment("CHAOS_FIRST", 0);
	assert_true(tally.stops > sessions);
	assert_true(tally.reads > sessions);
	assert_true(tally.writes > sessions / 2);
	assert_true(tally.errors > sessions / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_survive_a_failing_wire),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
