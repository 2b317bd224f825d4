/*
 * The chip as a whole: its making, its door (targets/virtual/chip.h).
 */
#include "targets/virtual/chip.h"

#include <stdlib.h>
#include <string.h>

#include "ahb.h"
#include "blocks.h"
#include "flash.h"
#include "m4.h"
#include "model.h"
#include "probe/log.h"
#include "state.h"
#include "system_memory.h"

#define SEED UINT64_C(0x5354332d464c4153)

enum { KIB = 1024, SYSTEM_SIZE = 32 * KIB, OPTION_SIZE = KIB };

enum { PAGE = 4096 }; /* the host's, more than Unicorn asks for */

enum { SWD_OFF_AFTER = 1000 }; /* instructions */

/* ---- peripherals ---- */

bool peripheral_is_clocked(const struct peripheral *peripheral)
{
	const struct peripheral_row *row = peripheral->row;
	return row->enable == 0 || rcc_is_enabled(peripheral->chip, row->enable, row->enable_bit);
}

bool peripheral_is_frozen(const struct peripheral *peripheral)
{
	const struct peripheral_row *row = peripheral->row;
	return row->freeze != 0 && peripheral->chip->core->halted &&
	       dbgmcu_freezes(peripheral->chip, row->freeze, row->freeze_bit);
}

void peripheral_set_irq(struct peripheral *peripheral, unsigned index, bool level)
{
	unsigned bit = 1u << index;
	uint8_t irq = peripheral->row->irqs[index];
	if (irq == 0 || ((peripheral->irq_levels & bit) != 0) == level)
		return;
	peripheral->irq_levels ^= bit;
	nvic_set_line(peripheral->chip->core, irq - 1u, level);
}

static int compare_bases(const void *left, const void *right)
{
	const struct peripheral *a = left, *b = right;
	return (a->row->base > b->row->base) - (a->row->base < b->row->base);
}

static size_t count_peripherals(const struct model *model)
{
	size_t count = 0;
	for (unsigned list = 0; list < MODEL_LISTS && model->peripherals[list] != NULL; list++)
		count += model->peripherals[list]->count;
	return count;
}

static bool add_peripheral(struct chip *chip, const struct peripheral_row *row)
{
	size_t size = row->ops->state_size;
	void *state = calloc(1, size == 0 ? 1 : size);
	if (state == NULL)
		return false;
	chip->peripherals[chip->peripheral_count++] =
		(struct peripheral){.ops = row->ops, .row = row, .chip = chip, .state = state};
	return true;
}

static bool create_peripherals(struct chip *chip)
{
	const struct model *model = chip->model;
	size_t count = count_peripherals(model);
	chip->peripherals = count == 0 ? NULL : calloc(count, sizeof *chip->peripherals);
	if (chip->peripherals == NULL)
		return false;
	for (unsigned list = 0; list < MODEL_LISTS && model->peripherals[list] != NULL; list++)
		for (size_t i = 0; i < model->peripherals[list]->count; i++)
			if (!add_peripheral(chip, &model->peripherals[list]->rows[i]))
				return false;
	qsort(chip->peripherals, chip->peripheral_count, sizeof *chip->peripherals, compare_bases);
	return true;
}

static struct peripheral *find_first(struct chip *chip, const struct peripheral_ops *ops)
{
	for (size_t i = 0; i < chip->peripheral_count; i++)
		if (chip->peripherals[i].ops == ops)
			return &chip->peripherals[i];
	return NULL;
}

/* Peripherals that others reach by name. Every model has them. */
static void find_parts(struct chip *chip)
{
	chip->rcc = find_first(chip, &rcc_ops)->state;
	chip->pwr = find_first(chip, &pwr_ops)->state;
	chip->syscfg = find_first(chip, &syscfg_ops)->state;
	chip->dbgmcu = find_first(chip, &dbgmcu_ops)->state;
	chip->flash_block = find_first(chip, &flash_ops);
	chip->flash = chip->flash_block->state;
	chip->exti_block = find_first(chip, &exti_ops);
	chip->gpioa_block = find_first(chip, &gpio_ops); /* the lowest address is port A */
	chip->core->fpb = find_first(chip, &fpb_ops);
	chip->core->dwt = find_first(chip, &dwt_ops);
}

/* ---- memories ---- */

static bool create_memory(struct memory *memory, uint32_t start, uint32_t size, uint8_t filler)
{
	if (size == 0)
		return true;
	memory->data = aligned_alloc(PAGE, (size + (size_t)PAGE - 1) / PAGE * PAGE);
	if (memory->data == NULL)
		return false;
	memory->start = start;
	memory->size = size;
	memset(memory->data, filler, size);
	return true;
}

