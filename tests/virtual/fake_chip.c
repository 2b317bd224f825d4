/* The fake chip. See the header. */
#include "fake_chip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPUID 0xe000ed00U
#define AIRCR 0xe000ed0cU
#define DHCSR 0xe000edf0U
#define DCRSR 0xe000edf4U
#define DCRDR 0xe000edf8U
#define DEMCR 0xe000edfcU

struct chip {
	struct fake fake;
};

static struct chip *latest;

struct fake *fake_chip(void)
{
	return &latest->fake;
}

struct chip *chip_create(const char *model)
{
	if (strncmp(model, "stm32", 5) != 0)
		return NULL;
	latest = calloc(1, sizeof *latest);
	latest->fake.dhcsr = 0x00030003;
	for (unsigned i = 0; i < 128; i++)
		latest->fake.core[i] = 0x1000 + i;
	return latest;
}

void chip_destroy(struct chip *chip)
{
	free(chip);
}

/* ---- pins ---- */

void chip_set_vdd(struct chip *chip, unsigned millivolts)
{
	if (chip->fake.vdd_mv == 0 && millivolts > 0)
		chip->fake.books.power_resets++;
	chip->fake.vdd_mv = millivolts;
}

unsigned chip_vdd(const struct chip *chip)
{
	return chip->fake.vdd_mv;
}

void chip_set_nrst(struct chip *chip, bool low)
{
	struct fake *fake = &chip->fake;
	if (low && !fake->nrst_low) {
		fake->nrst_falls++;
		fake->nrst_fell_ns = fake->ran_until_ns;
	}
	if (!low && fake->nrst_low)
		fake->nrst_low_ns = fake->ran_until_ns - fake->nrst_fell_ns;
	fake->nrst_low = low;
}

void chip_run_until(struct chip *chip, uint64_t now_ns)
{
	chip->fake.ran_until_ns = now_ns;
}

bool chip_is_active(const struct chip *chip)
{
	return chip->fake.active;
}

bool chip_is_erasing(const struct chip *chip, unsigned *sector)
{
	*sector = chip->fake.erasing_sector;
	return chip->fake.erasing;
}

bool chip_dp_alive(const struct chip *chip)
{
	return chip->fake.vdd_mv > 0 && !chip->fake.dp_dead;
}

bool chip_ap_alive(const struct chip *chip)
{
	return !chip->fake.ap_dead;
}

/* ---- bus ---- */

static uint8_t *memory(struct fake *fake, uint32_t address, size_t size)
{
	if (address >= FAKE_RAM && address - FAKE_RAM + size <= sizeof fake->ram)
		return fake->ram + (address - FAKE_RAM);
	if (address >= FAKE_FLASH && address - FAKE_FLASH + size <= sizeof fake->flash)
		return fake->flash + (address - FAKE_FLASH);
	return NULL;
}

static bool answered(struct fake *fake, enum chip_ack *ack)
{
	if (fake->answer_count == 0)
		return false;
	if (fake->answer_skip > 0) {
		fake->answer_skip--;
		return false;
	}
	fake->answer_count--;
	*ack = fake->answer;
	return true;
}

static bool read_debug(struct fake *fake, uint32_t address, uint32_t *value)
{
	switch (address) {
	case CPUID:
		*value = 0x410fc241;
		return true;
	case DHCSR:
		*value = fake->dhcsr & ~(fake->busy_core > 0 ? 1U << 16 : 0);
		fake->busy_core -= fake->busy_core > 0;
		return true;
	case DCRDR:
		*value = fake->dcrdr;
		return true;
	case DEMCR:
		*value = fake->demcr;
		return true;
	case AIRCR:
		*value = fake->aircr;
		return true;
	default:
		return false;
	}
}

static bool write_debug(struct fake *fake, uint32_t address, uint32_t value)
{
	switch (address) {
	case DHCSR:
		fake->dhcsr = value;
		return true;
	case DCRSR:
		if (value & 1U << 16)
			fake->core[value & 0x7f] = fake->dcrdr;
		else
			fake->dcrdr = fake->core[value & 0x7f];
		return true;
	case DCRDR:
		fake->dcrdr = value;
		return true;
	case DEMCR:
		fake->demcr = value;
		return true;
	case AIRCR:
		fake->aircr = value;
		return true;
	default:
		return false;
	}
}

enum chip_ack chip_read(struct chip *chip, uint32_t address, unsigned width, uint32_t *value)
{
	struct fake *fake = &chip->fake;
	enum chip_ack ack = CHIP_FAULT;
	if (answered(fake, &ack))
		return ack;
	fake->reads++;
	fake->last_address = address;
	const uint8_t *bytes = memory(fake, address, width);
	if (!bytes)
		return read_debug(fake, address, value) ? CHIP_OK : CHIP_FAULT;
	*value = 0;
	memcpy(value, bytes, width);
	return CHIP_OK;
}

enum chip_ack chip_write(struct chip *chip, uint32_t address, unsigned width, uint32_t value)
{
	struct fake *fake = &chip->fake;
	enum chip_ack ack = CHIP_FAULT;
	if (answered(fake, &ack))
		return ack;
	fake->writes++;
	fake->last_address = address;
	uint8_t *bytes = memory(fake, address, width);
	if (!bytes)
		return write_debug(fake, address, value) ? CHIP_OK : CHIP_FAULT;
	memcpy(bytes, &value, width);
	return CHIP_OK;
}

/* ---- the rest ---- */

uint32_t chip_dpidr(const struct chip *chip)
{
	(void)chip;
	return 0x2ba01477;
}

uint32_t chip_ap_idr(const struct chip *chip)
{
	(void)chip;
	return 0x24770011;
}

uint32_t chip_ap_base(const struct chip *chip)
{
	(void)chip;
	return 0xe00ff003;
}

enum err chip_save(const struct chip *chip, const char *path)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		return ERR_IO;
	size_t written = fwrite(chip->fake.flash, 1, sizeof chip->fake.flash, file);
	return fclose(file) == 0 && written == sizeof chip->fake.flash ? ERR_OK : ERR_IO;
}

enum err chip_load(struct chip *chip, const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return ERR_IO;
	size_t got = fread(chip->fake.flash, 1, sizeof chip->fake.flash, file);
	fclose(file);
	return got == sizeof chip->fake.flash ? ERR_OK : ERR_ARGUMENT;
}

const struct chip_books *chip_books(const struct chip *chip)
{
	return &chip->fake.books;
}

bool chip_peek(const struct chip *chip, uint32_t address, uint8_t *data, size_t size)
{
	struct fake *fake = (struct fake *)&chip->fake;
	const uint8_t *bytes = memory(fake, address, size);
	if (bytes)
		memcpy(data, bytes, size);
	return bytes;
}

bool chip_fault(struct chip *chip, const char *switch_line)
{
	snprintf(chip->fake.fault_line, sizeof chip->fake.fault_line, "%s", switch_line);
	return strncmp(switch_line, "chip-", 5) == 0;
}
