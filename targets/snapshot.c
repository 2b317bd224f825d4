/* A snapshot: see snapshot.h. Worker thread. Addresses from RM0090 rev 21 and ARMv7-M ARM B3, C1.
 */
#include "snapshot.h"

#include "bus.h"
#include "cortexm_registers.h"
#include "probe/log.h"
#include "probe/probe.h"
#include "stm32f4_registers.h"

#include <string.h>

struct row {
	const char *name;
	uint32_t address;
};

static const struct row rows[SNAPSHOT_COUNT] = {
	[SNAPSHOT_DHCSR] = {"DHCSR", DCB_DHCSR},
	[SNAPSHOT_DHCSR_AGAIN] = {"DHCSR again", DCB_DHCSR},
	[SNAPSHOT_DFSR] = {"DFSR", SCB_DFSR},
	[SNAPSHOT_DEMCR] = {"DEMCR", DCB_DEMCR},
	[SNAPSHOT_CPUID] = {"CPUID", SCB_CPUID},
	[SNAPSHOT_ICSR] = {"ICSR", SCB_ICSR},
	[SNAPSHOT_VTOR] = {"VTOR", SCB_VTOR},
	[SNAPSHOT_SCR] = {"SCR", SCB_SCR},
	[SNAPSHOT_CFSR] = {"CFSR", SCB_CFSR},
	[SNAPSHOT_HFSR] = {"HFSR", SCB_HFSR},
	[SNAPSHOT_DBGMCU_CR] = {"DBGMCU_CR", DBGMCU_CR},
	[SNAPSHOT_RCC_CSR] = {"RCC_CSR", RCC_CSR},
	[SNAPSHOT_FLASH_SR] = {"FLASH_SR", FLASH_SR},
	[SNAPSHOT_FLASH_CR] = {"FLASH_CR", FLASH_CR},
	[SNAPSHOT_FLASH_OPTCR] = {"FLASH_OPTCR", FLASH_OPTCR},
	[SNAPSHOT_FLASH_OPTCR1] = {"FLASH_OPTCR1", FLASH_OPTCR1},
	[SNAPSHOT_PWR_CR] = {"PWR_CR", PWR_CR},
	[SNAPSHOT_PWR_CSR] = {"PWR_CSR", PWR_CSR},
	[SNAPSHOT_IWDG_SR] = {"IWDG_SR", IWDG_SR},
	[SNAPSHOT_IWDG_PR] = {"IWDG_PR", IWDG_PR},
	[SNAPSHOT_IWDG_RLR] = {"IWDG_RLR", IWDG_RLR},
	[SNAPSHOT_WWDG_CR] = {"WWDG_CR", WWDG_CR},
	[SNAPSHOT_FLASH_ACR] = {"FLASH_ACR", FLASH_ACR},
	[SNAPSHOT_RCC_CFGR] = {"RCC_CFGR", RCC_CFGR},
	[SNAPSHOT_RCC_AHB1ENR] = {"RCC_AHB1ENR", RCC_AHB1ENR},
	[SNAPSHOT_MEMRMP] = {"SYSCFG_MEMRMP", SYSCFG_MEMRMP},
	[SNAPSHOT_GPIOA_MODER] = {"GPIOA_MODER", GPIOA_MODER},
	[SNAPSHOT_GPIOA_AFRH] = {"GPIOA_AFRH", GPIOA_AFRH},
	[SNAPSHOT_IDCODE] = {"DBGMCU_IDCODE", DBGMCU_IDCODE},
	[SNAPSHOT_PIDR1] = {"PIDR1", ROM_TABLE_PIDR1},
	[SNAPSHOT_PIDR2] = {"PIDR2", ROM_TABLE_PIDR2},
	[SNAPSHOT_PC] = {"PC", 0},
	[SNAPSHOT_CANARY] = {"SRAM mark", 0},
};

static void know(struct snapshot *snapshot, enum snapshot_word word, uint32_t value)
{
	snapshot->words[word] = value;
	snapshot->known |= UINT64_C(1) << word;
}

/* One by one: for a link or a bus that fails on some of them. */
static void read_singly(
	struct snapshot *snapshot, struct probe *probe, enum snapshot_word first, unsigned end)
{
	for (unsigned i = first; i < end; i++) {
		uint32_t value;
		enum err err = probe_read_word(probe, rows[i].address, &value);
		if (!err)
			know(snapshot, (enum snapshot_word)i, value);
		else if (!snapshot->memory)
			snapshot->memory = err;
		if (err && err != ERR_TARGET_FAULT)
			return;
	}
}

/* A batch that failed may have cleared the sticky bits of a DHCSR whose value is lost; whether the
 * core is held in reset shows in the second reading all the same. */
