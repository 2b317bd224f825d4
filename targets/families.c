/* The list of chip families, and what is true of every device. Worker thread. */
#include "families.h"

#include "cortexm_registers.h"
#include "family.h"
#include "probe/log.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct family *const families[] = {
	&family_stm32f4,
};

/* The address map of ARMv7-M (ARM DDI 0403, B3.1), for a chip that nobody knows. Where all STM32
 * have their flash gdb is told so, or it would refuse a load by itself and without a reason. */
static const struct target_region unknown_map[] = {
	{TARGET_ROM, 0x00000000, 0x08000000, 0, "code"},
	{TARGET_FLASH, 0x08000000, 0x00800000, 0x4000, "flash, not known"},
	{TARGET_ROM, 0x08800000, 0x17800000, 0, "code"},
	{TARGET_RAM, 0x20000000, 0x20000000, 0, "SRAM"},
	{TARGET_RAM, 0x40000000, 0x20000000, 0, "peripherals"},
	{TARGET_RAM, 0x60000000, 0x80000000, 0, "external"},
	{TARGET_RAM, 0xE0000000, 0x20000000, 0, "system"},
};

const char *flash_width_name(enum flash_width width)
{
	static const char *const names[] = {"x8", "x16", "x32"};
	return names[width];
}

void device_add_region(struct device *device, const struct target_region *region)
{
	assert(device->map_count < DEVICE_REGIONS_MAX);
	size_t at = device->map_count++;
	while (at > 0 && device->map[at - 1].start > region->start) {
		device->map[at] = device->map[at - 1];
		at--;
	}
	device->map[at] = *region;
}

const struct flash_sector *device_sector_at(const struct device *device, uint32_t address)
{
	for (size_t i = 0; i < device->sector_count; i++)
		if (address - device->sectors[i].start < device->sectors[i].size)
			return &device->sectors[i];
	return NULL;
}

const struct target_region *device_region_at(const struct device *device, uint32_t address)
{
	for (size_t i = 0; i < device->map_count; i++)
		if (address - device->map[i].start < device->map[i].size)
			return &device->map[i];
	return NULL;
}

static void describe_unknown(uint32_t cpuid, struct device *device)
{
	snprintf(device->name, sizeof(device->name), "Cortex-M, CPUID %08X", cpuid);
	for (size_t i = 0; i < sizeof(unknown_map) / sizeof(unknown_map[0]); i++)
		device_add_region(device, &unknown_map[i]);
}

/* Memory does not answer then, nor does what tells the size of the flash. */
static bool is_held_in_reset(struct probe *probe)
{
	uint32_t dhcsr = 0;
	for (unsigned i = 0; i < 2; i++)
		if (probe_read_word(probe, DCB_DHCSR, &dhcsr))
			return false;
	return dhcsr & DHCSR_S_RESET_ST;
}

enum err family_identify(
	struct probe *probe, uint32_t cpuid, const char *named, struct device *device)
{
	bool faulted = false;
	memset(device, 0, sizeof(*device));
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct bus bus;
		bus_begin(&bus, probe, NULL, NULL);
		bool ours = families[i]->identify(&bus, cpuid, named, device);
		enum err err = bus_end(&bus);
		if (err && err != ERR_TARGET_FAULT)
			return err;
		faulted |= err == ERR_TARGET_FAULT;
		if (!err && ours) {
			device->family = families[i];
			return ERR_OK;
		}
	}
	if (faulted && is_held_in_reset(probe))
		return ERR_TARGET_STATE;
	describe_unknown(cpuid, device);
	log_warn("%s, device id %08X: it can be debugged, its flash will not be touched; %s",
		device->name, device->id,
		faulted ? "parts of it do not answer, as while NRST is low: attach again then"
			: "--chip=NAME says which chip it is like");
	return ERR_OK;
}

bool device_is_stranger(const struct device *device)
{
	return !device->family || (device->is_foreign && !device->is_named);
}

const char *target_chip_name(size_t index)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		size_t count = 0;
		while (families[i]->chip_name(count))
			count++;
		if (index < count)
			return families[i]->chip_name(index);
		index -= count;
	}
	return NULL;
}
