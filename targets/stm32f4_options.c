/* Option bytes of the STM32F4: see stm32f4_options.h. Worker thread. */
#include "stm32f4_options.h"

#include "probe/log.h"
#include "stm32f4_chips.h"
#include "stm32f4_registers.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_US  200000u
#define WRITE_US 1400000u /* 1.5 x the longest erase of a 16 KiB sector, and some for the wire */

struct option_words {
	uint32_t optcr[2]; /* OPTCR and OPTCR1; the second is 0 on chips with one bank */
};

struct field {
	const char *name, *values, *help;
	void (*show)(const struct device *device, const struct option_words *words, char *text,
		size_t size);
	/* False: `value` is none of `values`. NULL: not to be changed. */
	bool (*set)(const struct device *device, struct option_words *words, const char *value);
};

/* ---- registers ---- */

static void read_words(struct bus *bus, const struct device *device, struct option_words *words)
{
	const struct stm32f4_chip *chip = device->row;
	words->optcr[0] = bus_read(bus, FLASH_OPTCR);
	words->optcr[1] = chip->has_bank2 ? bus_read(bus, FLASH_OPTCR1) : 0;
}

static void unlock(struct bus *bus)
{
	if (!bus_poll(bus, FLASH_SR, SR_BSY, 0, IDLE_US) ||
		!(bus_read(bus, FLASH_OPTCR) & OPTCR_OPTLOCK))
		return;
	bus_write_now(bus, FLASH_OPTKEYR, OPTKEYR_KEY1);
	bus_write_now(bus, FLASH_OPTKEYR, OPTKEYR_KEY2);
}

/* Writes them, at most `limit_us` long, and reads them back. */
static void write_words(struct bus *bus, const struct device *device,
	const struct option_words *words, uint64_t limit_us)
{
	const struct stm32f4_chip *chip = device->row;
	const uint32_t control = OPTCR_OPTLOCK | OPTCR_OPTSTRT;
	uint32_t optcr = words->optcr[0] & ~control;
	struct option_words stand;
	unlock(bus);
	if (chip->has_bank2)
		bus_write_now(bus, FLASH_OPTCR1, words->optcr[1]);
	bus_write_now(bus, FLASH_OPTCR, optcr);
	bus_write_now(bus, FLASH_OPTCR, optcr | OPTCR_OPTSTRT);
	if (!bus_poll(bus, FLASH_SR, SR_BSY, 0, limit_us) && bus->err == ERR_TARGET_TIMEOUT)
		log_error("writing the option bytes has not come to its end in %u ms: reset the "
			  "board, check its supply and try again",
			(unsigned)(limit_us / 1000));
	bus_write_now(bus, FLASH_OPTCR, optcr | OPTCR_OPTLOCK);
	read_words(bus, device, &stand);
	if (bus->err)
		return;
	if ((stand.optcr[0] & ~control) == optcr && stand.optcr[1] == words->optcr[1])
		return;
	log_error("the option bytes did not take the new value (wanted OPTCR %08X, found %08X): "
		  "reset the board, check its supply and try again",
		optcr, stand.optcr[0] & ~control);
	bus_fail(bus, ERR_FLASH_PROGRAM);
}

/* ---- lists of sectors ---- */

static uint32_t protected_bits(const struct device *device, const struct option_words *words)
{
	bool pcrop = words->optcr[0] & OPTCR_SPRMOD;
	uint32_t bits = 0;
	for (size_t i = 0; i < device->sector_count; i++)
		if (stm32f4_nwrp(device->row, device->sectors[i].number, words->optcr) == pcrop)
			bits |= 1u << i;
	return bits;
}

static void show_list(const struct device *device, uint32_t bits, char *text, size_t size)
{
	size_t used = 0;
	(void)snprintf(text, size, "none");
	for (unsigned i = 0; i < device->sector_count && used < size; i++) {
		unsigned from = i;
		if (!(bits >> i & 1))
			continue;
		while (i + 1 < device->sector_count && bits >> (i + 1) & 1)
			i++;
		used += (size_t)snprintf(text + used, size - used, "%s%u", used ? "," : "",
			device->sectors[from].number);
		if (i > from && used < size)
			used += (size_t)snprintf(
				text + used, size - used, "-%u", device->sectors[i].number);
	}
}

static uint32_t bits_between(const struct device *device, unsigned long first, unsigned long last)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < device->sector_count; i++)
		if (device->sectors[i].number >= first && device->sectors[i].number <= last)
			bits |= 1u << i;
	return bits;
}

/* "none", "all", "0-3,5" */
static bool parse_list(const struct device *device, const char *value, uint32_t *bits)
{
	*bits = 0;
	if (strcmp(value, "none") == 0)
		return true;
	if (strcmp(value, "all") == 0)
		*bits = bits_between(device, 0, ULONG_MAX);
	while (*value && !(*bits && *value == 'a')) {
		char *end;
		unsigned long first = strtoul(value, &end, 10), last = first;
		if (end == value)
			return false;
		if (*end == '-') {
			value = end + 1;
			last = strtoul(value, &end, 10);
		}
		uint32_t more = bits_between(device, first, last);
		if (end == value || !more || (*end && *end != ','))
			return false;
		*bits |= more;
		value = *end ? end + 1 : end;
	}
	return *bits;
}

