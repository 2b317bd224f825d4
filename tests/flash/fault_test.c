/*
 * The fault matrix: every trouble that the board can be put into, at the moment when it hurts, and
 * what the driver says of it. Each case names the cause that must be found; its look-alikes are the
 * cases that must find nothing, or something else.
 */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/log.h"

#define IMAGE_SIZE 78403u /* of the flight controller's official HEX: sectors 0 to 4 */
#define KIB        1024u

static uint8_t image[512 * KIB], old[512 * KIB], held[512 * KIB];

/* ---- what was logged ---- */

struct heard {
	char text[16384];
	size_t used;
};

static void hear(void *context, enum log_level level, const char *text)
{
	struct heard *heard = context;
	if (level > LOG_INFO)
		return;
	int wrote = snprintf(
		heard->text + heard->used, sizeof(heard->text) - heard->used, "%s\n", text);
	if (wrote > 0 && heard->used + (size_t)wrote < sizeof(heard->text))
		heard->used += (size_t)wrote;
}

/* ---- a board with an old program, ready for a load ---- */

static void start(struct rig *rig, const char *chip, const char *probe)
{
	rig_start(rig, &(struct rig_options){.board = {.chip = chip, .probe = probe}});
	rig_fill(old, IMAGE_SIZE, 7);
	assert_int_equal(rig_load(rig, 0, old, IMAGE_SIZE, NULL), ERR_OK);
	rig_fill(image, IMAGE_SIZE, 8);
}

/* Whether the board holds what the report says of its sectors. */
static void check_flash(struct rig *rig, const char *text)
{
	static const uint32_t starts[] = {0, 0x4000, 0x8000, 0xC000, 0x10000, 0x20000};
	const char *at = text + strlen("sectors ");
	rig_peek(rig, RIG_FLASH, held, 0x20000);
	while (at && *at >= '0' && *at <= '9') {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		uint32_t from = starts[first], to = starts[last + 1];
		to = to > IMAGE_SIZE ? IMAGE_SIZE : to;
		if (strncmp(end, " old", 4) == 0)
			assert_memory_equal(held + from, old + from, to - from);
		else if (strncmp(end, " new", 4) == 0)
			assert_memory_equal(held + from, image + from, to - from);
		for (uint32_t i = from; strncmp(end, " blank", 6) == 0 && i < to; i++)
			assert_int_equal(held[i], 0xFF);
		at = strstr(end, ", ");
		at = at ? at + 2 : NULL;
	}
}

/* ---- loads ---- */

/* The second try may help or not, as the moment decides. */
#define EITHER ERR_COUNT

struct load_case {
	const char *name;
	const char *lines[3]; /* said to the board before the load */
	const char *during;   /* said at command `at` of the load */
	unsigned at;
	enum err err;     /* of the load in the end */
	const char *code; /* must be in the report, or NULL: no FD at all */
	const char *text; /* must be said, too; or NULL */
	const char *chip;
};

/* Commands of a load until ...; found by counting, and wrong only if the moment is missed, which
 * the expected code then shows. */
enum { IN_SURVEY = 40, IN_ERASE = 120, IN_WRITE = 400 };

