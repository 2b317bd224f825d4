/* Parsing and counting of the fault switches. See the header for the language. */
#include "stlink_faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SEED 0x9e3779b97f4a7c15ULL
#define SWD_BITS     46 /* of one transfer */
#define WORDS_MAX    12

enum value_kind { VALUE_NONE, VALUE_HEX, VALUE_NUMBER, VALUE_RATE };

struct fault_row {
	const char *name;
	enum value_kind kind;
	bool value_needed;
	uint32_t value; /* when none is given */
	uint32_t left;  /* when no xN is given */
};

static const struct fault_row rows[FAULT_COUNT] = {
	[FAULT_STATUS] = {"status", VALUE_HEX, true, 0, 1},
	[FAULT_USB_STALL] = {"usb-stall", VALUE_NONE, false, 0, 1},
	[FAULT_USB_TIMEOUT] = {"usb-timeout", VALUE_NONE, false, 0, 1},
	[FAULT_LOST_REPLY] = {"lost-reply", VALUE_NONE, false, 0, 1},
	[FAULT_SHORT_REPLY] = {"short-reply", VALUE_NUMBER, false, 1, 1},
	[FAULT_GARBLED_REPLY] = {"garbled-reply", VALUE_NONE, false, 0, 1},
	[FAULT_DELAY] = {"delay", VALUE_NUMBER, true, 0, 1},
	[FAULT_SWD_WAIT] = {"swd-wait", VALUE_NONE, false, 0, 1},
	[FAULT_SWD_FAULT] = {"swd-fault", VALUE_NONE, false, 0, 1},
	[FAULT_SWD_SILENT] = {"swd-silent", VALUE_NONE, false, 0, 0},
	[FAULT_LINK_BER] = {"link-ber", VALUE_RATE, true, 0, 0},
	[FAULT_VOLTAGE_ZERO] = {"voltage-zero", VALUE_NONE, false, 0, 0},
	[FAULT_STRICT_AP] = {"strict-ap", VALUE_NONE, false, 0, 0},
	[FAULT_CLOSE_AP] = {"close-ap", VALUE_NONE, false, 0, 0},
	[FAULT_TAR_WRAP] = {"tar-wrap", VALUE_NUMBER, false, 1024, 0},
	[FAULT_CRASH_8BIT] = {"crash-8bit", VALUE_NONE, false, 0, 0},
	[FAULT_MISC_GOES_ON] = {"misc-goes-on", VALUE_NONE, false, 0, 0},
	[FAULT_DEAF_ENTER] = {"deaf-enter", VALUE_NONE, false, 0, 0},
	[FAULT_CHAOS] = {"chaos", VALUE_RATE, true, 0, 0},
};

void stlink_faults_init(struct stlink_faults *faults)
{
	*faults = (struct stlink_faults){.random = DEFAULT_SEED};
}

static bool parse_number(const char *text, int base, uint32_t *value)
{
	char *end;
	unsigned long long number = strtoull(text, &end, base);
	if (end == text || *end || *text == '-' || number > UINT32_MAX)
		return false;
	*value = (uint32_t)number;
	return true;
}

/* A probability between 0 and 1 as a chance in 2^32. */
static bool parse_rate(const char *text, double occasions, uint32_t *value)
{
	char *end;
	double rate = strtod(text, &end) * occasions;
	if (end == text || *end || !(rate >= 0))
		return false;
	*value = rate >= 1 ? UINT32_MAX : (uint32_t)(rate * 4294967296.0);
	return true;
}

static bool parse_value(enum fault_id id, const char *text, uint32_t *value)
{
	if (id == FAULT_TAR_WRAP)
		return parse_number(text, 10, value) && *value >= 4 && !(*value & (*value - 1));
	switch (rows[id].kind) {
	case VALUE_HEX:
		return parse_number(text, 16, value) && *value <= 0xff;
	case VALUE_NUMBER:
		return parse_number(text, 10, value);
	case VALUE_RATE:
		return parse_rate(text, id == FAULT_LINK_BER ? SWD_BITS : 1, value);
	case VALUE_NONE:
	default:
		return false;
	}
}

