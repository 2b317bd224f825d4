/*
 * Fault switches: chip_fault("name arguments"), a table of names, one small function each.
 *
 * One for every row of a debugger's troubles that the chip has a part in: supply, flash, options,
 * watchdogs, low power, identity. Numbers may be decimal or 0x; times end in s, ms, us or ns.
 */
#include "faults.h"

#include <stdlib.h>
#include <string.h>

#include "ahb.h"
#include "flash.h"
#include "iwdg.h"
#include "m4.h"
#include "model.h"
#include "probe/log.h"
#include "pwr.h"
#include "rcc.h"
#include "wwdg.h"

#define MS UINT64_C(1000000)

enum { WORDS = 6, WORD_SIZE = 24 };

/* A switch line, split at blanks. */
struct arguments {
	unsigned count; /* the name not included */
	char words[WORDS][WORD_SIZE];
};

/* ---- parsing ---- */

static bool split(const char *line, struct arguments *arguments, char *name)
{
	unsigned found = 0;
	*arguments = (struct arguments){.count = 0};
	while (*(line += strspn(line, " \t")) != '\0') {
		size_t length = strcspn(line, " \t");
		if (length >= WORD_SIZE || found > WORDS)
			return false;
		char *word = found == 0 ? name : arguments->words[found - 1];
		memcpy(word, line, length);
		word[length] = '\0';
		line += length;
		found++;
	}
	arguments->count = found - (found > 0);
	return found > 0;
}

static bool number(const struct arguments *arguments, unsigned index, uint64_t *value)
{
	if (index >= arguments->count)
		return false;
	char *end;
	const char *word = arguments->words[index];
	*value = strtoull(word, &end, 0);
	return end != word && *end == '\0';
}

static bool duration(const char *word, uint64_t *ns)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {{"ns", 1}, {"us", 1000}, {"ms", MS}, {"s", 1000 * MS}};
	char *end;
	uint64_t value = strtoull(word[0] == '+' ? word + 1 : word, &end, 10);
	for (unsigned i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strcmp(end, units[i].unit) == 0) {
			*ns = value * units[i].ns;
			return true;
		}
	return false;
}

/* "on" and "off"; nothing means on. */
static bool on_or_off(const struct arguments *arguments, bool *on)
{
	*on = arguments->count == 0 || strcmp(arguments->words[0], "on") == 0;
	return *on || strcmp(arguments->words[0], "off") == 0;
}

/* ---- supply ---- */

/* erase[:SECTOR] +DELAY MILLIVOLTS [LENGTH] */
static bool set_droop(struct chip *chip, const struct arguments *arguments)
{
	struct droop droop = {.armed = true, .sector = EVERY_SECTOR, .length_ns = 20 * MS};
	uint64_t millivolts;
	if (arguments->count < 3 || strncmp(arguments->words[0], "erase", 5) != 0 ||
		!duration(arguments->words[1], &droop.delay_ns) ||
		!number(arguments, 2, &millivolts))
		return false;
	if (arguments->words[0][5] == ':')
		droop.sector = (unsigned)strtoul(arguments->words[0] + 6, NULL, 10);
	if (arguments->count > 3 && !duration(arguments->words[3], &droop.length_ns))
		return false;
	droop.millivolts = (unsigned)millivolts;
	chip->faults.droop = droop;
	return true;
}

/* Now, for 20 ms; or as in vdd-droop, without the voltage. */
static bool set_power_on_reset(struct chip *chip, const struct arguments *arguments)
{
	struct arguments all = *arguments;
	if (all.count == 0) {
		unsigned millivolts = chip->vdd_mv;
		chip_set_vdd(chip, 0);
		chip_set_vdd(chip, millivolts);
		return true;
	}
	if (all.count != 2)
		return false;
	strcpy(all.words[2], "0");
	all.count = 3;
	return set_droop(chip, &all);
}

/* A power-on reset each PERIOD, or off. */
static bool set_power_storm(struct chip *chip, const struct arguments *arguments)
{
	struct faults *faults = &chip->faults;
	faults->power_storm_ns = 0;
	if (arguments->count == 1 && strcmp(arguments->words[0], "off") == 0)
		return true;
	if (arguments->count != 1 || !duration(arguments->words[0], &faults->power_storm_ns) ||
		faults->power_storm_ns == 0)
		return false;
	faults->power_storm_next_ns = chip->now_ns + faults->power_storm_ns;
	return true;
}

