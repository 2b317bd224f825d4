/*
 * System configuration controller: what is at address 0, and which port drives an EXTI line.
 *
 * From: RM0368 chapter 7. MEM_MODE takes the boot pin at reset; BOOT1 is tied low on this board.
 */
#include "syscfg.h"

#include "flash.h"

enum { MEMRMP = 0x00, PMC = 0x04, EXTICR1 = 0x08, EXTICR4 = 0x14, CMPCR = 0x20 };

enum { CMPCR_ENABLE = 1, CMPCR_READY = 1 << 8 };

struct syscfg {
	uint32_t mode, pmc, compensation;
	uint32_t exticr[4];
};

unsigned syscfg_memory_mode(const struct chip *chip)
{
	return chip->syscfg->mode & 3;
}

unsigned syscfg_exti_port(const struct chip *chip, unsigned line)
{
	return chip->syscfg->exticr[line / 4] >> (line % 4 * 4) & 0xf;
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct chip *chip = peripheral->chip;
	struct syscfg *syscfg = peripheral->state;
	if (kind == RESET_CORE)
		return;
	*syscfg = (struct syscfg){.mode = chip->boot0 ? SYSCFG_MEMORY_SYSTEM : SYSCFG_MEMORY_FLASH};
	if (chip->boot0)
		flash_note_intruder(chip);
	chip->remap_wanted = true;
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct syscfg *syscfg = peripheral->state;
	*value = 0;
	if (offset == MEMRMP)
		*value = syscfg->mode;
	else if (offset == PMC)
		*value = syscfg->pmc;
	else if (offset >= EXTICR1 && offset <= EXTICR4)
		*value = syscfg->exticr[(offset - EXTICR1) / 4];
	else if (offset == CMPCR)
		*value = syscfg->compensation | (syscfg->compensation != 0 ? CMPCR_READY : 0);
	return CHIP_OK;
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct syscfg *syscfg = peripheral->state;
	if (offset == MEMRMP) {
		syscfg->mode = merge_lanes(syscfg->mode, value, lanes) & 3;
		peripheral->chip->remap_wanted = true;
		chip_attend(peripheral->chip);
	} else if (offset == PMC) {
		syscfg->pmc = merge_lanes(syscfg->pmc, value, lanes);
	} else if (offset >= EXTICR1 && offset <= EXTICR4) {
		uint32_t *word = &syscfg->exticr[(offset - EXTICR1) / 4];
		*word = merge_lanes(*word, value, lanes) & 0xffff;
	} else if (offset == CMPCR) {
		syscfg->compensation =
			merge_lanes(syscfg->compensation, value, lanes) & CMPCR_ENABLE;
	}
	return CHIP_OK;
}

const struct peripheral_ops syscfg_ops = {
	.name = "SYSCFG",
	.state_size = sizeof(struct syscfg),
	.reset = reset,
	.read = read,
	.write = write,
};
