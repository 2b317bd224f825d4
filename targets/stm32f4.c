/*
 * The STM32F4 family: debug settings and the flash controller. Identification is
 * stm32f4_identify.c.
 *
 * Sources: RM0090 rev 21 chapter 3 (flash), 38.16 (DBGMCU); DS8626 table 41 and DS10314 table 45
 * (erase times, the same for the whole family). Worker thread.
 */
#include "families.h"
#include "family.h"
#include "stm32f4_chips.h"
#include "stm32f4_identify.h"
#include "stm32f4_options.h"
#include "stm32f4_registers.h"

#include "cortexm_registers.h"
#include "crc32.h"
#include "probe/log.h"

/* ---- debug settings ---- */

static void save(struct bus *bus, struct debug_settings *settings)
{
	static const uint32_t registers[] = {DBGMCU_CR, DBGMCU_APB1_FZ, DBGMCU_APB2_FZ};
	struct bus_later later[3];
	if (settings->saved)
		return;
	for (size_t i = 0; i < 3; i++)
		later[i] = bus_read_later(bus, registers[i]);
	bus_flush(bus);
	for (size_t i = 0; i < 3; i++)
		settings->words[i] = bus_value(bus, later[i]);
	settings->saved = !bus->err;
}

static void debug_begin(struct bus *bus, struct debug_settings *settings, bool freeze_timers)
{
	save(bus, settings);
	uint32_t apb1 = settings->words[1] | APB1_FZ_WWDG | APB1_FZ_IWDG;
	uint32_t apb2 = settings->words[2];
	bus_write(bus, DBGMCU_CR, settings->words[0] | DBGMCU_CR_LOW_POWER);
	bus_write(bus, DBGMCU_APB1_FZ, apb1 | (freeze_timers ? APB1_FZ_TIMERS : 0));
	if (freeze_timers)
		bus_write(bus, DBGMCU_APB2_FZ, apb2 | APB2_FZ_TIMERS);
	bus_flush(bus);
}

static void debug_end(struct bus *bus, const struct debug_settings *settings)
{
	if (!settings->saved)
		return;
	bus_write(bus, DBGMCU_CR, settings->words[0]);
	bus_write(bus, DBGMCU_APB1_FZ, settings->words[1]);
	bus_write(bus, DBGMCU_APB2_FZ, settings->words[2]);
}

/* ---- flash: what the data sheet promises ---- */

/* Below 2.1 V the data sheet allows x8 only; an unknown voltage gets the same caution. */
static enum flash_width width(unsigned vdd_mv)
{
	if (vdd_mv >= 2700)
		return FLASH_X32;
	return vdd_mv >= 2100 ? FLASH_X16 : FLASH_X8;
}

/* ---- the voltage detector (RM0090, 5.2.3; thresholds: DS8626, 5.3.6) ---- */

/* The least voltage at which the detector of this level can be silent. */
static const struct pvd_level {
	unsigned level, floor_mv;
} pvd_levels[] = {{6, 2850}, {2, 2290}};

/* It takes some microseconds to settle; a command of the probe takes longer. */
static bool is_above(struct bus *bus, uint32_t cr, unsigned level)
{
	cr &= ~(PWR_CR_PLS_MASK | PWR_CR_PVDE);
	bus_write_now(bus, PWR_CR, cr | PWR_CR_PLS(level));
	bus_write_now(bus, PWR_CR, cr | PWR_CR_PLS(level) | PWR_CR_PVDE);
	return !(bus_read(bus, PWR_CSR) & PWR_CSR_PVDO) && !bus->err;
}

static unsigned supply_floor_mv(struct bus *bus)
{
	uint32_t clocks = bus_read(bus, RCC_APB1ENR);
	unsigned floor_mv = 0;
	bus_write_now(bus, RCC_APB1ENR, clocks | APB1ENR_PWREN);
	uint32_t cr = bus_read(bus, PWR_CR);
	for (size_t i = 0; i < sizeof(pvd_levels) / sizeof(pvd_levels[0]) && !floor_mv; i++)
		if (is_above(bus, cr, pvd_levels[i].level))
			floor_mv = pvd_levels[i].floor_mv;
	bus_write_now(bus, PWR_CR, cr);
	bus_write_now(bus, RCC_APB1ENR, clocks);
	return bus->err ? 0 : floor_mv;
}

struct erase_row {
	uint32_t size;
	unsigned typical_ms[3]; /* by width */
	bool confirmed;
};

/* The maximum is twice the typical time in every row. */
static const struct erase_row sector_rows[] = {
	{16 * 1024, {400, 300, 250}, true},
	{64 * 1024, {1200, 700, 550}, true},
	{128 * 1024, {2000, 1300, 1000}, true},
};