static bool set_vdd(struct chip *chip, const struct arguments *arguments)
{
	uint64_t millivolts;
	if (!number(arguments, 0, &millivolts))
		return false;
	chip_set_vdd(chip, (unsigned)millivolts);
	return true;
}

/* ---- flash ---- */

static bool set_bsy_stuck(struct chip *chip, const struct arguments *arguments)
{
	return on_or_off(arguments, &chip->faults.bsy_stuck);
}

/* typ | max | PERCENT */
static bool set_slow_flash(struct chip *chip, const struct arguments *arguments)
{
	uint64_t percent = 100;
	bool maximum = arguments->count == 0 || strcmp(arguments->words[0], "max") == 0;
	if (!maximum && strcmp(arguments->words[0], "typ") != 0 && !number(arguments, 0, &percent))
		return false;
	chip->faults.flash_timing = maximum ? FLASH_TIMING_MAXIMUM : FLASH_TIMING_TYPICAL;
	chip->faults.flash_percent = (unsigned)percent;
	return true;
}

static bool set_stale_sr(struct chip *chip, const struct arguments *arguments)
{
	uint64_t flags = SR_PGSERR;
	if (arguments->count > 0 && !number(arguments, 0, &flags))
		return false;
	flash_inject_errors(chip, (uint32_t)flags);
	return true;
}

static bool set_key_lock(struct chip *chip, const struct arguments *arguments)
{
	(void)arguments;
	flash_inject_key_lock(chip);
	return true;
}

static bool set_weak_bit(struct chip *chip, const struct arguments *arguments)
{
	uint64_t address;
	chip->faults.has_weak_bit = number(arguments, 0, &address);
	if (chip->faults.has_weak_bit)
		chip->faults.weak_bit = (uint32_t)address;
	return chip->faults.has_weak_bit ||
	       (arguments->count == 1 && strcmp(arguments->words[0], "off") == 0);
}

static bool set_weak_erase(struct chip *chip, const struct arguments *arguments)
{
	uint64_t address;
	chip->faults.has_weak_erase = number(arguments, 0, &address);
	if (chip->faults.has_weak_erase)
		chip->faults.weak_erase = (uint32_t)address;
	return chip->faults.has_weak_erase ||
	       (arguments->count == 1 && strcmp(arguments->words[0], "off") == 0);
}

static bool set_firmware_erase(struct chip *chip, const struct arguments *arguments)
{
	uint64_t sector;
	if (!number(arguments, 0, &sector))
		return false;
	flash_inject_erase(chip, (unsigned)sector);
	return true;
}

/* ---- option bytes: as if the chip had come like that ---- */

static bool set_rdp(struct chip *chip, const struct arguments *arguments)
{
	static const uint32_t values[] = {0xaa, 0x55, 0xcc};
	uint64_t level;
	if (!number(arguments, 0, &level) || level > 2)
		return false;
	return flash_inject_options(chip, 0xff00, values[level] << 8);
}

static bool set_intrusion(struct chip *chip, const struct arguments *arguments)
{
	(void)arguments;
	flash_note_intruder(chip);
	chip_settle(chip);
	return true;
}

/* FIRST-LAST or SECTOR or none, into nWRP bits. */
static bool sector_bits(const struct arguments *arguments, uint32_t *bits)
{
	const char *word = arguments->words[0];
	char *end;
	*bits = 0;
	if (arguments->count != 1)
		return false;
	if (strcmp(word, "none") == 0)
		return true;
	unsigned long first = strtoul(word, &end, 10), last = first;
	if (end != word && *end == '-')
		last = strtoul(end + 1, &end, 10);
	if (end == word || *end != '\0' || first > last || last > 14)
		return false;
	for (unsigned long i = first; i <= last; i++)
		*bits |= UINT32_C(0x10000) << i;
	return true;
}

static uint32_t all_sector_bits(const struct chip *chip)
{
	return ((UINT32_C(1) << chip->model->wrp_bits) - 1) << 16;
}

