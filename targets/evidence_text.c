/* The words of a report: see evidence_text.h. Pure. */
#include "evidence_text.h"

#include "cortexm_registers.h"
#include "stm32f4_registers.h"
#include "symptoms.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 32

/* A text that grows to its limit and no further. */
struct line {
	char *text;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int wrote = vsnprintf(line->text + line->used, line->size - line->used, format, arguments);
	va_end(arguments);
	if (wrote > 0)
		line->used += (size_t)wrote;
	if (line->used >= line->size)
		line->used = line->size - 1;
}

/* ---- register words ---- */

struct flag {
	enum snapshot_word word;
	uint32_t bit;
	const char *name;
};

static const struct flag flags[] = {
	{SNAPSHOT_DHCSR, DHCSR_S_HALT, "S_HALT"},
	{SNAPSHOT_DHCSR, DHCSR_S_SLEEP, "S_SLEEP"},
	{SNAPSHOT_DHCSR, DHCSR_S_LOCKUP, "S_LOCKUP"},
	{SNAPSHOT_DHCSR, DHCSR_S_RESET_ST, "S_RESET_ST"},
	{SNAPSHOT_DHCSR_AGAIN, DHCSR_S_RESET_ST, "S_RESET_ST"},
	{SNAPSHOT_FLASH_SR, SR_BSY, "BSY"},
	{SNAPSHOT_FLASH_SR, SR_OPERR, "OPERR"},
	{SNAPSHOT_FLASH_SR, SR_WRPERR, "WRPERR"},
	{SNAPSHOT_FLASH_SR, SR_PGAERR, "PGAERR"},
	{SNAPSHOT_FLASH_SR, SR_PGPERR, "PGPERR"},
	{SNAPSHOT_FLASH_SR, SR_PGSERR, "PGSERR"},
	{SNAPSHOT_FLASH_SR, SR_RDERR, "RDERR"},
	{SNAPSHOT_RCC_CSR, CSR_BORRSTF, "BORRSTF"},
	{SNAPSHOT_RCC_CSR, CSR_PINRSTF, "PINRSTF"},
	{SNAPSHOT_RCC_CSR, CSR_PORRSTF, "PORRSTF"},
	{SNAPSHOT_RCC_CSR, CSR_SFTRSTF, "SFTRSTF"},
	{SNAPSHOT_RCC_CSR, CSR_IWDGRSTF, "IWDGRSTF"},
	{SNAPSHOT_RCC_CSR, CSR_WWDGRSTF, "WWDGRSTF"},
	{SNAPSHOT_RCC_CSR, CSR_LPWRRSTF, "LPWRRSTF"},
};

static void add_word(struct line *line, const struct snapshot *snapshot, enum snapshot_word word)
{
	if (!snapshot_has(snapshot, word)) {
		add(line, "%s unknown", snapshot_name(word));
		return;
	}
	uint32_t value = snapshot_word(snapshot, word);
	const char *before = " (";
	add(line, "%s %08" PRIX32, snapshot_name(word), value);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].word != word || !(value & flags[i].bit))
			continue;
		add(line, "%s%s", before, flags[i].name);
		before = " ";
	}
	if (*before == ' ' && before[1] == '\0')
		add(line, ")");
}

bool evidence_find_word(const char *name, enum snapshot_word *word, bool *is_before)
{
	static const char before[] = "before-";
	*is_before = strncmp(name, before, sizeof(before) - 1) == 0;
	const char *wanted = *is_before ? name + sizeof(before) - 1 : name;
	for (unsigned i = 0; i < SNAPSHOT_COUNT; i++) {
		*word = (enum snapshot_word)i;
		if (strcmp(snapshot_name(*word), wanted) == 0)
			return true;
	}
	return false;
}

static bool expand_word(struct line *line, const struct evidence *e, const char *name)
{
	enum snapshot_word word;
	bool is_before;
	if (!evidence_find_word(name, &word, &is_before))
		return false;
	add_word(line, is_before ? &e->before : &e->now, word);
	return true;
}

