/* A probe of a given firmware, opened over a scripted wire. */
#include "opened_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

/* "V2J37M26" taken apart. */
struct numbers {
	unsigned hardware, j, m, b, s, p;
};

static struct numbers parse(const char *firmware)
{
	struct numbers numbers = {0};

	for (const char *part = firmware; *part;) {
		char *end;
		unsigned number = (unsigned)strtoul(part + 1, &end, 10);
		switch (*part) {
		case 'V':
			numbers.hardware = number;
			break;
		case 'J':
			numbers.j = number;
			break;
		case 'M':
			numbers.m = number;
			break;
		case 'B':
			numbers.b = number;
			break;
		case 'S':
			numbers.s = number;
			break;
		case 'P':
			numbers.p = number;
			break;
		default:
			fail_msg("what is %s in %s?", part, firmware);
		}
		part = end;
	}
	return numbers;
}

static unsigned pid_of(struct numbers numbers)
{
	if (numbers.hardware == 4)
		return 0x3757;
	if (numbers.hardware == 3)
		return 0x374E;
	return numbers.s ? 0x3748 : 0x374B;
}

void script_expect_identify(struct script *script, const char *firmware)
{
	struct numbers n = parse(firmware);
	unsigned word = n.hardware << 12 | (n.hardware == 2 ? n.j << 6 | (n.s ? n.s : n.m) : 0);
	unsigned pid = pid_of(n);
	char reply[80];

	script_expect_drain(script, ERR_OK);
	snprintf(reply, sizeof(reply), "%02x %02x 83 04 %02x %02x", word >> 8, word & 0xFF,
		pid & 0xFF, pid >> 8);
	script_expect_in(script, "F1", reply);
	if (n.hardware < 3)
		return;
	snprintf(reply, sizeof(reply), "%02x %02x %02x %02x %02x %02x 00 00 83 04 %02x %02x",
		n.hardware, n.s, n.j, n.m, n.b, n.p, pid & 0xFF, pid >> 8);
	script_expect_in(script, "FB", reply);
}

void script_expect_open(struct script *script, const char *firmware)
{
	script_expect_identify(script, firmware);
	script_expect_in(script, "F5", "01 00");
}

/* The seven clocks of a V3 in an answer of 52 bytes; 24 MHz is the present one. */
#define CLOCKS                                                                                 \
	"80 00 00 00 C0 5D 00 00 07 00 00 00 C0 5D 00 00 40 1F 00 00 E4 0C 00 00 E8 03 00 00 " \
	"C8 00 00 00 32 00 00 00 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"

void script_expect_enter(struct script *script, const char *firmware)
{
	struct numbers n = parse(firmware);

	if (n.hardware >= 3) {
		script_expect_in(script, "F2 62 00", CLOCKS);
		script_expect_in(script, "F2 61 00 00 C0 5D 00 00", "80 00 00 00 C0 5D 00 00");
	} else if (n.j >= 22) {
		script_expect_in(script, "F2 43 00 00", "80 00");
	}
	script_expect_in(script, "F2 30 A3", "80 00");
	if (n.hardware >= 3 || n.j >= 28)
		script_expect_in(script, "F2 4B 00", "80 00");
	if (n.hardware == 4 || (n.hardware == 3 && n.j >= 2))
		script_expect_in(script, "F2 53", "CB 04");
	else if (n.hardware == 2 && n.j >= 32)
		script_expect_in(script, "F2 53", "40 00");
}

struct probe *opened_probe(struct script **script, const char *firmware)
{
	struct probe *probe;

	*script = script_create((uint16_t)pid_of(parse(firmware)));
	script_expect_open(*script, firmware);
	assert_int_equal(probe_open(script_wire(*script), &probe), ERR_OK);
	script_check(*script);
	return probe;
}

struct probe *entered_probe(struct script **script, const char *firmware)
{
	struct probe *probe = opened_probe(script, firmware);
	unsigned khz = probe_info(probe)->default_speed_khz;

	script_expect_enter(*script, firmware);
	assert_int_equal(probe_enter(probe, khz, NULL), ERR_OK);
	script_check(*script);
	return probe;
}

void close_probe(struct script *script, struct probe *probe, bool entered)
{
	if (entered)
		script_expect(script, "F2 21");
	probe_close(probe);
	script_finish(script);
}
