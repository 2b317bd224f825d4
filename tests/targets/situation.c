/* Evidence written down by hand: see situation.h. */
#include "situation.h"

#include <stdio.h>

#include "families.h"
#include "family.h"
#include "stm32f4_chips.h"

static struct device device, named;
static struct device half_known = {.name = "Cortex-M", .id = 0x10016423};
static struct device unknown = {.name = "Cortex-M", .id = 0x10016999};

void situation_set(struct snapshot *snapshot, enum snapshot_word word, uint32_t value)
{
	snapshot->words[word] = value;
	snapshot->known |= UINT64_C(1) << word;
}

static void make_healthy(struct snapshot *snapshot)
{
	static const struct change healthy[] = {
		{SNAPSHOT_DHCSR, 0x00030003},
		{SNAPSHOT_DHCSR_AGAIN, 0x00030003},
		{SNAPSHOT_CPUID, 0x410FC241},
		{SNAPSHOT_DBGMCU_CR, 7},
		{SNAPSHOT_FLASH_OPTCR, HEALTHY_OPTCR},
		{SNAPSHOT_IDCODE, 0x10016423},
		{SNAPSHOT_PIDR1, 0x04},
		{SNAPSHOT_PIDR2, 0x0A},
	};
	for (unsigned i = 0; i < SNAPSHOT_COUNT; i++)
		situation_set(snapshot, (enum snapshot_word)i, 0);
	for (size_t i = 0; i < sizeof(healthy) / sizeof(healthy[0]); i++)
		situation_set(snapshot, healthy[i].word, healthy[i].value);
}

void situation_make(const struct situation *situation, struct evidence *e)
{
	static const struct device *const devices[] = {[KNOWN] = &device,
		[NAMED] = &named,
		[UNKNOWN] = &unknown,
		[HALF_KNOWN] = &half_known};
	*e = (struct evidence){.device = devices[situation->chip]};
	e->trouble = situation->trouble;
	e->link = situation->link;
	e->now = (struct snapshot){
		.taken = true,
		.plugged = !situation->unplugged,
		.vdd_mv = situation->vdd_mv ? situation->vdd_mv : 3300,
		.link = situation->dp,
		.memory = situation->ap,
		.flash = situation->flash,
	};
	if (situation->dp || situation->ap || situation->unplugged)
		return;
	e->now.dpidr = 0x2BA01477;
	make_healthy(&e->now);
	for (size_t i = 0; i < 4 && (situation->changes[i].word || situation->changes[i].value);
		i++)
		situation_set(&e->now, situation->changes[i].word, situation->changes[i].value);
	e->before = e->now;
	situation_set(&e->before, SNAPSHOT_FLASH_SR, situation->stale);
}

void situation_begin(void)
{
	device = (struct device){
		.family = &family_stm32f4, .row = stm32f4_find_chip(0x423), .id = 0x10016423};
	stm32f4_describe(device.row, 256, false, &device);
	named = device;
	named.is_foreign = named.is_named = true;
	(void)snprintf(named.name, sizeof(named.name), "%s", stm32f4_find_chip(0x423)->name);
}

const struct device *situation_device(void)
{
	return &device;
}
