/*
 * Attaching to boards that do not want to be attached to: what is tried, in which order, what is
 * said, and what it leaves behind; and halting a core that does not want to halt.
 */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "probe/log.h"

struct heard {
	char text[8192];
	size_t used;
};

static void hear(void *context, enum log_level level, const char *text)
{
	struct heard *heard = context;
	if (level > LOG_INFO || heard->used + strlen(text) + 2 > sizeof(heard->text))
		return;
	heard->used += (size_t)snprintf(
		heard->text + heard->used, sizeof(heard->text) - heard->used, "%s\n", text);
}

struct attach_case {
	const char *name;
	const char *lines[3]; /* said to the board before */
	bool presses;         /* the button, when asked to */
	enum target_connect connect;
	bool no_reset, quiet;
	enum err err;
	const char *says[2];   /* must be said; NULL: anything */
	const char *silent_of; /* must not be said */
	uint64_t resets;       /* by the attach, at most */
};

static const struct attach_case cases[] = {
	{.name = "healthy", .connect = TARGET_CONNECT_AUTO, .silent_of = "FD"},
	{.name = "asleep", .lines = {"run 5"}, .connect = TARGET_CONNECT_AUTO, .silent_of = "FD"},
	{.name = "no power",
		.lines = {"power off"},
		.connect = TARGET_CONNECT_AUTO,
		.quiet = true,
		.err = ERR_TARGET_POWER,
		.says = {"FD01: the target has no power (VTref 0.00 V)"}},
	{.name = "no power, and nobody is asked to press a button",
		.lines = {"power off"},
		.connect = TARGET_CONNECT_AUTO,
		.err = ERR_TARGET_POWER,
		.says = {"FD01"},
		.silent_of = "RESET now"},
	{.name = "STOP, quietly",
		.lines = {"fault stop"},
		.connect = TARGET_CONNECT_AUTO,
		.quiet = true,
		.err = ERR_TARGET_WAIT,
		.says = {"FD09: the core is in STOP"}},
	{.name = "STOP",
		.lines = {"fault stop"},
		.connect = TARGET_CONNECT_AUTO,
		.says = {"reset line held low", "FD09: the core is in STOP"},
		.resets = 1},
	{.name = "STOP, no reset",
		.lines = {"fault stop"},
		.connect = TARGET_CONNECT_AUTO,
		.no_reset = true,
		.err = ERR_TARGET_WAIT,
		.says = {"--no-reset forbids", "FD09"}},
	{.name = "Standby",
		.lines = {"fault standby"},
		.connect = TARGET_CONNECT_AUTO,
		.says = {"attached under reset", "FD08: the firmware enters Standby"},
		.resets = 1},
	{.name = "pins off",
		.lines = {"fault swd off", "run 5"},
		.connect = TARGET_CONNECT_AUTO,
		.says = {"attached under reset", "FD07: the firmware switches the SWD pins off"},
		.resets = 1},
	{.name = "pins off, only quietly",
		.lines = {"fault swd off", "run 5"},
		.connect = TARGET_CONNECT_NORMAL,
		.err = ERR_TARGET_NO_LINK,
		.says = {"FD04"}},
	{.name = "level 2",
		.lines = {"fault rdp 2"},
		.connect = TARGET_CONNECT_NORMAL,
		.err = ERR_TARGET_FAULT,
		.says = {"FD11"}},
	{.name = "wire off",
		.lines = {"fault swd-silent"},
		.connect = TARGET_CONNECT_AUTO,
		.err = ERR_TARGET_NO_LINK,
		.says = {"press and release RESET now", "FD11"},
		.resets = 1},
	{.name = "bit errors at a high clock",
		.lines = {"fault link-ber 2e-3 above 1000 seed 5"},
		.connect = TARGET_CONNECT_AUTO,
		.says = {"FD04"}},
	{.name = "rare bit errors at a high clock",
		.lines = {"fault link-ber 1e-4 above 1000 seed 7"},
		.connect = TARGET_CONNECT_AUTO,
		.says = {"FD04", "attached at 480 kHz: the link errs at 4000 kHz"}},
	{.name = "NRST open, under reset",
		.lines = {"nrst open"},
		.connect = TARGET_CONNECT_UNDER_RESET,
		.says = {"FD05: NRST is not wired"},
		.resets = 1},
	{.name = "NRST low",
		.lines = {"nrst low"},
		.connect = TARGET_CONNECT_NORMAL,
		.err = ERR_TARGET_STATE,
		.says = {"FD06: the target is held in reset"}},
	{.name = "pins off, NRST open, the button is pressed",
		.lines = {"fault swd off", "run 5", "nrst open"},
		.presses = true,
		.connect = TARGET_CONNECT_AUTO,
		.says = {"press and release RESET now"},
		.resets = 1},
};

static const char *judge(
	const struct attach_case *each, enum err err, const struct heard *heard, uint64_t resets)
{
	if (err != each->err)
		return err_text(err);
	for (size_t i = 0; i < 2 && each->says[i]; i++)
		if (!strstr(heard->text, each->says[i]))
			return each->says[i];
	if (each->silent_of && strstr(heard->text, each->silent_of))
		return each->silent_of;
	return resets > each->resets ? "it was reset" : NULL;
}