/* Of the whole flash. The data sheets give 512 KiB (F411) and 1 MiB (F405); the others are in
 * proportion. */
static const struct erase_row chip_rows[] = {
	{64 * 1024, {1000, 688, 500}, false}, {128 * 1024, {2000, 1375, 1000}, false},
	{256 * 1024, {4000, 2750, 2000}, false}, {384 * 1024, {6000, 4125, 3000}, false},
	{512 * 1024, {8000, 5500, 4000}, true}, {1024 * 1024, {16000, 11000, 8000}, true},
	{1536 * 1024, {24000, 16500, 12000}, false},
	{2048 * 1024, {16000, 11000, 8000}, false}, /* both banks at once */
};

static const struct erase_row *row_for(const struct erase_row *rows, size_t count, uint32_t size)
{
	size_t row = 0;
	while (row < count - 1 && rows[row].size < size)
		row++;
	return &rows[row];
}

static struct flash_erase_time erase_time(
	const struct device *device, const struct flash_sector *sector, enum flash_width with)
{
	const struct erase_row *row =
		sector ? row_for(sector_rows, sizeof(sector_rows) / sizeof(sector_rows[0]),
				 sector->size)
		       : row_for(chip_rows, sizeof(chip_rows) / sizeof(chip_rows[0]),
				 device->flash_size);
	unsigned typical_ms = row->typical_ms[with];
	return (struct flash_erase_time){typical_ms, 2 * typical_ms, row->confirmed};
}

/* ---- flash: protection ---- */

static void check_read_protection(struct bus *bus, uint32_t optcr)
{
	if (OPTCR_RDP(optcr) == RDP_LEVEL_0)
		return;
	log_error(
		"read protection level 1 is active (OPTCR %08X): the flash can be neither read nor "
		"written; removing the protection erases the whole chip",
		optcr);
	bus_fail(bus, ERR_FLASH_PROTECTED);
}

static void check_protection(struct bus *bus, const struct device *device,
	const struct flash_sector *const *sectors, size_t count)
{
	const struct stm32f4_chip *chip = device->row;
	uint32_t optcr[2] = {bus_read(bus, FLASH_OPTCR), 0};
	if (chip->has_bank2)
		optcr[1] = bus_read(bus, FLASH_OPTCR1);
	if (bus->err)
		return;
	check_read_protection(bus, optcr[0]);

	bool pcrop = chip->has_pcrop && optcr[0] & OPTCR_SPRMOD;
	for (size_t i = 0; i < count; i++) {
		if (stm32f4_nwrp(chip, sectors[i]->number, optcr) != pcrop)
			continue;
		log_error(
			"sector %u is %s (OPTCR %08X): nothing was erased; change the option bytes "
			"first",
			sectors[i]->number,
			pcrop ? "protected against read-out (PCROP)" : "write-protected", optcr[0]);
		bus_fail(bus, ERR_FLASH_PROTECTED);
	}
}

/* ---- flash: before and during a load ---- */

static void power_clock(struct bus *bus, bool on, uint32_t *saved)
{
	if (on)
		*saved = bus_read(bus, RCC_APB1ENR);
	bus_write_now(bus, RCC_APB1ENR, on ? *saved | APB1ENR_PWREN : *saved);
}

static void await_idle(struct bus *bus, uint64_t timeout_us)
{
	(void)bus_poll(bus, FLASH_SR, SR_BSY, 0, timeout_us);
}

/* PR and RLR take effect after a few cycles of the LSI; waiting for that costs more than it brings.
 */
static void set_watchdog(struct bus *bus, uint32_t prescaler, uint32_t reload)
{
	bus_write_now(bus, IWDG_KR, IWDG_KR_OPEN);
	bus_write_now(bus, IWDG_PR, prescaler);
	bus_write_now(bus, IWDG_RLR, reload);
	bus_write_now(bus, IWDG_KR, IWDG_KR_FEED);
}

static void feed(struct bus *bus)
{
	bus_write_now(bus, IWDG_KR, IWDG_KR_FEED);
}

/* The slowest that the watchdog can be made: 22 s at the fastest LSI. */
static void slow_watchdog(struct bus *bus, struct watchdog_kept *kept)
{
	struct bus_later prescaler = bus_read_later(bus, IWDG_PR);
	struct bus_later reload = bus_read_later(bus, IWDG_RLR);
	bus_flush(bus);
	kept->words[0] = bus_value(bus, prescaler);
	kept->words[1] = bus_value(bus, reload);
	kept->is_slowed = !bus->err;
	set_watchdog(bus, IWDG_PR_MOST, IWDG_RLR_MOST);
}