/* The bit of a sector is 1 when `set`; the F413's last bit stands for two sectors. */
static void put_bit(const struct device *device, struct option_words *words, size_t i, bool set)
{
	const struct stm32f4_chip *chip = device->row;
	unsigned number = device->sectors[i].number;
	bool second = chip->has_bank2 && number >= 12;
	unsigned bit = second ? number - 12 : number;
	if (!second && bit >= chip->nwrp_bits)
		bit = chip->nwrp_bits - 1u;
	uint32_t mask = 1u << (OPTCR_NWRP_SHIFT + bit);
	words->optcr[second] = set ? words->optcr[second] | mask : words->optcr[second] & ~mask;
}

static void put_bits(
	const struct device *device, struct option_words *words, uint32_t bits, bool pcrop)
{
	for (size_t i = 0; i < device->sector_count; i++)
		put_bit(device, words, i, (bits >> i & 1) == pcrop);
}

/* ---- fields ---- */

static void show_rdp(
	const struct device *device, const struct option_words *words, char *text, size_t size)
{
	unsigned value = OPTCR_RDP(words->optcr[0]);
	(void)device;
	(void)snprintf(text, size, "%s (%02X)",
		value == RDP_LEVEL_0   ? "0"
		: value == RDP_LEVEL_2 ? "2"
				       : "1",
		value);
}

static bool set_rdp(const struct device *device, struct option_words *words, const char *value)
{
	(void)device;
	words->optcr[0] = (words->optcr[0] & ~0xFF00u) | RDP_LEVEL_1 << 8;
	return strcmp(value, "1") == 0;
}

static void show_wrp(
	const struct device *device, const struct option_words *words, char *text, size_t size)
{
	bool pcrop = words->optcr[0] & OPTCR_SPRMOD;
	show_list(device, pcrop ? 0 : protected_bits(device, words), text, size);
}

static bool set_wrp(const struct device *device, struct option_words *words, const char *value)
{
	uint32_t bits;
	if (!parse_list(device, value, &bits))
		return false;
	put_bits(device, words, bits, false);
	return true;
}

static void show_pcrop(
	const struct device *device, const struct option_words *words, char *text, size_t size)
{
	bool pcrop = words->optcr[0] & OPTCR_SPRMOD;
	show_list(device, pcrop ? protected_bits(device, words) : 0, text, size);
}

static bool set_pcrop(const struct device *device, struct option_words *words, const char *value)
{
	uint32_t bits;
	if (!parse_list(device, value, &bits) || !bits)
		return false;
	put_bits(device, words, bits, true);
	words->optcr[0] |= OPTCR_SPRMOD;
	return true;
}

static void show_bor(
	const struct device *device, const struct option_words *words, char *text, size_t size)
{
	static const char *const levels[] = {
		"3 (2.83 V)", "2 (2.50 V)", "1 (2.19 V)", "off (1.68 V)"};
	(void)device;
	(void)snprintf(text, size, "%s", levels[OPTCR_BOR(words->optcr[0])]);
}

static bool set_bor(const struct device *device, struct option_words *words, const char *value)
{
	static const char *const levels[] = {"3", "2", "1", "off"};
	(void)device;
	for (uint32_t i = 0; i < 4; i++) {
		if (strcmp(value, levels[i]) != 0)
			continue;
		words->optcr[0] = (words->optcr[0] & ~(3u << 2)) | i << 2;
		return true;
	}
	return false;
}

static void show_bit(const struct option_words *words, uint32_t bit, char *text, size_t size)
{
	(void)snprintf(text, size, "%u", words->optcr[0] & bit ? 1u : 0u);
}

static bool set_bit(struct option_words *words, uint32_t bit, const char *value)
{
	words->optcr[0] = strcmp(value, "1") == 0 ? words->optcr[0] | bit : words->optcr[0] & ~bit;
	return strcmp(value, "1") == 0 || strcmp(value, "0") == 0;
}

#define BIT_FIELD(field, bit)                                                                   \
	static void show_##field(const struct device *device, const struct option_words *words, \
		char *text, size_t size)                                                        \
	{                                                                                       \
		(void)device;                                                                   \
		show_bit(words, bit, text, size);                                               \
	}                                                                                       \
	static bool set_##field(                                                                \
		const struct device *device, struct option_words *words, const char *value)     \
	{                                                                                       \
		(void)device;                                                                   \
		return set_bit(words, bit, value);                                              \
	}

BIT_FIELD(wdg_sw, OPTCR_WDG_SW)
BIT_FIELD(nrst_stop, OPTCR_NRST_STOP)
BIT_FIELD(nrst_stdby, OPTCR_NRST_STDBY)

