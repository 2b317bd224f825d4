/*
 * The control language of a board, one line at a time. See board.h for who speaks it.
 *
 *     books                       the books, as JSON
 *     power off|on                the target's supply
 *     vdd MILLIVOLTS              its voltage
 *     nrst low|open|wired         held low from outside; the probe's wire off; as it should be
 *     read ADDRESS LENGTH         memory of the target, as an onlooker sees it
 *     word ADDRESS [VALUE]        a word through the access port, with what that does
 *     run MILLISECONDS            lets modelled time pass
 *     usb unplug|plug             the cable of the probe
 *     at MOMENT [+DELAY] LINE     a line to be obeyed then; moments.h tells which there are
 *     moments                     how many lines wait, and when those before were obeyed
 *     seen ADDRESS                the values that a register was read with since the first of them
 *     trace HEX                   bytes on the target's trace pin
 *     fault mode N                the probe is in this mode now
 *     fault stale-in [BYTES]      a reply that somebody left behind
 *     fault ...                   a switch of stlink_faults.h, or else of chip/faults.c
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "board_inside.h"
#include "targets/virtual/chip.h"

#define READ_MAX   4096
#define TRACE_MAX  512
#define RUN_MAX_MS 3600000

/* Obeys the words behind the command's own; a text is what was wrong with them. */
typedef const char *control(struct board *board, const char *words, struct text *reply);

static bool number(const char **text, int base, unsigned long highest, unsigned long *value)
{
	char *end;
	while (**text == ' ')
		++*text;
	if (!isxdigit((unsigned char)**text))
		return false;
	*value = strtoul(*text, &end, base);
	if (end == *text || (*end && *end != ' ') || *value > highest)
		return false;
	*text = end;
	return true;
}

static const char *control_books(struct board *board, const char *words, struct text *reply)
{
	(void)words;
	pins_run_chip(&board->pins);
	board_write_books(board, reply);
	return NULL;
}

static const char *control_power(struct board *board, const char *words, struct text *reply)
{
	(void)reply;
	bool on = strcmp(words, "on") == 0;
	if (!on && strcmp(words, "off") != 0)
		return "power is on or off";
	pins_power(&board->pins, on);
	return NULL;
}

static const char *control_vdd(struct board *board, const char *words, struct text *reply)
{
	(void)reply;
	unsigned long millivolts;
	if (!number(&words, 10, 6000, &millivolts) || *words)
		return "vdd takes millivolts up to 6000";
	pins_set_supply(&board->pins, (unsigned)millivolts);
	return NULL;
}

static const char *control_nrst(struct board *board, const char *words, struct text *reply)
{
	(void)reply;
	static const char *const names[] = {
		[NRST_WIRED] = "wired", [NRST_OPEN] = "open", [NRST_LOW] = "low"};
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(words, names[i]) != 0)
			continue;
		pins_wire_nrst(&board->pins, (enum nrst_wire)i);
		return NULL;
	}
	return "nrst is low, open or wired";
}

static void add_hex(struct text *text, const uint8_t *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * READ_MAX + 1];
	for (size_t i = 0; i < size; i++) {
		hex[2 * i] = digits[data[i] >> 4];
		hex[2 * i + 1] = digits[data[i] & 15];
	}
	hex[2 * size] = '\0';
	text_add(text, "%s", hex);
}

static const char *control_read(struct board *board, const char *words, struct text *reply)
{
	unsigned long address;
	unsigned long length;
	uint8_t data[READ_MAX];
	if (!number(&words, 0, UINT32_MAX, &address) || !number(&words, 0, READ_MAX, &length))
		return "read takes an address and a length up to 4096";
	pins_run_chip(&board->pins);
	if (*words || !chip_peek(board->chip, (uint32_t)address, data, length))
		return "nothing is mapped there";
	text_add(reply, "{\"address\":%lu,\"data\":\"", address);
	add_hex(reply, data, length);
	text_add(reply, "\"}");
	return NULL;
}

static const char *refusal(enum chip_ack ack)
{
	static const char *const reasons[] = {
		[CHIP_OK] = NULL,
		[CHIP_WAIT] = "the bus is stalled",
		[CHIP_FAULT] = "the bus answers with a fault",
	};
	return reasons[ack];
}

static const char *control_word(struct board *board, const char *words, struct text *reply)
{
	unsigned long address, written;
	uint32_t value;
	if (!number(&words, 0, UINT32_MAX, &address) || address % 4 != 0)
		return "word takes an address that is a multiple of 4";
	bool writes = *words;
	if (writes && (!number(&words, 0, UINT32_MAX, &written) || *words))
		return "word writes one value";
	pins_run_chip(&board->pins);
	if (writes)
		return refusal(chip_write(board->chip, (uint32_t)address, 4, (uint32_t)written));
	enum chip_ack ack = chip_read(board->chip, (uint32_t)address, 4, &value);
	if (ack == CHIP_OK)
		text_add(reply, "{\"address\":%lu,\"value\":%" PRIu32 "}", address, value);
	return refusal(ack);
}