static bool set_wrp(struct chip *chip, const struct arguments *arguments)
{
	uint32_t bits, all = all_sector_bits(chip);
	if (!sector_bits(arguments, &bits))
		return false;
	uint32_t mode = chip->model->pcrop ? OPTCR_SPRMOD : 0;
	return flash_inject_options(chip, bits | mode, all & ~bits);
}

static bool set_pcrop(struct chip *chip, const struct arguments *arguments)
{
	uint32_t bits, all = all_sector_bits(chip);
	if (!sector_bits(arguments, &bits))
		return false;
	return flash_inject_options(chip, all & ~bits, bits | OPTCR_SPRMOD);
}

static bool set_db1m(struct chip *chip, const struct arguments *arguments)
{
	bool on;
	if (!on_or_off(arguments, &on))
		return false;
	return flash_inject_options(chip, on ? 0 : OPTCR_DB1M, on ? OPTCR_DB1M : 0);
}

/* LEVEL, or 0: off; in force from the next reset on, as the option bytes are. */
static bool set_brown_out(struct chip *chip, const struct arguments *arguments)
{
	uint64_t level;
	if (!number(arguments, 0, &level) || level > 3)
		return false;
	return flash_inject_options(chip, 3 << 2, (uint32_t)(3 - level) << 2);
}

/* ---- watchdogs ---- */

/* hw: by option byte, from the next reset on. sw [TIME]: started now. */
static bool set_iwdg(struct chip *chip, const struct arguments *arguments)
{
	uint64_t ns = 512 * MS;
	if (arguments->count == 1 && strcmp(arguments->words[0], "hw") == 0)
		return flash_inject_options(chip, OPTCR_WDG_SW, 0);
	if (arguments->count == 1 && strcmp(arguments->words[0], "off") == 0)
		return flash_inject_options(chip, 0, OPTCR_WDG_SW);
	if (arguments->count == 0 || strcmp(arguments->words[0], "sw") != 0 ||
		(arguments->count > 1 && !duration(arguments->words[1], &ns)))
		return false;
	iwdg_start(chip, ns);
	return true;
}

static bool set_wwdg(struct chip *chip, const struct arguments *arguments)
{
	(void)arguments;
	wwdg_start(chip);
	return true;
}

/* ---- power modes, pins, boot ---- */

static bool set_stop(struct chip *chip, const struct arguments *arguments)
{
	(void)arguments;
	m4_sleep(chip->core, false);
	pwr_enter_stop(chip);
	chip_settle(chip);
	return true;
}

static bool set_standby(struct chip *chip, const struct arguments *arguments)
{
	(void)arguments;
	pwr_enter_standby(chip);
	chip_settle(chip);
	return true;
}

/* From now until the next reset of the ports the firmware has taken the pins. */
static bool set_swd(struct chip *chip, const struct arguments *arguments)
{
	bool on;
	if (!on_or_off(arguments, &on))
		return false;
	chip->faults.swd_off = !on;
	return true;
}

static bool set_boot0(struct chip *chip, const struct arguments *arguments)
{
	return on_or_off(arguments, &chip->boot0);
}

/* ---- clocks and core ---- */

/* HERTZ, or 0 for what RCC says. */
static bool set_hclk(struct chip *chip, const struct arguments *arguments)
{
	if (!number(arguments, 0, &chip->faults.hclk_hz))
		return false;
	rcc_update(chip);
	return true;
}

static bool set_hse(struct chip *chip, const struct arguments *arguments)
{
	bool on;
	if (!on_or_off(arguments, &on))
		return false;
	chip->faults.hse_dead = !on;
	return true;
}

static bool set_core_stuck(struct chip *chip, const struct arguments *arguments)
{
	return on_or_off(arguments, &chip->faults.m4_stuck);
}

/* Pends SysTick again and again, as firmware that was left running does. PERIOD or off. */
static bool set_irq_storm(struct chip *chip, const struct arguments *arguments)
{
	struct faults *faults = &chip->faults;
	faults->irq_storm_ns = 0;
	if (arguments->count == 1 && strcmp(arguments->words[0], "off") == 0)
		return true;
	if (arguments->count != 1 || !duration(arguments->words[0], &faults->irq_storm_ns) ||
		faults->irq_storm_ns == 0)
		return false;
	faults->irq_storm_next_ns = chip->now_ns + faults->irq_storm_ns;
	return true;
}