/* ---- other values ---- */

static void add_volts(struct line *line, unsigned mv)
{
	if (mv)
		add(line, "%u.%02u V", mv / 1000, mv % 1000 / 10);
	else
		add(line, "unknown");
}

static void add_seconds(struct line *line, unsigned ms)
{
	add(line, "%u.%02u s", ms / 1000, ms % 1000 / 10);
}

static void vdd(struct line *line, const struct evidence *e)
{
	add_volts(line, e->now.vdd_mv);
}

static void vdd_first(struct line *line, const struct evidence *e)
{
	add_volts(line, e->trouble.vdd_first_mv);
}

static void vdd_min(struct line *line, const struct evidence *e)
{
	add_volts(line, e->trouble.vdd_min_mv ? e->trouble.vdd_min_mv : e->now.vdd_mv);
}

static void dpidr(struct line *line, const struct evidence *e)
{
	if (e->now.dpidr)
		add(line, "%08" PRIX32, e->now.dpidr);
	else
		add(line, "no answer");
}

/* ADIv5.2, B2.2.2: sticky errors, and the acknowledgements of both power-up requests. */
static void ctrl_stat(struct line *line, const struct evidence *e)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} errors[] = {{1u << 1, "STICKYORUN"}, {1u << 5, "STICKYERR"}, {1u << 7, "WDATAERR"}};
	uint32_t value = e->now.ctrl_stat, powered = 0xA0000000;
	if (!e->now.has_ctrl_stat) {
		add(line, "CTRL/STAT unknown");
		return;
	}
	add(line, "CTRL/STAT %08" PRIX32, value);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (value & errors[i].bit)
			add(line, " %s", errors[i].name);
	if ((value & powered) != powered)
		add(line, " (not powered up)");
}

static void canary(struct line *line, const struct evidence *e)
{
	if (symptom_canary_lives(e))
		add(line, "the SRAM has kept its mark");
	else
		add(line, symptom_canary_is_gone(e) ? "the SRAM has lost its mark"
						    : "the SRAM's mark is unknown");
}

/* DS10086: the watchdog's clock is anything from 17 to 47 kHz, 32 kHz is typical. */
static void iwdg(struct line *line, const struct evidence *e)
{
	const char *when = symptom_knows_watchdog_before(e) ? "before" : "now";
	unsigned ms = symptom_watchdog_ms(e);
	if (!ms) {
		add(line, "IWDG unknown");
		return;
	}
	add(line, "IWDG period ");
	add_seconds(line, ms);
	add(line, " %s, at 32 kHz", when);
}

static void reset_causes(struct line *line, const struct evidence *e)
{
	uint32_t causes = symptom_reset_causes(e);
	const char *before = "by one of ";
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].word != SNAPSHOT_RCC_CSR || !(causes & flags[i].bit))
			continue;
		add(line, "%s%s", before, flags[i].name);
		before = ", ";
	}
	add(line, causes ? ", which were set before, too" : "the firmware has cleared its flags");
}

static void khz(struct line *line, const struct evidence *e)
{
	add(line, "%u", e->link.khz);
}

static void first(struct line *line, const struct evidence *e)
{
	add(line, "%s", e->link.first ? err_text(e->link.first) : "fine");
}

static void under_reset(struct line *line, const struct evidence *e)
{
	static const char *const texts[] = {"not tried", "no answer either", "it answers"};
	add(line, "%s", texts[e->link.under_reset]);
}

static void slower(struct line *line, const struct evidence *e)
{
	if (e->link.slowed_from_khz)
		add(line, "it errs at %u kHz and works at %u kHz", e->link.slowed_from_khz,
			e->link.khz);
	else
		add(line, "%s", err_text(e->trouble.err));
}

static void error(struct line *line, const struct evidence *e)
{
	add(line, "%s", err_text(e->trouble.err));
}

