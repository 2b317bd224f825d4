/*
 * The cable of the probe or the power of the board is cut at any moment of loading, stepping,
 * running and reading, and comes back later: 500 rounds, each from its own seed.
 *
 * Nothing hangs; the loss is told within a second; from then on every read is an error, and until
 * then none brings anything but what was there; afterwards the next load and the next stop are
 * exact, compared with what the board itself knows. A failure names its round, and ROUNDS_FIRST and
 * ROUNDS_COUNT in the environment choose others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define ROUNDS        500u
#define PER_BOARD     50u
#define IMAGE         20000u
#define SCRATCH       0x20002000u
#define SCRATCH_BYTES 64u
#define DHCSR         0xE000EDF0u
#define S_HALT        0x00020000u
#define DCRSR         0xE000EDF4u
#define DCRDR         0xE000EDF8u
#define FP_COMP0      0xE0002008u
#define FP_COMPS      6u
#define TOLD_US       1000000u /* until a loss is known */
#define BACK_US       3000000u /* until what came back is in use */
#define STEP_US       1000000u
#define HANG_US       60000000u /* of a whole round, loads and all */

enum act { LOADS, STEPS, RUNS, READS, ACTS };

/* What has been proved, so that no kind of round can get lost. */
struct tally {
	unsigned cuts[ACTS][2], in_midst[ACTS], whole_loads, stops;
};

struct round {
	struct session_log log;
	uint32_t seed;
	unsigned number;
	enum act act;
	bool by_power;
	uint8_t scratch[SCRATCH_BYTES], image[IMAGE];
	struct tally *tally;
};

static const char *const act_names[ACTS] = {"load", "step", "run", "read"};

static uint32_t choose(struct round *round, uint32_t count)
{
	return rig_random(&round->seed) % count;
}

static void fail_round(const struct round *round, const char *what)
{
	fail_msg("round %u (%s, %s): %s: \"%s\"", round->number, act_names[round->act],
		round->by_power ? "power" : "usb", what, round->log.reply);
}

static void expect(struct round *round, bool condition, const char *what)
{
	if (!condition)
		fail_round(round, what);
}

static bool is_error(const struct round *round)
{
	return round->log.reply[0] == 'E';
}

/* ---- what is true ---- */

static bool has_registers(const struct round *round)
{
	return round->log.reply[0] == 'T' && strstr(round->log.reply, ";0f:");
}