static const struct load_case load_cases[] = {
	{.name = "healthy"},
	{.name = "slow but legal erase", .lines = {"fault slow-flash 170"}},
	{.name = "interrupts pending again and again", .lines = {"fault irq-storm 1ms"}},
	{.name = "hardware watchdog", .lines = {"fault iwdg hw"}},
	{.name = "software watchdog of the firmware", .lines = {"fault iwdg sw 50ms"}},
	{.name = "window watchdog of the firmware", .lines = {"fault wwdg"}},
	{.name = "one WAIT", .during = "fault swd-wait", .at = IN_SURVEY},
	{.name = "the firmware erases its own flash", .lines = {"fault fw-self-erase 5"}},

	{.name = "power off for good",
		.during = "power off",
		.at = IN_ERASE,
		.err = ERR_TARGET_NO_LINK,
		.code = "FD01",
		.text = "VTref 0.00 V"},
	{.name = "the supply breaks down in sector 1 and comes back",
		.lines = {"fault vdd-droop erase:1 +120ms 1400"},
		.code = "FD02",
		.text = "at x16 instead of x32"},
	{.name = "the supply sags but the chip lives",
		.lines = {"fault vdd-droop erase:1 +120ms 2500 400ms"},
		.code = "FD02",
		.text = "2.49 V at least"},
	{.name = "the wire comes off",
		.during = "fault swd-silent",
		.at = IN_ERASE,
		.err = ERR_TARGET_NO_LINK,
		.code = "FD04"},
	{.name = "bit errors at a high clock",
		.lines = {"fault link-ber 1e-4 above 1000 seed 3"},
		.code = "FD04"},
	{.name = "reset button held",
		.during = "nrst low",
		.at = IN_ERASE,
		.err = ERR_TARGET_FAULT,
		.code = "FD06"},
	{.name = "read protection",
		.lines = {"fault rdp 1"},
		.err = ERR_FLASH_PROTECTED,
		.code = "FD12"},
	{.name = "intrusion",
		.lines = {"fault rdp 1", "fault intrusion", "fault rdp 0"},
		.err = ERR_FLASH_PROTECTED,
		.code = "FD13"},
	{.name = "write protection",
		.lines = {"fault wrp 1-2"},
		.err = ERR_FLASH_PROTECTED,
		.code = "FD14",
		.text = "sectors 1-2 are"},
	{.name = "write protection elsewhere", .lines = {"fault wrp 5"}},
	{.name = "PCROP",
		.lines = {"fault pcrop 2"},
		.err = ERR_FLASH_PROTECTED,
		.code = "FD15",
		.text = "sector 2 is"},
	{.name = "hardware watchdog fires",
		.lines = {"fault iwdg hw"},
		.during = "fault iwdg sw 200us",
		.at = IN_ERASE,
		.code = "FD16"},
	{.name = "software watchdog fires",
		.during = "fault iwdg sw 200us",
		.at = IN_ERASE,
		.code = "FD17"},
	{.name = "window watchdog fires", .during = "fault wwdg", .at = IN_ERASE, .code = "FD17"},
	{.name = "NMI in the loader",
		.during = "word 0xE000ED04 0x80000000",
		.at = IN_WRITE,
		.code = "FD18"},
	{.name = "DMA over the loader",
		.during = "fault dma-scribble 0x20000150 2ms",
		.at = IN_ERASE,
		.code = "FD19"},
	{.name = "the controller stays busy",
		.lines = {"fault bsy-stuck on"},
		.err = ERR_FLASH_ERASE,
		.code = "FD21",
		.text = "FLASH_SR 00010000 (BSY)"},
	{.name = "stalled while busy",
		.during = "fault swd-wait x300 on READDEBUGREG",
		.at = IN_ERASE,
		.err = EITHER,
		.code = "FD22"},
	{.name = "stale flags", .lines = {"fault stale-sr 0x80"}},
	{.name = "wrong keys", .during = "fault keylock", .at = IN_SURVEY, .code = "FD24"},
	{.name = "the core is let run",
		.lines = {"fault bsy-stuck on"},
		.during = "word 0xE000EDF0 0xA05F0001",
		.at = IN_ERASE,
		.err = ERR_FLASH_ERASE,
		.code = "FD25"},
	{.name = "clock too slow",
		.during = "word 0x40023808 0xF0",
		.at = IN_SURVEY,
		.code = "FD26"},
	{.name = "DB1M changed",
		.chip = "stm32f429zg",
		.lines = {"fault db1m on"},
		.err = ERR_TARGET_STATE,
		.code = "FD27"},
	{.name = "a cell that does not erase",
		.lines = {"fault weak-erase 0x08005002"},
		.err = ERR_FLASH_PROGRAM,
		.code = "FD29"},
	{.name = "a cell that does not program",
		.lines = {"fault weak-bit 0x08005000"},
		.code = "FD30",
		.text = "0x08005000"},
	{.name = "erase at the upper end of the data sheet",
		.lines = {"fault slow-flash max"},
		.code = "FD31"},
	{.name = "garbage for an id",
		.lines = {"fault bad-id"},
		.err = ERR_TARGET_UNKNOWN,
		.code = "FD32"},
	{.name = "a clone, all of a sudden",
		.lines = {"fault clone-jep"},
		.err = ERR_TARGET_UNKNOWN,
		.code = "FD33",
		.text = "--chip=NAME"},
	{.name = "BOOT0 high", .lines = {"fault boot0"}, .code = "FD34"},
	{.name = "unplugged",
		.during = "usb unplug",
		.at = IN_ERASE,
		.err = ERR_USB_GONE,
		.code = "FD35"},
	{.name = "resets for ever",
		.lines = {"fault por-storm 100ms"},
		.err = EITHER,
		.code = "FD02",
		.text = "FD36: the target resets continuously"},
	{.name = "reset button pressed",
		.during = "nrst low;run 5;nrst wired",
		.at = IN_ERASE,
		.code = "FD37",
		.text = "the SRAM has kept its mark"},
	{.name = "power off and on",
		.during = "power off;run 50;power on;run 50",
		.at = IN_ERASE,
		.code = "FD02",
		.text = "the SRAM has lost its mark"},
};