static void resets(struct line *line, const struct evidence *e)
{
	add(line, "%u", e->link.resets);
}

static void watched(struct line *line, const struct evidence *e)
{
	add(line, "%u", e->link.watched_ms);
}

static void id(struct line *line, const struct evidence *e)
{
	add(line, "%08" PRIX32, e->device->id);
}

static void chip(struct line *line, const struct evidence *e)
{
	add(line, "%s", e->device->name);
}

static void jep106(struct line *line, const struct evidence *e)
{
	add(line, "%02" PRIX32,
		JEP106_OF(snapshot_word(&e->now, SNAPSHOT_PIDR1),
			snapshot_word(&e->now, SNAPSHOT_PIDR2)));
}

static void image(struct line *line, const struct evidence *e)
{
	add(line, "%u", e->trouble.image_kb);
}

static void flash(struct line *line, const struct evidence *e)
{
	add(line, "%" PRIu32, e->device->flash_size / 1024);
}

static void rdp(struct line *line, const struct evidence *e)
{
	add(line, "%u", symptom_rdp_level(e));
}

static void at_sector(struct line *line, const struct evidence *e)
{
	static const char *const verbs[DOING_COUNT] = {
		[DOING_CHECK] = "checked",
		[DOING_UNLOCK] = "unlocked",
		[DOING_ERASE] = "erased",
		[DOING_WRITE] = "written",
		[DOING_VERIFY] = "verified",
	};
	const char *verb = verbs[e->trouble.doing];
	if (e->trouble.has_sector)
		add(line, " while sector %u was %s", e->trouble.sector, verb ? verb : "used");
	else if (verb)
		add(line, " while the flash was being %s", verb);
}

static void sector(struct line *line, const struct evidence *e)
{
	if (e->trouble.has_sector)
		add(line, "sector %u (%u KiB)", e->trouble.sector, e->trouble.sector_kb);
	else
		add(line, "all sectors");
}

static void took(struct line *line, const struct evidence *e)
{
	add_seconds(line, e->trouble.took_ms);
}

static void limit(struct line *line, const struct evidence *e)
{
	add_seconds(line, e->trouble.limit_ms);
}

static void typical(struct line *line, const struct evidence *e)
{
	add_seconds(line, e->trouble.typical_ms);
}

/* Twice the typical time, in every row of the data sheet. */
static void max(struct line *line, const struct evidence *e)
{
	add_seconds(line, 2 * e->trouble.typical_ms);
}

static void width(struct line *line, const struct evidence *e)
{
	add(line, "%s", flash_width_name(e->trouble.width));
}

static void reset(struct line *line, const struct evidence *e)
{
	add(line, "%s", symptom_was_reset(e) ? "the chip was reset" : "no reset");
}

static void hclk(struct line *line, const struct evidence *e)
{
	add(line, "%" PRIu32 " kHz", symptom_hclk_hz(e) / 1000);
}

static void address(struct line *line, const struct evidence *e)
{
	add(line, "0x%08" PRIX32, e->trouble.address);
}

static void wanted(struct line *line, const struct evidence *e)
{
	add(line, "%08" PRIX32, e->trouble.wanted);
}

static void found(struct line *line, const struct evidence *e)
{
	add(line, "%08" PRIX32, e->trouble.found);
}

static void difference(struct line *line, const struct evidence *e)
{
	add(line, "%08" PRIX32, e->trouble.wanted ^ e->trouble.found);
}

/* ---- sectors ---- */

static void add_range(struct line *line, unsigned from, unsigned to)
{
	if (from == to)
		add(line, "%u", from);
	else
		add(line, "%u-%u", from, to);
}

