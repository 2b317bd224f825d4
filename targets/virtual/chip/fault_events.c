/* Fault switches that act by themselves, at their time; see faults.h. */
#include "ahb.h"
#include "flash.h"
#include "m4.h"

void faults_init(struct faults *faults)
{
	*faults = (struct faults){.flash_percent = 100};
}

void faults_on_flash(struct chip *chip, const struct flash_operation *operation)
{
	struct droop *droop = &chip->faults.droop;
	bool erase = operation->kind == FLASH_ERASE_SECTOR || operation->kind == FLASH_ERASE_BANKS;
	if (!droop->armed || !erase)
		return;
	if (droop->sector != EVERY_SECTOR && operation->kind == FLASH_ERASE_SECTOR &&
		droop->sector != operation->sector.number)
		return;
	droop->armed = false;
	droop->begin_ns = chip_now(chip) + droop->delay_ns;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t faults_deadline(const struct chip *chip)
{
	const struct faults *faults = &chip->faults;
	uint64_t next = CLOCK_NEVER;
	if (faults->droop.begin_ns != 0)
		next = earlier(next, faults->droop.begin_ns);
	if (faults->droop.end_ns != 0)
		next = earlier(next, faults->droop.end_ns);
	if (faults->scribble.address != 0)
		next = earlier(next, faults->scribble.next_ns);
	if (faults->irq_storm_ns != 0)
		next = earlier(next, faults->irq_storm_next_ns);
	if (faults->power_storm_ns != 0)
		next = earlier(next, faults->power_storm_next_ns);
	return next;
}

static void droop(struct chip *chip)
{
	struct droop *droop = &chip->faults.droop;
	if (droop->begin_ns != 0 && droop->begin_ns <= chip->now_ns) {
		droop->begin_ns = 0;
		droop->end_ns = chip->now_ns + droop->length_ns;
		droop->restore_mv = chip->vdd_mv;
		chip_set_vdd(chip, droop->millivolts);
	} else if (droop->end_ns != 0 && droop->end_ns <= chip->now_ns) {
		droop->end_ns = 0;
		chip_set_vdd(chip, droop->restore_mv);
	}
}

static void scribble(struct chip *chip)
{
	struct scribble *scribble = &chip->faults.scribble;
	if (scribble->address == 0 || scribble->next_ns > chip->now_ns)
		return;
	scribble->next_ns = chip->now_ns + scribble->period_ns;
	(void)ahb_write(chip, MASTER_DMA, scribble->address, 4, chip_random(chip, chip->now_ns));
}

static void storm(struct chip *chip)
{
	struct faults *faults = &chip->faults;
	if (faults->irq_storm_ns == 0 || faults->irq_storm_next_ns > chip->now_ns)
		return;
	faults->irq_storm_next_ns = chip->now_ns + faults->irq_storm_ns;
	nvic_pend(chip->core, EXCEPTION_SYSTICK);
}

static void power_storm(struct chip *chip)
{
	struct faults *faults = &chip->faults;
	unsigned millivolts = chip->vdd_mv;
	if (faults->power_storm_ns == 0 || faults->power_storm_next_ns > chip->now_ns)
		return;
	faults->power_storm_next_ns = chip->now_ns + faults->power_storm_ns;
	chip_set_vdd(chip, 0);
	chip_set_vdd(chip, millivolts);
}

void faults_tick(struct chip *chip)
{
	droop(chip);
	scribble(chip);
	storm(chip);
	power_storm(chip);
}
