/* The values in a report's evidence: see evidence_values.h. Pure. */
#include "evidence_values.h"

#include "evidence_text.h"
#include "symptoms.h"

#include <stdio.h>
#include <string.h>

/* ---- numbers ---- */

static uint32_t vdd(const struct evidence *e)
{
	return e->now.vdd_mv;
}

static uint32_t vdd_first(const struct evidence *e)
{
	return e->trouble.vdd_first_mv;
}

static uint32_t vdd_min(const struct evidence *e)
{
	return e->trouble.vdd_min_mv ? e->trouble.vdd_min_mv : e->now.vdd_mv;
}

static uint32_t dpidr(const struct evidence *e)
{
	return e->now.dpidr;
}

static uint32_t watchdog(const struct evidence *e)
{
	return symptom_watchdog_ms(e);
}

static uint32_t ctrl_stat(const struct evidence *e)
{
	return e->now.has_ctrl_stat ? e->now.ctrl_stat : 0;
}

static uint32_t khz(const struct evidence *e)
{
	return e->link.khz;
}

static uint32_t resets(const struct evidence *e)
{
	return e->link.resets;
}

static uint32_t watched(const struct evidence *e)
{
	return e->link.watched_ms;
}

static uint32_t id(const struct evidence *e)
{
	return e->device->id;
}

static uint32_t image(const struct evidence *e)
{
	return e->trouble.image_kb;
}

static uint32_t flash(const struct evidence *e)
{
	return e->device->flash_size / 1024;
}

static uint32_t rdp(const struct evidence *e)
{
	return symptom_rdp_level(e);
}

static uint32_t took(const struct evidence *e)
{
	return e->trouble.took_ms;
}

static uint32_t limit(const struct evidence *e)
{
	return e->trouble.limit_ms;
}

static uint32_t typical(const struct evidence *e)
{
	return e->trouble.typical_ms;
}

static uint32_t hclk(const struct evidence *e)
{
	return symptom_hclk_hz(e) / 1000;
}

static uint32_t address(const struct evidence *e)
{
	return e->trouble.address;
}

static uint32_t wanted(const struct evidence *e)
{
	return e->trouble.wanted;
}

static uint32_t found(const struct evidence *e)
{
	return e->trouble.found;
}

static uint32_t difference(const struct evidence *e)
{
	return e->trouble.wanted ^ e->trouble.found;
}

static const struct number {
	const char *name, *key;
	bool is_word;      /* hexadecimal to people */
	bool is_from_zero; /* else 0 says that it is not known */
	uint32_t (*get)(const struct evidence *e);
} numbers[] = {
	{"vdd", "vdd_mv", false, false, vdd},
	{"vdd-first", "vdd_first_mv", false, false, vdd_first},
	{"vdd-min", "vdd_min_mv", false, false, vdd_min},
	{"dpidr", "DPIDR", true, false, dpidr},
	{"ctrl-stat", "CTRL_STAT", true, false, ctrl_stat},
	{"iwdg", "iwdg_ms", false, false, watchdog},
	{"khz", "khz", false, false, khz},
	{"resets", "resets", false, true, resets},
	{"watched", "watched_ms", false, false, watched},
	{"id", "id_at_attach", true, true, id},
	{"image", "image_kib", false, false, image},
	{"flash", "flash_kib", false, false, flash},
	{"rdp", "rdp_level", false, true, rdp},
	{"took", "took_ms", false, true, took},
	{"limit", "limit_ms", false, false, limit},
	{"typical", "typical_ms", false, false, typical},
	{"hclk", "hclk_khz", false, false, hclk},
	{"address", "address", true, true, address},
	{"wanted", "wanted", true, true, wanted},
	{"found", "found", true, true, found},
	{"xor", "xor", true, true, difference},
};

static bool take_number(
	const struct evidence *e, const char *name, struct target_evidence *value, bool *known)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct number *number = &numbers[i];
		if (strcmp(number->name, name) != 0)
			continue;
		value->kind = number->is_word ? TARGET_VALUE_WORD : TARGET_VALUE_NUMBER;
		value->value = number->get(e);
		(void)snprintf(value->name, sizeof(value->name), "%s", number->key);
		*known = value->value || number->is_from_zero;
		return true;
	}
	return false;
}

/* ---- registers ---- */

/* A key of words only: "before_FLASH_SR". */
static void take_key(const char *name, struct target_evidence *value)
{
	(void)snprintf(value->name, sizeof(value->name), "%s", name);
	for (char *at = value->name; *at; at++)
		if (*at == ' ' || *at == '-')
			*at = '_';
}

static bool take_word(
	const struct evidence *e, const char *name, struct target_evidence *value, bool *known)
{
	bool is_before;
	enum snapshot_word word;
	if (!evidence_find_word(name, &word, &is_before))
		return false;
	const struct snapshot *snapshot = is_before ? &e->before : &e->now;
	take_key(name, value);
	value->kind = TARGET_VALUE_WORD;
	value->value = snapshot_word(snapshot, word);
	*known = snapshot_has(snapshot, word);
	return true;
}

/* ---- all of a text ---- */

static void take_text(const struct evidence *e, const char *name, struct target_evidence *value)
{
	char format[sizeof(value->name) + 2];
	(void)snprintf(format, sizeof(format), "{%s}", name);
	take_key(name, value);
	value->kind = TARGET_VALUE_TEXT;
	evidence_expand(e, format, value->text, sizeof(value->text));
}

static bool take(const struct evidence *e, const char *name, struct target_evidence *value)
{
	bool known = true;
	*value = (struct target_evidence){0};
	if (!take_word(e, name, value, &known) && !take_number(e, name, value, &known))
		take_text(e, name, value);
	return known;
}

static bool is_there(const struct target_evidence *values, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(values[i].name, name) == 0)
			return true;
	return false;
}

size_t evidence_collect(const struct evidence *e, const char *format,
	struct target_evidence values[TARGET_EVIDENCE_MAX])
{
	char name[sizeof(values->name)];
	size_t count = 0;
	while ((format = strchr(format, '{')) && count < TARGET_EVIDENCE_MAX) {
		size_t length = strcspn(++format, "}");
		(void)snprintf(name, sizeof(name), "%.*s", (int)length, format);
		if (take(e, name, &values[count]) && !is_there(values, count, values[count].name))
			count++;
	}
	return count;
}