/* ADDRESS PERIOD, or off: a word there changes again and again. */
static bool set_dma_scribble(struct chip *chip, const struct arguments *arguments)
{
	struct scribble scribble = {.address = 0};
	uint64_t address = 0;
	bool off = arguments->count == 1 && strcmp(arguments->words[0], "off") == 0;
	if (!off && (arguments->count != 2 || !number(arguments, 0, &address) ||
			    !duration(arguments->words[1], &scribble.period_ns) ||
			    scribble.period_ns == 0))
		return false;
	scribble.address = (uint32_t)address;
	scribble.next_ns = chip->now_ns + scribble.period_ns;
	chip->faults.scribble = scribble;
	return true;
}

/* ---- identity ---- */

/* [IDCODE], or off */
static bool set_bad_id(struct chip *chip, const struct arguments *arguments)
{
	uint64_t id = 0x05fa0004; /* an AIRCR value that a public report took for an id */
	bool off = arguments->count == 1 && strcmp(arguments->words[0], "off") == 0;
	if (!off && arguments->count > 0 && !number(arguments, 0, &id))
		return false;
	chip->faults.device_id = off ? 0 : (uint32_t)id;
	return true;
}

static bool set_clone_jep(struct chip *chip, const struct arguments *arguments)
{
	return on_or_off(arguments, &chip->faults.clone_jep);
}

/* ---- the table ---- */

static const struct fault_switch {
	const char *name, *usage;
	bool (*set)(struct chip *chip, const struct arguments *arguments);
} switches[] = {
	{"vdd", "MILLIVOLTS", set_vdd},
	{"vdd-droop", "erase[:SECTOR] +DELAY MILLIVOLTS [LENGTH]", set_droop},
	{"por", "[erase[:SECTOR] +DELAY]", set_power_on_reset},
	{"por-storm", "PERIOD|off", set_power_storm},
	{"bsy-stuck", "[on|off]", set_bsy_stuck},
	{"slow-flash", "typ|max|PERCENT", set_slow_flash},
	{"stale-sr", "[FLAGS]", set_stale_sr},
	{"keylock", "", set_key_lock},
	{"weak-bit", "ADDRESS|off", set_weak_bit},
	{"weak-erase", "ADDRESS|off", set_weak_erase},
	{"fw-self-erase", "SECTOR", set_firmware_erase},
	{"rdp", "0|1|2", set_rdp},
	{"intrusion", "", set_intrusion},
	{"wrp", "FIRST[-LAST]|none", set_wrp},
	{"pcrop", "FIRST[-LAST]|none", set_pcrop},
	{"db1m", "[on|off]", set_db1m},
	{"bor", "0-3", set_brown_out},
	{"iwdg", "hw|off|sw [PERIOD]", set_iwdg},
	{"wwdg", "", set_wwdg},
	{"stop", "", set_stop},
	{"standby", "", set_standby},
	{"swd", "[on|off]", set_swd},
	{"boot0", "[on|off]", set_boot0},
	{"hclk", "HERTZ|0", set_hclk},
	{"hse", "[on|off]", set_hse},
	{"core-stuck", "[on|off]", set_core_stuck},
	{"irq-storm", "PERIOD|off", set_irq_storm},
	{"dma-scribble", "ADDRESS PERIOD|off", set_dma_scribble},
	{"bad-id", "[IDCODE|off]", set_bad_id},
	{"clone-jep", "[on|off]", set_clone_jep},
};

static bool set_switch(
	struct chip *chip, const struct fault_switch *found, const struct arguments *arguments)
{
	if (found->set(chip, arguments))
		return true;
	log_error("fault switch: %s %s", found->name, found->usage);
	return false;
}

bool chip_fault(struct chip *chip, const char *switch_line)
{
	struct arguments arguments;
	char name[WORD_SIZE];
	bool split_well = split(switch_line, &arguments, name);
	for (size_t i = 0; split_well && i < sizeof switches / sizeof switches[0]; i++)
		if (strcmp(switches[i].name, name) == 0)
			return set_switch(chip, &switches[i], &arguments);
	log_error("no fault switch: \"%s\"", switch_line);
	return false;
}
