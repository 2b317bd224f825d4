/*
 * What a probing debugger reads of the debug components: identification, and the ROM table.
 *
 * From: CoreSight Architecture Specification (PIDR, CIDR), ARMv7-M ARM C1.3, RM0368 debug chapter.
 */
#include "coresight.h"

#include "m4.h"

enum { ST_JEP106 = 0x20, CLONE_JEP106 = 0x0751 };

uint32_t coresight_register(const struct coresight_id *id, uint32_t offset)
{
	switch (offset) {
	case 0xfcc:
		return id->devtype;
	case 0xfd0: /* PIDR4 */
		return id->designer >> 8;
	case 0xfe0: /* PIDR0 */
		return id->part & 0xff;
	case 0xfe4:
		return (id->designer & 0xfu) << 4 | id->part >> 8;
	case 0xfe8: /* bit 3: a JEP106 code is used */
		return (uint32_t)id->revision << 4 | 8 | (id->designer >> 4 & 7);
	case 0xff0: /* CIDR0 */
		return 0x0d;
	case 0xff4:
		return (uint32_t)id->class << 4;
	case 0xff8:
		return 0x05;
	case 0xffc:
		return 0xb1;
	default:
		return 0;
	}
}

static enum chip_ack read_id(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	*value = coresight_register(peripheral->row->variant, 0xfc0 + offset);
	return CHIP_OK;
}

static enum chip_ack ignore_write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	(void)peripheral, (void)offset, (void)value, (void)lanes;
	return CHIP_OK;
}

const struct peripheral_ops coresight_ops = {
	.name = "CoreSight ID", .read = read_id, .write = ignore_write};

/* ---- the ROM table at 0xE00FF000 ---- */

static const uint32_t entries[] = {
	0xfff0f003, /* SCS */
	0xfff02003, /* DWT */
	0xfff03003, /* FPB */
	0xfff01003, /* ITM */
	0xfff41003, /* TPIU */
	0xfff42003, /* ETM */
};

static enum chip_ack read_rom_table(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct chip *chip = peripheral->chip;
	const struct coresight_id id = {.part = chip->model->device_id,
		.designer = chip->faults.clone_jep ? CLONE_JEP106 : ST_JEP106,
		.class = 1};
	if (offset < sizeof entries)
		*value = entries[offset / 4];
	else if (offset == 0xfcc) /* MEMTYPE: system memory is on this bus too */
		*value = 1;
	else
		*value = coresight_register(&id, offset);
	return CHIP_OK;
}

const struct peripheral_ops rom_table_ops = {
	.name = "ROM table", .read = read_rom_table, .write = ignore_write};