static void load_begin(struct bus *bus, bool keeps_flags, struct watchdog_kept *kept)
{
	struct bus_later csr = bus_read_later(bus, RCC_CSR);
	struct bus_later optcr = bus_read_later(bus, FLASH_OPTCR);
	bus_flush(bus);
	bool hardware = !bus->err && !(bus_value(bus, optcr) & OPTCR_WDG_SW);
	if (!keeps_flags)
		bus_write_now(bus, RCC_CSR, bus_value(bus, csr) | CSR_RMVF);
	if (hardware)
		slow_watchdog(bus, kept);
}

static void load_end(struct bus *bus, const struct watchdog_kept *kept)
{
	if (kept->is_slowed)
		set_watchdog(bus, kept->words[0], kept->words[1]);
}

static bool is_locked(struct bus *bus)
{
	return bus_read(bus, FLASH_CR) & CR_LOCK && !bus->err;
}

static void protection(struct bus *bus, const struct device *device, bool *is_protected)
{
	const struct stm32f4_chip *chip = device->row;
	uint32_t optcr[2] = {bus_read(bus, FLASH_OPTCR), 0};
	if (chip->has_bank2)
		optcr[1] = bus_read(bus, FLASH_OPTCR1);
	bool pcrop = chip->has_pcrop && optcr[0] & OPTCR_SPRMOD;
	for (size_t i = 0; i < device->sector_count && !bus->err; i++)
		is_protected[i] = OPTCR_RDP(optcr[0]) != RDP_LEVEL_0 ||
				  stm32f4_nwrp(chip, device->sectors[i].number, optcr) == pcrop;
}

/* ---- flash: operations ---- */

static void clear_flags(struct bus *bus, uint32_t sr)
{
	if (sr & (SR_ERRORS | SR_EOP))
		bus_write_now(bus, FLASH_SR, sr & (SR_ERRORS | SR_EOP));
}

static void unlock(struct bus *bus)
{
	struct bus_later sr = bus_read_later(bus, FLASH_SR);
	struct bus_later cr = bus_read_later(bus, FLASH_CR);
	bus_flush(bus);
	if (bus->err)
		return;
	if (bus_value(bus, sr) & SR_BSY) {
		log_error("the flash controller is busy before anything was asked of it (SR %08X); "
			  "reset the board and try again",
			bus_value(bus, sr));
		bus_fail(bus, ERR_FLASH_ERASE);
		return;
	}
	bool locked = bus_value(bus, cr) & CR_LOCK;
	clear_flags(bus, bus_value(bus, sr));
	if (!locked)
		return;
	bus_write_now(bus, FLASH_KEYR, KEYR_KEY1);
	bus_write_now(bus, FLASH_KEYR, KEYR_KEY2);
	if (bus_read(bus, FLASH_CR) & CR_LOCK && !bus->err) {
		log_error("the flash controller does not unlock: a wrong key was written earlier; "
			  "reset "
			  "the board");
		bus_fail(bus, ERR_FLASH_ERASE);
	}
}

/* The width must stand before the erase starts: it sets the erase's parallelism too. */
static void erase_start(struct bus *bus, const struct flash_sector *sector, enum flash_width with)
{
	uint32_t cr = CR_PSIZE(with) | CR_SER | CR_SNB(sector->code);
	bus_write(bus, FLASH_CR, cr);
	bus_write_now(bus, FLASH_CR, cr | CR_STRT);
}

static bool is_in_bank2(const struct flash_sector *sector)
{
	return sector->number != sector->code;
}

/* Bank 2 has a bit of its own: MER alone would leave it as it is. */
static void erase_all_start(struct bus *bus, const struct device *device, enum flash_width with)
{
	bool two_banks = is_in_bank2(&device->sectors[device->sector_count - 1]);
	uint32_t cr = CR_PSIZE(with) | CR_MER | (two_banks ? CR_MER1 : 0);
	bus_write(bus, FLASH_CR, cr);
	bus_write_now(bus, FLASH_CR, cr | CR_STRT);
}

static void program_start(struct bus *bus, enum flash_width with)
{
	bus_write_now(bus, FLASH_CR, CR_PSIZE(with) | CR_PG);
}

struct error_flag {
	uint32_t bit;
	enum err err;
	const char *reason;
};