/* "sectors 0-2, 5 are" */
static void protected(struct line *line, const struct evidence *e)
{
	uint32_t bits = symptom_protected(e);
	const struct flash_sector *sectors = e->device->sectors;
	bool one = bits && !(bits & (bits - 1));
	const char *before = one ? "sector " : "sectors ";
	for (unsigned i = 0; i < e->device->sector_count; i++) {
		unsigned from = i;
		if (!(bits >> i & 1))
			continue;
		while (i + 1 < e->device->sector_count && bits >> (i + 1) & 1)
			i++;
		add(line, "%s", before);
		add_range(line, sectors[from].number, sectors[i].number);
		before = ", ";
	}
	add(line, bits ? one ? " is" : " are" : "a sector is");
}

static const struct value {
	const char *name;
	void (*add)(struct line *line, const struct evidence *e);
} values[] = {
	{"vdd", vdd},
	{"vdd-first", vdd_first},
	{"vdd-min", vdd_min},
	{"dpidr", dpidr},
	{"ctrl-stat", ctrl_stat},
	{"canary", canary},
	{"iwdg", iwdg},
	{"reset-causes", reset_causes},
	{"khz", khz},
	{"first", first},
	{"under-reset", under_reset},
	{"slower", slower},
	{"error", error},
	{"resets", resets},
	{"watched", watched},
	{"id", id},
	{"chip", chip},
	{"jep106", jep106},
	{"image", image},
	{"flash", flash},
	{"rdp", rdp},
	{"protected", protected},
	{"at-sector", at_sector},
	{"sector", sector},
	{"took", took},
	{"limit", limit},
	{"typical", typical},
	{"max", max},
	{"width", width},
	{"reset", reset},
	{"hclk", hclk},
	{"address", address},
	{"wanted", wanted},
	{"found", found},
	{"xor", difference},
};

static bool expand_value(struct line *line, const struct evidence *e, const char *name)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i].name, name) != 0)
			continue;
		values[i].add(line, e);
		return true;
	}
	return false;
}

/* ---- texts ---- */

void evidence_expand(const struct evidence *e, const char *format, char *text, size_t size)
{
	struct line line = {.text = text, .size = size};
	char name[NAME_MAX_BYTES];
	text[0] = '\0';
	while (*format) {
		size_t plain = strcspn(format, "{");
		add(&line, "%.*s", (int)plain, format);
		format += plain;
		if (!*format)
			return;
		size_t length = strcspn(++format, "}");
		assert(length < sizeof(name));
		memcpy(name, format, length);
		name[length] = '\0';
		bool known = expand_value(&line, e, name) || expand_word(&line, e, name);
		assert(known);
		(void)known;
		format += length + 1;
	}
}

static bool touches(const struct evidence *e, unsigned sector)
{
	return e->trouble.sectors >> sector & 1;
}

void evidence_describe_flash(const struct evidence *e, char *text, size_t size)
{
	static const char *const names[HELD_COUNT] = {
		[HELD_OLD] = "old",
		[HELD_UNDEFINED] = "undefined (an erase was cut short)",
		[HELD_BLANK] = "blank",
		[HELD_PARTLY] = "partly written",
		[HELD_WRONG] = "written, but not as it should be",
		[HELD_NEW] = "new",
	};
	struct line line = {.text = text, .size = size};
	const struct trouble *trouble = &e->trouble;
	text[0] = '\0';
	if (!trouble->has_held)
		return;
	add(&line, "sectors ");
	const char *before = "";
	for (unsigned i = 0; i < e->device->sector_count; i++) {
		unsigned from = i;
		if (!touches(e, i))
			continue;
		while (i + 1 < e->device->sector_count && touches(e, i + 1) &&
			trouble->held[i + 1] == trouble->held[from])
			i++;
		add(&line, "%s", before);
		add_range(&line, e->device->sectors[from].number, e->device->sectors[i].number);
		add(&line, " %s", names[trouble->held[from]]);
		before = ", ";
	}
	add(&line, "%s",
		trouble->head_missing
			? "; the first bytes are not written, so nothing starts from it"
			: "; the program in it is not complete");
}