static void read_words(
	struct snapshot *snapshot, struct probe *probe, enum snapshot_word first, unsigned end)
{
	struct bus_later later[SNAPSHOT_COUNT];
	struct bus bus;
	bus_begin(&bus, probe, NULL, NULL);
	for (unsigned i = first; i < end; i++)
		later[i] = bus_read_later(&bus, rows[i].address);
	if (bus_end(&bus)) {
		read_singly(snapshot, probe, first, end);
		return;
	}
	for (unsigned i = first; i < end; i++)
		know(snapshot, (enum snapshot_word)i, bus_value(&bus, later[i]));
}

/* Reading a PCROP sector sets RDERR: then it is left alone, too. */
static bool may_touch_flash(const struct snapshot *snapshot, const struct device *device)
{
	return device && device->family && snapshot_has(snapshot, SNAPSHOT_FLASH_OPTCR) &&
	       snapshot_has(snapshot, SNAPSHOT_FLASH_SR) &&
	       !(snapshot_word(snapshot, SNAPSHOT_FLASH_SR) & SR_BSY) &&
	       !(snapshot_word(snapshot, SNAPSHOT_FLASH_OPTCR) & OPTCR_SPRMOD);
}

static void read_pc(struct snapshot *snapshot, struct probe *probe)
{
	uint32_t pc;
	if (!(snapshot_word(snapshot, SNAPSHOT_DHCSR) & DHCSR_S_HALT))
		return;
	enum err err = probe_read_register(probe, SELECTOR_PC, &pc);
	if (!err)
		know(snapshot, SNAPSHOT_PC, pc);
}

static void read_target(struct snapshot *snapshot, struct probe *probe, const struct device *device)
{
	read_words(snapshot, probe, SNAPSHOT_DHCSR, SNAPSHOT_DBGMCU_CR);
	if (!snapshot_has(snapshot, SNAPSHOT_CPUID))
		return;
	if (device && device->family)
		read_words(snapshot, probe, SNAPSHOT_DBGMCU_CR, SNAPSHOT_PC);
	else
		read_singly(snapshot, probe, SNAPSHOT_IDCODE, SNAPSHOT_PC);
	read_pc(snapshot, probe);
	if (may_touch_flash(snapshot, device)) {
		uint32_t word;
		snapshot->flash = probe_read_word(probe, device->flash_start, &word);
	}
}

/* What older firmware cannot tell stays unknown. */
static void read_ctrl_stat(struct snapshot *snapshot, struct probe *probe)
{
	enum err err = probe_read_ctrl_stat(probe, &snapshot->ctrl_stat);
	snapshot->has_ctrl_stat = !err;
}

void snapshot_add_canary(struct snapshot *snapshot, struct probe *probe, uint32_t address)
{
	uint32_t value;
	if (!snapshot_has(snapshot, SNAPSHOT_CPUID))
		return;
	enum err err = probe_read_word(probe, address, &value);
	if (!err)
		know(snapshot, SNAPSHOT_CANARY, value);
}

void snapshot_take(struct snapshot *snapshot, struct probe *probe, const struct device *device)
{
	*snapshot = (struct snapshot){.taken = true, .flash = ERR_UNSUPPORTED};
	snapshot->plugged = probe_plugged(probe);
	if (!snapshot->plugged)
		return;
	/* What fails here is what the snapshot tells; there is nobody to report it to. */
	enum err err = probe_read_voltage(probe, &snapshot->vdd_mv);
	if (err)
		snapshot->vdd_mv = 0;
	snapshot->link = probe_read_dpidr(probe, &snapshot->dpidr);
	if (snapshot->link)
		snapshot->dpidr = 0;
	else
		read_ctrl_stat(snapshot, probe);
	if (!snapshot->link)
		read_target(snapshot, probe, device);
	snapshot->plugged = probe_plugged(probe);
}

void snapshot_take_start(struct snapshot *snapshot, struct probe *probe)
{
	*snapshot = (struct snapshot){.taken = true, .plugged = true, .flash = ERR_UNSUPPORTED};
	know(snapshot, SNAPSHOT_DHCSR, DHCSR_S_HALT);
	read_pc(snapshot, probe);
	read_singly(snapshot, probe, SNAPSHOT_MEMRMP, SNAPSHOT_MEMRMP + 1);
}

bool snapshot_has(const struct snapshot *snapshot, enum snapshot_word word)
{
	return snapshot->known >> word & 1;
}

uint32_t snapshot_word(const struct snapshot *snapshot, enum snapshot_word word)
{
	return snapshot_has(snapshot, word) ? snapshot->words[word] : 0;
}

const char *snapshot_name(enum snapshot_word word)
{
	return rows[word].name;
}