static bool create_memories(struct chip *chip)
{
	const struct model *model = chip->model;
	return create_memory(
		       &chip->flash_memory, 0x08000000, model->flash_kb * (uint32_t)KIB, 0xff) &&
	       create_memory(&chip->system, 0x1fff0000, SYSTEM_SIZE, 0xff) &&
	       create_memory(&chip->options[0], 0x1fffc000, OPTION_SIZE, 0xff) &&
	       create_memory(
		       &chip->options[1], 0x1ffec000, model->dual_bank ? OPTION_SIZE : 0, 0xff) &&
	       create_memory(&chip->sram, 0x20000000, model->sram_kb * (uint32_t)KIB, 0) &&
	       create_memory(&chip->ccm, 0x10000000, model->ccm_kb * (uint32_t)KIB, 0) &&
	       create_memory(&chip->backup, 0x40024000, model->backup_kb * (uint32_t)KIB, 0);
}

static void destroy_memories(struct chip *chip)
{
	struct memory *const all[] = {&chip->flash_memory, &chip->system, &chip->options[0],
		&chip->options[1], &chip->sram, &chip->ccm, &chip->backup};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		free(all[i]->data);
}

/* ---- life ---- */

static bool build(struct chip *chip)
{
	if (!create_memories(chip) || !create_peripherals(chip))
		return false;
	chip->core = m4_create(chip);
	if (chip->core == NULL)
		return false;
	find_parts(chip);
	faults_init(&chip->faults);
	system_memory_fill(chip);
	flash_format(chip);
	flash_load_options(chip);
	chip_forget(chip);
	return ahb_map(chip);
}

struct chip *chip_create(const char *model)
{
	const struct model *found = model_find(model);
	if (found == NULL) {
		log_error("the virtual board has no chip \"%s\"", model);
		return NULL;
	}
	struct chip *chip = calloc(1, sizeof *chip);
	if (chip == NULL)
		return NULL;
	chip->model = found;
	chip->seed = SEED;
	chip->power_lost = true;
	if (!build(chip)) {
		chip_destroy(chip);
		return NULL;
	}
	return chip;
}

void chip_destroy(struct chip *chip)
{
	if (chip == NULL)
		return;
	m4_destroy(chip->core); /* Unicorn still knows the memories */
	for (size_t i = 0; i < chip->peripheral_count; i++)
		free(chip->peripherals[i].state);
	free(chip->peripherals);
	destroy_memories(chip);
	free(chip);
}

/* ---- the debug port's side ---- */

/* The fault switch stands for firmware that takes the pins soon after it was started. */
static bool pins_are_taken(const struct chip *chip)
{
	const struct m4 *core = chip->core;
	return !gpio_swd_is_on(chip) ||
	       (chip->faults.swd_off && core->retired - core->retired_at_reset > SWD_OFF_AFTER);
}

bool chip_dp_alive(const struct chip *chip)
{
	return chip->powered && !pins_are_taken(chip) && !pwr_debug_is_off(chip);
}

bool chip_ap_alive(const struct chip *chip)
{
	return chip_dp_alive(chip) && flash_rdp_level(chip) != 2;
}

static bool ap_can_access(struct chip *chip, enum chip_ack *refusal)
{
	*refusal = CHIP_OK;
	if (!chip_ap_alive(chip))
		*refusal = CHIP_FAULT;
	else if (pwr_clocks_are_off(chip))
		*refusal = CHIP_WAIT;
	else
		flash_note_intruder(chip);
	chip_settle(chip);
	return *refusal == CHIP_OK;
}

enum chip_ack chip_read(struct chip *chip, uint32_t address, unsigned width, uint32_t *value)
{
	enum chip_ack ack;
	*value = 0;
	if (!ap_can_access(chip, &ack))
		return ack;
	ack = ahb_read(chip, MASTER_AP, address, width, value);
	chip_settle(chip);
	return ack;
}

enum chip_ack chip_write(struct chip *chip, uint32_t address, unsigned width, uint32_t value)
{
	enum chip_ack ack;
	if (!ap_can_access(chip, &ack))
		return ack;
	ack = ahb_write(chip, MASTER_AP, address, width, value);
	chip_settle(chip);
	return ack;
}

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

/* ---- onlookers ---- */

const struct chip_books *chip_books(const struct chip *chip)
{
	return &chip->books;
}

bool chip_peek(const struct chip *chip, uint32_t address, uint8_t *data, size_t size)
{
	const uint8_t *memory = ahb_memory(chip, address, size);
	if (memory == NULL)
		return false;
	memcpy(data, memory, size);
	return true;
}