/* A program that runs in a circle, left alone. */
static void start_running(struct rig *rig)
{
	static const uint8_t program[] = {
		0x00, 0x10, 0x00, 0x20, 0x09, 0x00, 0x00, 0x08, 0xFE, 0xE7, 0xFE, 0xE7};
	assert_int_equal(rig_load(rig, 0, program, sizeof(program), NULL), ERR_OK);
	assert_int_equal(target_reset(rig->target, false), ERR_OK);
	assert_int_equal(target_detach(rig->target), ERR_OK);
}

/* The driver asks for it while it waits; a person is slow. */
struct person {
	struct rig *rig;
	bool presses;
	unsigned asked;
};

static bool press_button(void *context)
{
	struct person *person = context;
	if (!person->presses)
		return false;
	person->asked++;
	if (person->asked == 50)
		rig_control(person->rig, "nrst low");
	if (person->asked == 100)
		rig_control(person->rig, "nrst open");
	return false;
}

static bool run_attach(const struct attach_case *each)
{
	struct rig rig;
	struct heard heard = {0};
	struct person person = {.rig = &rig};
	rig_start(&rig, &(struct rig_options){
				.target = {.no_reset = each->no_reset,
					.hooks = {.context = &person, .yield = press_button}}});
	start_running(&rig);
	target_set_connect(rig.target, each->connect);
	for (size_t i = 0; i < 3 && each->lines[i]; i++)
		rig_control(&rig, "%s", each->lines[i]);
	uint64_t resets = rig_book(&rig, "resets");
	uint64_t from_ns = board_now_ns(rig.board);
	person.presses = each->presses;
	log_listen(hear, &heard);
	enum err err = each->quiet ? target_reattach(rig.target) : target_attach(rig.target);
	log_listen(NULL, NULL);
	unsigned took_ms = (unsigned)((board_now_ns(rig.board) - from_ns) / 1000000);
	const char *wrong = judge(each, err, &heard, rig_book(&rig, "resets") - resets);
	print_message("%s: %s in %u ms\n", each->name, err_text(err), took_ms);
	if (wrong || took_ms > 13000)
		print_error("wrong: %s\n%s\n", wrong ? wrong : "it took too long", heard.text);
	rig_stop(&rig);
	return !wrong;
}

static void each_board_is_attached_or_told_why_not(void **state)
{
	unsigned wrong = 0;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		wrong += !run_attach(&cases[i]);
	assert_int_equal(wrong, 0);
}

/* ---- halting ---- */

static void a_core_that_erases_its_own_flash_is_waited_for(void **state)
{
	struct rig rig;
	struct heard heard = {0};
	struct target_status status;
	(void)state;
	rig_start(&rig, &(struct rig_options){0});
	rig_control(&rig, "fault fw-self-erase 5");
	log_listen(hear, &heard);
	assert_int_equal(target_halt(rig.target), ERR_OK);
	log_listen(NULL, NULL);
	assert_int_equal(target_poll(rig.target, &status), ERR_OK);
	assert_int_equal(status.state, TARGET_HALTED);
	if (strstr(heard.text, "FD20"))
		assert_non_null(strstr(heard.text, "erasing or writing its own flash"));
	print_message("%s", heard.text);
	rig_stop(&rig);
}

static void a_core_that_is_stuck_is_reset(void **state)
{
	struct rig rig;
	struct heard heard = {0};
	(void)state;
	rig_start(&rig, &(struct rig_options){0});
	rig_control(&rig, "fault core-stuck on");
	log_listen(hear, &heard);
	enum err err = target_halt(rig.target);
	log_listen(NULL, NULL);
	print_message("%s: %s", err_text(err), heard.text);
	assert_non_null(strstr(heard.text, "FD20: the core does not halt"));
	assert_non_null(strstr(heard.text, "resetting the chip"));
	rig_stop(&rig);
}

/* No number of items; answers that are garbage; a command that is refused:
 * each at the first use, when nothing depends on it yet. */
static void batches_that_do_not_work_are_done_without(void **state)
{
	static const char *const faults[] = {
		"fault short-reply 1 on RW_MISC_GET_MAX",
		"fault garbled-reply on RW_MISC_IN",
		"fault lost-reply on RW_MISC_IN",
		"fault usb-stall on RW_MISC_OUT",
	};
	uint8_t image[3000], held[sizeof(image)];
	(void)state;
	rig_fill(image, sizeof(image), 1);
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		struct rig rig;
		rig_start(&rig, &(struct rig_options){.detached = true});
		assert_true(probe_info(rig.probe)->has_batches);
		rig_control(&rig, "%s", faults[i]);
		assert_int_equal(target_attach(rig.target), ERR_OK);
		assert_false(probe_info(rig.probe)->has_batches);
		assert_int_equal(rig_load(&rig, 0, image, sizeof(image), NULL), ERR_OK);
		rig_peek(&rig, RIG_FLASH, held, sizeof(held));
		assert_memory_equal(held, image, sizeof(image));
		rig_stop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_board_is_attached_or_told_why_not),
		cmocka_unit_test(a_core_that_erases_its_own_flash_is_waited_for),
		cmocka_unit_test(a_core_that_is_stuck_is_reset),
		cmocka_unit_test(batches_that_do_not_work_are_done_without),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