/* `on COMMAND`, `above KHZ`, `skip N`, `seed N`. */
static bool parse_pair(
	const char *key, const char *text, struct fault *fault, struct stlink_faults *faults)
{
	uint32_t number = 0;
	if (strcmp(key, "on") == 0)
		return snprintf(fault->command, sizeof fault->command, "%s", text) <
		       (int)sizeof fault->command;
	if (!parse_number(text, 10, &number))
		return false;
	if (strcmp(key, "above") == 0)
		fault->above_khz = number;
	else if (strcmp(key, "skip") == 0)
		fault->skip = number;
	else if (strcmp(key, "seed") == 0)
		faults->random = DEFAULT_SEED ^ number;
	else
		return false;
	return true;
}

static bool parse_fault(
	enum fault_id id, char *const words[], unsigned count, struct stlink_faults *faults)
{
	struct fault fault = {.on = true, .left = rows[id].left, .value = rows[id].value};
	bool valued = false;
	for (unsigned i = 1; i < count; i++) {
		if (words[i][0] == 'x' && parse_number(words[i] + 1, 10, &fault.left))
			continue;
		if (i == 1 && parse_value(id, words[i], &fault.value)) {
			valued = true;
			continue;
		}
		if (i + 1 == count || !parse_pair(words[i], words[i + 1], &fault, faults))
			return false;
		i++;
	}
	if (rows[id].value_needed && !valued)
		return false;
	faults->all[id] = fault;
	return true;
}

static unsigned split(char *line, char *words[WORDS_MAX])
{
	unsigned count = 0;
	char *rest = NULL;
	for (char *word = strtok_r(line, " \t\r\n", &rest); word && count < WORDS_MAX;
		word = strtok_r(NULL, " \t\r\n", &rest))
		words[count++] = word;
	return count;
}

static enum fault_id find(const char *name)
{
	unsigned id = 0;
	while (id < FAULT_COUNT && strcmp(rows[id].name, name) != 0)
		id++;
	return (enum fault_id)id;
}

enum stlink_faults_answer stlink_faults_set(struct stlink_faults *faults, const char *line)
{
	char copy[256];
	char *words[WORDS_MAX];
	if (snprintf(copy, sizeof copy, "%s", line) >= (int)sizeof copy)
		return FAULTS_INVALID;
	unsigned count = split(copy, words);
	if (count == 0)
		return FAULTS_INVALID;
	if (count == 1 && strcmp(words[0], "none") == 0) {
		memset(faults->all, 0, sizeof faults->all);
		return FAULTS_SET;
	}
	enum fault_id id = find(words[0]);
	if (id == FAULT_COUNT)
		return FAULTS_UNKNOWN;
	if (count == 2 && strcmp(words[1], "off") == 0) {
		faults->all[id].on = false;
		return FAULTS_SET;
	}
	struct stlink_faults changed = *faults;
	if (!parse_fault(id, words, count, &changed))
		return FAULTS_INVALID;
	*faults = changed;
	return FAULTS_SET;
}

const struct fault *stlink_faults_strike(
	struct stlink_faults *faults, enum fault_id id, const char *command)
{
	struct fault *fault = &faults->all[id];
	if (!fault->on)
		return NULL;
	if (fault->command[0] && (!command || strcmp(fault->command, command) != 0))
		return NULL;
	if (fault->skip > 0) {
		fault->skip--;
		return NULL;
	}
	if (fault->left > 0 && --fault->left == 0)
		fault->on = false;
	return fault;
}

uint32_t stlink_faults_random(struct stlink_faults *faults)
{
	/* xorshift64*: small, and the same everywhere */
	uint64_t x = faults->random;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	faults->random = x;
	return (uint32_t)((x * 0x2545f4914f6cdd1dULL) >> 32);
}

bool stlink_faults_chance(struct stlink_faults *faults, uint32_t chance)
{
	return chance > 0 && stlink_faults_random(faults) <= chance;
}