static const struct field fields[] = {
	{"rdp", "1", "read protection level", show_rdp, set_rdp},
	{"wrp", "none, all or a list such as 0-3,5", "write-protected sectors", show_wrp, set_wrp},
	{"pcrop", "a list such as 2,4-5", "sectors protected against read-out", show_pcrop,
		set_pcrop},
	{"bor", "off, 1, 2 or 3", "brown-out reset level", show_bor, set_bor},
	{"wdg_sw", "0 or 1", "0: the watchdog runs from every reset on", show_wdg_sw, set_wdg_sw},
	{"nrst_stop", "0 or 1", "0: entering STOP resets the chip", show_nrst_stop, set_nrst_stop},
	{"nrst_stdby", "0 or 1", "0: entering Standby resets the chip", show_nrst_stdby,
		set_nrst_stdby},
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static bool has_field(const struct device *device, const struct field *field)
{
	const struct stm32f4_chip *chip = device->row;
	return field->set != set_pcrop || chip->has_pcrop;
}

size_t stm32f4_options_show(
	struct bus *bus, const struct device *device, struct target_option *options)
{
	struct option_words words;
	size_t count = 0;
	read_words(bus, device, &words);
	for (size_t i = 0; i < FIELD_COUNT && !bus->err; i++) {
		struct target_option *option = &options[count];
		if (!has_field(device, &fields[i]))
			continue;
		*option = (struct target_option){
			.name = fields[i].name, .help = fields[i].help, .takes = fields[i].values};
		fields[i].show(device, &words, option->value, sizeof(option->value));
		count++;
	}
	return count;
}

/* ---- changes ---- */

static enum err refuse(const char *why)
{
	log_error("%s", why);
	return ERR_FLASH_PROTECTED;
}

/* What the hardware does not undo, or not without erasing everything, is not done by the way. */
static enum err check_change(const struct option_words *words, const char *name, const char *value)
{
	bool is_rdp = strcmp(name, "rdp") == 0;
	bool is_list = strcmp(name, "wrp") == 0 || strcmp(name, "pcrop") == 0;
	if (is_rdp && strcmp(value, "2") == 0)
		return refuse("read protection level 2 can never be undone and shuts the chip for "
			      "every debugger: it is not set by this program");
	if (is_rdp && strcmp(value, "0") == 0)
		return refuse("going back to level 0 erases the whole flash: "
			      "`monitor unlock erase-everything` does that");
	if (is_list && words->optcr[0] & OPTCR_SPRMOD)
		return refuse("PCROP is on: only `monitor unlock erase-everything` from read "
			      "protection level 1 takes it away");
	return ERR_OK;
}

static const struct field *find_field(const struct device *device, const char *name)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (strcmp(fields[i].name, name) == 0 && has_field(device, &fields[i]))
			return &fields[i];
	return NULL;
}

static enum err change(const struct device *device, struct option_words *words, const char *name,
	const char *value)
{
	const struct field *field = find_field(device, name);
	if (!field) {
		log_error("this chip has no option \"%s\": `monitor option` lists them", name);
		return ERR_ARGUMENT;
	}
	enum err err = check_change(words, name, value);
	if (err)
		return err;
	if (field->set(device, words, value))
		return ERR_OK;
	log_error("option %s takes %s, not \"%s\"", name, field->values, value);
	return ERR_ARGUMENT;
}

void stm32f4_options_set(
	struct bus *bus, const struct device *device, const char *name, const char *value)
{
	struct option_words words;
	read_words(bus, device, &words);
	if (bus->err)
		return;
	enum err err = change(device, &words, name, value);
	if (err)
		bus_fail(bus, err);
	else
		write_words(bus, device, &words, WRITE_US);
}

/* ---- read protection ---- */

bool stm32f4_options_prepare_unlock(struct bus *bus, const struct device *device)
{
	struct option_words words;
	read_words(bus, device, &words);
	if (bus->err || OPTCR_RDP(words.optcr[0]) == RDP_LEVEL_0 ||
		OPTCR_RDP(words.optcr[0]) == RDP_LEVEL_2 || words.optcr[0] & OPTCR_WDG_SW)
		return false;
	words.optcr[0] |= OPTCR_WDG_SW;
	write_words(bus, device, &words, WRITE_US);
	return !bus->err;
}

/* The erase goes at the controller's narrowest width; its maximum is the data sheet's. */
void stm32f4_options_unlock(struct bus *bus, const struct device *device)
{
	struct option_words words;
	struct flash_erase_time time = device->family->erase_time(device, NULL, FLASH_X8);
	read_words(bus, device, &words);
	if (bus->err)
		return;
	if (OPTCR_RDP(words.optcr[0]) == RDP_LEVEL_2) {
		bus_fail(bus, refuse("read protection level 2 can not be taken away"));
		return;
	}
	if (OPTCR_RDP(words.optcr[0]) == RDP_LEVEL_0) {
		log_info("the flash is not read-protected: there is nothing to unlock");
		return;
	}
	if (words.optcr[0] & OPTCR_SPRMOD) /* this is the one moment at which it can go */
		put_bits(device, &words, 0, false);
	words.optcr[0] = (words.optcr[0] & ~(0xFF00u | OPTCR_SPRMOD)) | RDP_LEVEL_0 << 8;
	write_words(bus, device, &words, 1500ull * time.max_ms + 200000);
}