/* The first cause that was named; an empty text: none was. */
static void first_code(const struct heard *heard, char code[8])
{
	const char *at = heard->text;
	code[0] = '\0';
	while ((at = strstr(at, "FD")) != NULL) {
		if ((at == heard->text || at[-1] == '\n') && at[4] == ':') {
			(void)snprintf(code, 8, "%.4s", at);
			return;
		}
		at++;
	}
}

/* A text is what was wrong. */
static const char *judge(
	struct rig *rig, const struct load_case *each, enum err err, const struct heard *heard)
{
	const struct target_report *report = target_last_failure(rig->target);
	char code[8];
	first_code(heard, code);
	if (each->err != EITHER && err != each->err)
		return err_text(err);
	if (strcmp(code, each->code ? each->code : "") != 0)
		return "another cause was found";
	if (each->text && !strstr(heard->text, each->text))
		return each->text;
	if ((report != NULL) != (err != ERR_OK))
		return "the failure is not kept, or kept too long";
	if (report)
		check_flash(rig, report->flash);
	if (err)
		return NULL;
	rig_peek(rig, RIG_FLASH, held, IMAGE_SIZE);
	return memcmp(held, image, IMAGE_SIZE) == 0 ? NULL : "the flash holds something else";
}

static bool run_load(const struct load_case *each)
{
	struct rig rig;
	struct heard heard = {0};
	start(&rig, each->chip, "v21");
	log_listen(hear, &heard);
	for (size_t i = 0; i < 3 && each->lines[i]; i++)
		rig_control(&rig, "%s", each->lines[i]);
	if (each->during)
		rig_at_command(&rig, each->at, each->during);
	uint64_t from_ns = board_now_ns(rig.board);
	enum err err = rig_load(&rig, 0, image, IMAGE_SIZE, NULL);
	unsigned took_ms = (unsigned)((board_now_ns(rig.board) - from_ns) / 1000000);
	log_listen(NULL, NULL);
	const char *wrong = judge(&rig, each, err, &heard);
	print_message("%s: %s in %u ms\n", each->code ? each->code : "fine", each->name, took_ms);
	if (wrong || took_ms > 8000)
		print_error("wrong: %s\n%s\n", wrong ? wrong : "it took too long", heard.text);
	rig_stop(&rig);
	return !wrong;
}

static void loads_fail_for_the_right_reason(void **state)
{
	unsigned wrong = 0;
	(void)state;
	for (size_t i = 0; i < sizeof(load_cases) / sizeof(load_cases[0]); i++)
		wrong += !run_load(&load_cases[i]);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_fail_for_the_right_reason),
	};
	log_set_level(LOG_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