static void check_bytes(struct round *round, const uint8_t *truth, size_t size)
{
	char hex[2 * 256 + 1] = "";

	for (size_t i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", truth[i]);
	expect(round, strcmp(round->log.reply, hex) == 0, "these bytes are not there");
}

static uint32_t true_register(struct round *round, unsigned selector)
{
	(void)rig_control(&round->log.rig, "word 0x%08x %u", DCRSR, selector);
	return bench_true_word(&round->log.rig, DCRDR);
}

/* gdb numbers r0 to pc as DCRSR does. */
static void check_stop(struct round *round)
{
	round->tally->stops++;
	for (unsigned i = 0; i < 16; i++)
		expect(round, session_register(&round->log, i) == true_register(round, i),
			"a register is not so");
}

static void check_memory(struct round *round, uint32_t address, size_t size)
{
	uint8_t truth[256];

	session_ask(&round->log, "m%x,%zx", address, size);
	rig_peek(&round->log.rig, address, truth, size);
	check_bytes(round, truth, size);
}

/* ---- what goes on ---- */

static void make_image(struct round *round)
{
	rig_fill(round->image, IMAGE, choose(round, 1000));
	memcpy(round->image, program, sizeof(program));
}

/* Returns whether the load says that it is done; what it then has to be is checked. */
static bool load(struct round *round)
{
	static uint8_t packet[IMAGE + 32];
	struct session_log *log = &round->log;
	size_t head = (size_t)snprintf((char *)packet, 32, "vFlashWrite:%x:", PROGRAM_START);

	session_ask(log, "vFlashErase:%x,%x", PROGRAM_START, IMAGE);
	if (is_error(round))
		return false;
	memcpy(packet + head, round->image, IMAGE);
	session_ask_bytes(log, packet, head + IMAGE);
	if (is_error(round))
		return false;
	session_ask(log, "vFlashDone");
	return strcmp(log->reply, "OK") == 0;
}

static void check_flash(struct round *round)
{
	static uint8_t held[IMAGE];

	rig_peek(&round->log.rig, PROGRAM_START, held, IMAGE);
	expect(round, memcmp(held, round->image, IMAGE) == 0, "the flash holds something else");
	round->tally->whole_loads++;
}

static void begin_load(struct round *round)
{
	make_image(round);
	bool is_done = load(round);
	if (is_done && !rig_was_said(&round->log.rig))
		check_flash(round);
}

/* A step during which the board went may have been told before: it is over by then. */
static void begin_steps(struct round *round)
{
	for (unsigned i = 0; i < 30 && !rig_was_said(&round->log.rig); i++) {
		session_ask(&round->log, "vCont;s:1");
		expect(round, session_wait(&round->log, STEP_US), "a step hangs");
		if (rig_was_said(&round->log.rig))
			break;
		expect(round, has_registers(round), "a step is not told");
		check_stop(round);
	}
}

static void begin_run(struct round *round)
{
	session_ask(&round->log, "Z1,%x,2", PROGRAM_SVC_HERE);
	session_ask(&round->log, "vCont;c");
	session_wait(&round->log, 1 + choose(round, 300000));
}

static void read_something(struct round *round)
{
	bool of_flash = choose(round, 2);
	uint32_t offset = choose(round, of_flash ? IMAGE - 256 : SCRATCH_BYTES - 1);
	uint32_t size = 1 + choose(round, of_flash ? 256 : SCRATCH_BYTES - offset);
	uint32_t start = of_flash ? PROGRAM_START : SCRATCH;

	session_ask(&round->log, "m%x,%x", start + offset, size);
	if (!is_error(round))
		check_bytes(round, (of_flash ? round->image : round->scratch) + offset, size);
}

static void begin_reads(struct round *round)
{
	for (unsigned i = 0; i < 30 && !rig_was_said(&round->log.rig); i++) {
		read_something(round);
		session_pass(&round->log, choose(round, 60000));
	}
}

static void (*const begin[ACTS])(struct round *round) = {
	begin_load, begin_steps, begin_run, begin_reads};

/* ---- cut ---- */

/* In commands, about as many as it takes. */
static const unsigned lengths[ACTS] = {400, 150, 60, 60};

static void cut_in_midst(struct round *round)
{
	struct rig *rig = &round->log.rig;
	const char *line = round->by_power ? "power off" : "usb unplug";

	rig_at_command(rig, 1 + choose(round, lengths[round->act]), line);
	begin[round->act](round);
	if (rig_was_said(rig))
		round->tally->in_midst[round->act]++;
	else
		(void)rig_control(rig, "%s", line);
	rig_at_command(rig, 0, "");
	round->tally->cuts[round->act][round->by_power]++;
}

static void expect_told(struct round *round)
{
	uint64_t end_us = probe_now_us(round->log.rig.probe) + TOLD_US;

	if (round->act == RUNS) {
		expect(round, session_wait(&round->log, TOLD_US), "who waits is not told");
		expect(round, !has_registers(round), "registers of a core out of reach");
		if (!is_error(round))
			return;
	}
	do {
		read_something(round);
		session_pass(&round->log, 50000);
	} while (probe_now_us(round->log.rig.probe) < end_us);
}

static void expect_refused(struct round *round)
{
	static const char *const packets[] = {"g", "p0", "pf", "m20002000,4", "m8000000,10",
		"m20000100,4", "M20002000,1:00", "qCRC:8000000,100"};

	for (size_t i = 0; i < COUNT_OF(packets); i++) {
		session_ask(&round->log, "%s", packets[i]);
		expect(round, is_error(round), packets[i]);
	}
	session_ask(&round->log, "vCont;s:1");
	expect(round, session_wait(&round->log, TOLD_US), "a step hangs");
	expect(round, !has_registers(round), "a step of a core out of reach");
}

/* ---- and back ---- */

static void bring_back(struct round *round)
{
	struct session_log *log = &round->log;
	uint64_t end_us = probe_now_us(log->rig.probe) + BACK_US;

	session_pass(log, choose(round, 400000));
	(void)rig_control(&log->rig, round->by_power ? "power on" : "usb plug");
	do {
		expect(round, probe_now_us(log->rig.probe) < end_us, "it does not come back");
		session_pass(log, 50000);
		session_ask(log, "m%x,4", SCRATCH);
	} while (is_error(round));
}

/* What nobody took away is set again without being asked, or when the core is let go. */
static void expect_armed(struct round *round)
{
	bool armed = bench_true_word(&round->log.rig, DHCSR) & S_HALT;

	for (uint32_t i = 0; i < FP_COMPS; i++) {
		uint32_t comparator = bench_true_word(&round->log.rig, FP_COMP0 + 4 * i);
		armed |= (comparator & 1) && (comparator & 0x1FFFFFFC) == PROGRAM_SVC_HERE;
	}
	expect(round, armed, "the breakpoint is not armed");
	session_expect(&round->log, "z1,8000180,2", "OK");
}

static void expect_next_load(struct round *round)
{
	if (choose(round, 2))
		make_image(round);
	expect(round, load(round), "the next load fails");
	check_flash(round);
}

static void expect_next_stop(struct round *round)
{
	struct session_log *log = &round->log;

	session_expect(log, "Z1,8000104,2", "OK");
	session_ask(log, "vCont;c");
	expect(round, session_wait(log, STEP_US), "the core does not stop");
	expect(round, has_registers(round), "the next stop");
	check_stop(round);
	expect(round, session_register(log, 15) == PROGRAM_LOOP, "it stops elsewhere");
	check_memory(round, SCRATCH, SCRATCH_BYTES);
	check_memory(round, PROGRAM_COUNT, 4);
	check_memory(round, PROGRAM_START + choose(round, IMAGE - 256), 256);
	session_expect(log, "z1,8000104,2", "OK");
}

/* ---- a round ---- */

static void fill_scratch(struct round *round)
{
	char packet[2 * SCRATCH_BYTES + 32];
	size_t used = (size_t)snprintf(packet, sizeof(packet), "M%x,%x:", SCRATCH, SCRATCH_BYTES);

	rig_fill(round->scratch, SCRATCH_BYTES, round->seed);
	for (size_t i = 0; i < SCRATCH_BYTES; i++)
		used += (size_t)snprintf(packet + used, 3, "%02x", round->scratch[i]);
	session_expect(&round->log, packet, "OK");
}

/* It begins and ends with a core that is halted and a flash that is whole. */
static void play(struct round *round)
{
	uint64_t start_us = probe_now_us(round->log.rig.probe);

	round->seed = (round->number + 1) * 2654435761u;
	round->act = (enum act)choose(round, ACTS);
	round->by_power = choose(round, 2);
	fill_scratch(round);
	cut_in_midst(round);
	expect_told(round);
	expect_refused(round);
	bring_back(round);
	if (round->act == RUNS)
		expect_armed(round);
	if (round->act == LOADS)
		expect_next_load(round);
	expect_next_stop(round);
	expect(round, probe_now_us(round->log.rig.probe) - start_us < HANG_US, "it takes for ever");
}

static void start_board(struct round *round, unsigned which)
{
	static const char *const firmware[] = {NULL, "V2J26M15"};
	struct rig *rig = &round->log.rig;

	memset(&round->log, 0, sizeof(round->log));
	if (which % 3 == 2)
		bench_start_v3(rig);
	else
		bench_start(rig, firmware[which % 3]);
	session_open(&round->log);
	session_watch_probe(&round->log);
	round->seed = which + 1;
	make_image(round);
	assert_true(load(round));
}

static unsigned from_environment(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);
	return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void check_tally(const struct tally *tally)
{
	for (unsigned i = 0; i < ACTS; i++) {
		print_message("%s: %u by cable, %u by power, %u of them in its midst\n",
			act_names[i], tally->cuts[i][0], tally->cuts[i][1], tally->in_midst[i]);
		assert_true(tally->cuts[i][0] > ROUNDS / 20 && tally->cuts[i][1] > ROUNDS / 20);
		assert_true(tally->in_midst[i] > ROUNDS / 20);
	}
	print_message("%u stops and %u loads were exact\n", tally->stops, tally->whole_loads);
}

static void after_each_cut_all_is_exact_again(void **state)
{
	unsigned first = from_environment("ROUNDS_FIRST", 0);
	unsigned end = first + from_environment("ROUNDS_COUNT", ROUNDS);
	struct tally tally = {0};
	(void)state;

	for (unsigned number = first; number < end;) {
		struct round *round = calloc(1, sizeof(*round));
		assert_non_null(round);
		round->tally = &tally;
		start_board(round, number / PER_BOARD);
		do {
			round->number = number++;
			play(round);
		} while (number < end && number % PER_BOARD);
		session_close(&round->log);
		rig_stop(&round->log.rig);
		free(round);
	}
	if (end - first >= ROUNDS)
		check_tally(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_each_cut_all_is_exact_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
