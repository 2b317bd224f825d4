/*
 * How long the flash takes. From: DS9716 (F401xB/C) flash tables, the same for F405/407 and F411.
 *
 * `slow-flash` chooses typical, maximum or scaled times. The widths are those of PSIZE; the last
 * column needs the external programming voltage.
 */
#include "flash.h"
#include "model.h"

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)

enum { PROGRAM_TYPICAL_US = 16, PROGRAM_MAXIMUM_US = 100 };

static const struct erase_row {
	uint32_t size;
	uint16_t typical_ms[4]; /* the maximum is twice as long */
} erase_rows[] = {
	{16 * 1024, {400, 300, 250, 230}},
	{64 * 1024, {1200, 700, 550, 490}},
	{128 * 1024, {2000, 1300, 1000, 875}},
};

static uint64_t scaled(const struct chip *chip, uint64_t typical_ns, uint64_t maximum_ns)
{
	if (chip->faults.flash_timing == FLASH_TIMING_MAXIMUM)
		return maximum_ns;
	return typical_ns * chip->faults.flash_percent / 100;
}

uint64_t flash_program_ns(const struct chip *chip)
{
	return scaled(chip, PROGRAM_TYPICAL_US * NS_PER_US, PROGRAM_MAXIMUM_US * NS_PER_US);
}

uint64_t flash_erase_ns(const struct chip *chip, uint32_t size, unsigned psize)
{
	const struct erase_row *row = erase_rows;
	while (row->size < size)
		row++;
	uint64_t typical_ns = row->typical_ms[psize] * NS_PER_MS;
	return scaled(chip, typical_ns, 2 * typical_ns);
}

uint64_t flash_mass_erase_ns(const struct chip *chip, unsigned psize)
{
	uint64_t typical_ns = chip->model->mass_erase_ms[psize] * NS_PER_MS;
	return scaled(chip, typical_ns, 2 * typical_ns);
}

unsigned flash_widest(const struct chip *chip)
{
	if (chip->vdd_mv >= 2700)
		return 2;
	return chip->vdd_mv >= 2100 ? 1 : 0;
}