static const char *control_run(struct board *board, const char *words, struct text *reply)
{
	(void)reply;
	unsigned long milliseconds;
	if (!number(&words, 10, RUN_MAX_MS, &milliseconds) || *words)
		return "run takes milliseconds, an hour at most";
	board_run(board, milliseconds * NS_PER_MS);
	return NULL;
}

static const char *control_usb(struct board *board, const char *words, struct text *reply)
{
	(void)reply;
	bool off = strcmp(words, "unplug") == 0;
	if (!off && strcmp(words, "plug") != 0)
		return "usb takes unplug or plug";
	board->device.cable_off = off;
	if (off)
		usb_device_unplug(&board->device);
	return NULL;
}

static const char *control_at(struct board *board, const char *words, struct text *reply)
{
	(void)reply;
	return moments_add(board, words);
}

static const char *control_moments(struct board *board, const char *words, struct text *reply)
{
	(void)words;
	moments_write(&board->moments, reply);
	return NULL;
}

static const char *control_seen(struct board *board, const char *words, struct text *reply)
{
	unsigned long address;
	uint32_t values[WITNESS_SIGHTS];
	if (!number(&words, 0, UINT32_MAX, &address) || *words)
		return "seen takes an address";
	size_t count = witness_values(&board->witness, (uint32_t)address, values);
	text_add(reply, "{\"values\":[");
	for (size_t i = 0; i < count; i++)
		text_add(reply, i ? ",%" PRIu32 : "%" PRIu32, values[i]);
	text_add(reply, "]}");
	return NULL;
}

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static const char *control_trace(struct board *board, const char *words, struct text *reply)
{
	(void)reply;
	uint8_t data[TRACE_MAX];
	size_t size = strlen(words) / 2;
	if (size == 0 || size > TRACE_MAX || strlen(words) % 2)
		return "trace takes up to 512 bytes in hex";
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(words[2 * i]);
		int low = hex_digit(words[2 * i + 1]);
		if (high < 0 || low < 0)
			return "trace takes hex digits";
		data[i] = (uint8_t)(high << 4 | low);
	}
	firmware_feed_trace(&board->firmware, data, size);
	return NULL;
}

/* ---- faults ---- */

static const char *after(const char *line, const char *word)
{
	size_t length = strlen(word);
	if (strncmp(line, word, length) != 0 || (line[length] && line[length] != ' '))
		return NULL;
	line += length;
	while (*line == ' ')
		line++;
	return line;
}

static const char *fault_mode(struct board *board, const char *words)
{
	unsigned long mode;
	if (!number(&words, 10, MODE_COUNT - 1, &mode) || *words)
		return "modes are 0 to 4";
	firmware_force_mode(&board->firmware, (enum stlink_mode)mode, board->device.plugged);
	return NULL;
}

static const char *fault_stale(struct board *board, const char *words)
{
	unsigned long size = 12;
	if (*words && (!number(&words, 10, FIRMWARE_REPLY_MAX, &size) || *words))
		return "stale-in takes a number of bytes";
	usb_device_leave_stale(&board->device, size);
	return NULL;
}

static const char *control_fault(struct board *board, const char *words, struct text *reply)
{
	(void)reply;
	const char *rest = after(words, "mode");
	if (rest)
		return fault_mode(board, rest);
	rest = after(words, "stale-in");
	if (rest)
		return fault_stale(board, rest);
	switch (stlink_faults_set(&board->faults, words)) {
	case FAULTS_SET:
		return NULL;
	case FAULTS_INVALID:
		return "the switch takes other words";
	case FAULTS_UNKNOWN:
	default:
		pins_run_chip(&board->pins);
		return chip_fault(board->chip, words) ? NULL : "no such switch";
	}
}

/* ---- lines ---- */

static const struct {
	const char *name;
	control *obey;
} controls[] = {
	{"books", control_books},
	{"power", control_power},
	{"vdd", control_vdd},
	{"nrst", control_nrst},
	{"read", control_read},
	{"word", control_word},
	{"run", control_run},
	{"usb", control_usb},
	{"at", control_at},
	{"moments", control_moments},
	{"seen", control_seen},
	{"trace", control_trace},
	{"fault", control_fault},
};

static const char *obey(struct board *board, const char *line, struct text *reply)
{
	for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
		const char *words = after(line, controls[i].name);
		if (words)
			return controls[i].obey(board, words, reply);
	}
	return "no such command";
}

enum err board_control(struct board *board, const char *line, char *reply, size_t size)
{
	struct text text = {.bytes = reply, .size = size};
	if (size > 0)
		reply[0] = 0;
	const char *wrong = obey(board, line, &text);
	if (wrong) {
		text.used = 0;
		text_add(&text, "{\"error\":\"%s\"}", wrong);
		return ERR_ARGUMENT;
	}
	if (text.used == 0)
		text_add(&text, "{\"ok\":true}");
	return ERR_OK;
}