static const struct error_flag error_flags[] = {
	{SR_WRPERR, ERR_FLASH_PROTECTED, "the sector is write-protected (WRPERR)"},
	{SR_PGAERR, ERR_FLASH_PROGRAM, "a write crossed a 16-byte row (PGAERR)"},
	{SR_PGPERR, ERR_FLASH_PROGRAM, "a write had the wrong width (PGPERR)"},
	{SR_PGSERR, ERR_FLASH_PROGRAM, "the controller was not set up (PGSERR)"},
	{SR_RDERR, ERR_FLASH_PROTECTED, "a protected sector was read (RDERR)"},
	{SR_OPERR, ERR_FLASH_PROGRAM, "the operation failed (OPERR)"},
};

static struct flash_status status(struct bus *bus)
{
	uint32_t sr = bus_read(bus, FLASH_SR);
	struct flash_status result = {.busy = sr & SR_BSY, .raw = sr, .err = bus->err};
	for (size_t i = 0; !result.busy && i < sizeof(error_flags) / sizeof(error_flags[0]); i++) {
		if (!(sr & error_flags[i].bit))
			continue;
		result.err = error_flags[i].err;
		result.reason = error_flags[i].reason;
		break;
	}
	return result;
}

/* It counts while the core runs, and only the firmware knows when it may be refreshed. */
static bool has_window_watchdog(struct bus *bus)
{
	return bus_read(bus, RCC_APB1ENR) & APB1ENR_WWDGEN && bus_read(bus, WWDG_CR) & WWDG_CR_WDGA;
}

/* The CRC unit's clock is off after a reset, and its registers cannot be reached without. */
static void survey_begin(struct bus *bus, struct survey_unit *unit)
{
	if (has_window_watchdog(bus))
		bus_fail(bus, ERR_UNSUPPORTED);
	unit->words[0] = bus_read(bus, RCC_AHB1ENR);
	bus_write_now(bus, RCC_AHB1ENR, unit->words[0] | AHB1ENR_CRCEN);
	unit->words[1] = bus_read(bus, CRC_DR);
}

/* The unit takes no value, only words to sum up: it is given the one that leads there. */
static void survey_end(struct bus *bus, const struct survey_unit *unit)
{
	bus_write_now(bus, CRC_CR, CRC_CR_RESET);
	bus_write_now(bus, CRC_DR, crc32_word_for(unit->words[1]));
	bus_write_now(bus, RCC_AHB1ENR, unit->words[0]);
}

/* An erase leaves stale lines in the ART caches; they can be reset only while they are off
 * (RM0090, 3.5.2). After a reset both are off and there is nothing to do. */
static void flush_caches(struct bus *bus)
{
	uint32_t acr = bus_read(bus, FLASH_ACR);
	if (bus->err || !(acr & (ACR_ICEN | ACR_DCEN)))
		return;
	uint32_t off = acr & ~(ACR_ICEN | ACR_DCEN | ACR_PRFTEN);
	bus_write(bus, FLASH_ACR, off);
	bus_write(bus, FLASH_ACR, off | ACR_ICRST | ACR_DCRST);
	bus_write(bus, FLASH_ACR, off);
	bus_write(bus, FLASH_ACR, acr);
	bus_flush(bus);
}

static void lock(struct bus *bus)
{
	uint32_t sr = bus_read(bus, FLASH_SR);
	/* A write to CR while busy stalls the bus; the operation's own owner has reported it. */
	if (bus->err || sr & SR_BSY)
		return;
	bus_write_now(bus, FLASH_CR, 0);
	clear_flags(bus, sr);
	flush_caches(bus);
	bus_write_now(bus, FLASH_CR, CR_LOCK);
}

const struct family family_stm32f4 = {
	.lock_register = FLASH_CR,
	.lock_bit = CR_LOCK,
	.reset_register = RCC_CSR,
	.reset_flags = CSR_RESET_FLAGS,
	.own_resets = CSR_SFTRSTF | CSR_PINRSTF,
	.identify = stm32f4_identify,
	.chip_name = stm32f4_chip_name,
	.debug_begin = debug_begin,
	.debug_end = debug_end,
	.width = width,
	.supply_floor_mv = supply_floor_mv,
	.erase_time = erase_time,
	.check_protection = check_protection,
	.power_clock = power_clock,
	.await_idle = await_idle,
	.options_show = stm32f4_options_show,
	.options_set = stm32f4_options_set,
	.options_prepare_unlock = stm32f4_options_prepare_unlock,
	.options_unlock = stm32f4_options_unlock,
	.load_begin = load_begin,
	.feed = feed,
	.load_end = load_end,
	.protection = protection,
	.unlock = unlock,
	.erase_start = erase_start,
	.erase_all_start = erase_all_start,
	.program_start = program_start,
	.status = status,
	.is_locked = is_locked,
	.survey_begin = survey_begin,
	.survey_end = survey_end,
	.lock = lock,
};
