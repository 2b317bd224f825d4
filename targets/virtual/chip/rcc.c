/*
 * Reset and clock control: oscillators with their start-up times, the clock tree, clock enables,
 * peripheral resets, reset flags.
 *
 * From: RM0368 chapter 6, DS9716 (start-up times). The board has a 16 MHz crystal at HSE and 32768
 * Hz at LSE.
 */
#include "rcc.h"

#include "model.h"
#include "pwr.h"
#include "regfile.h"

enum {
	CR = 0x00,
	PLLCFGR = 0x04,
	CFGR = 0x08,
	CIR = 0x0c,
	AHB1RSTR = 0x10,
	APB2RSTR = 0x24,
	BDCR = 0x70,
	CSR = 0x74,
	END = 0x94,
};

enum { RSTR_TO_ENR = 0x20 };

#define HSI_HZ UINT64_C(16000000)
#define HSE_HZ UINT64_C(16000000)

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

enum { OSC_HSI, OSC_HSE, OSC_PLL, OSC_PLLI2S, OSC_PLLSAI, OSC_LSI, OSC_LSE, OSCILLATORS };

static const struct oscillator {
	uint8_t offset, on; /* its ready bit is the next one */
	uint64_t startup_ns;
} oscillators[OSCILLATORS] = {
	[OSC_HSI] = {CR, 0, 2 * US},
	[OSC_HSE] = {CR, 16, 2 * MS},
	[OSC_PLL] = {CR, 24, 100 * US},
	[OSC_PLLI2S] = {CR, 26, 100 * US},
	[OSC_PLLSAI] = {CR, 28, 100 * US},
	[OSC_LSI] = {CSR, 0, 20 * US},
	[OSC_LSE] = {BDCR, 0, 2000 * MS},
};

static const struct reg_rule rules[] = {
	{.offset = CR, .reset = 0x00000083, .writable = 0x150d00f9},
	{.offset = PLLCFGR, .reset = 0x24003010, .writable = 0x7f437fff},
	{.offset = CFGR, .writable = 0xfffffcf3}, {.offset = CIR, .writable = 0x00007f00},
	{.offset = AHB1RSTR, .writable = 0xffffffff}, {.offset = 0x14, .writable = 0xffffffff},
	{.offset = 0x18, .writable = 0xffffffff}, {.offset = 0x20, .writable = 0xffffffff},
	{.offset = APB2RSTR, .writable = 0xffffffff},
	{.offset = RCC_AHB1ENR, .writable = 0xffffffff},
	{.offset = RCC_AHB2ENR, .writable = 0xffffffff},
	{.offset = RCC_AHB3ENR, .writable = 0xffffffff},
	{.offset = RCC_APB1ENR, .writable = 0xffffffff},
	{.offset = RCC_APB2ENR, .writable = 0xffffffff},
	{.offset = 0x50, .reset = 0x0061900f, .writable = 0xffffffff}, /* xxxLPENR */
	{.offset = 0x54, .reset = 0x00000080, .writable = 0xffffffff},
	{.offset = 0x58, .writable = 0xffffffff},
	{.offset = 0x60, .reset = 0x10e2c80f, .writable = 0xffffffff},
	{.offset = 0x64, .reset = 0x00077930, .writable = 0xffffffff},
	{.offset = 0x80, .writable = 0xcfffffff},                      /* SSCGR */
	{.offset = 0x84, .reset = 0x24003000, .writable = 0x7f007fff}, /* PLLI2SCFGR */
	{.offset = 0x88, .reset = 0x24003000, .writable = 0xffffffff}, /* PLLSAICFGR */
	{.offset = 0x8c, .writable = 0xffffffff},                      /* DCKCFGR */
};

static const struct reg_table table = REG_TABLE(rules);

#define BDCR_WRITABLE UINT32_C(0x00018305)
#define CSR_FLAGS     UINT32_C(0xfe000000)
#define CSR_RMVF      UINT32_C(0x01000000)

struct rcc {
	uint32_t words[END / 4];
	uint64_t ready_ns[OSCILLATORS];
	bool lsi_held;
};

/* ---- the clock tree ---- */

static uint32_t word(const struct rcc *rcc, unsigned offset)
{
	return rcc->words[offset / 4];
}

static bool bit_of(const struct rcc *rcc, unsigned offset, unsigned bit)
{
	return (rcc->words[offset / 4] >> bit & 1) != 0;
}

static bool is_ready(const struct rcc *rcc, unsigned oscillator)
{
	return bit_of(rcc, oscillators[oscillator].offset, oscillators[oscillator].on + 1u);
}

static uint64_t pll_hz(const struct rcc *rcc)
{
	uint32_t config = word(rcc, PLLCFGR);
	static const uint64_t inputs_hz[] = {HSI_HZ, HSE_HZ};
	uint64_t m = config & 0x3f, n = config >> 6 & 0x1ff, p = 2 + 2 * (config >> 16 & 3);
	return m == 0 ? 0 : inputs_hz[config >> 22 & 1] / m * n / p;
}

static uint64_t system_hz(const struct rcc *rcc)
{
	switch (word(rcc, CFGR) >> 2 & 3) { /* SWS */
	case 1:
		return HSE_HZ;
	case 2:
		return pll_hz(rcc);
	default:
		return HSI_HZ;
	}
}

static uint64_t bus_core_hz(const struct rcc *rcc)
{
	static const uint8_t shifts[] = {1, 2, 3, 4, 6, 7, 8, 9};
	uint32_t prescaler = word(rcc, CFGR) >> 4 & 0xf;
	return system_hz(rcc) >> (prescaler < 8 ? 0 : shifts[prescaler - 8]);
}

static unsigned bus_shift(const struct rcc *rcc, unsigned enable_register)
{
	if (enable_register != RCC_APB1ENR && enable_register != RCC_APB2ENR)
		return 0;
	uint32_t prescaler = word(rcc, CFGR) >> (enable_register == RCC_APB1ENR ? 10 : 13) & 7;
	return prescaler < 4 ? 0 : prescaler - 3;
}

uint64_t rcc_bus_hz(const struct chip *chip, unsigned enable_register)
{
	return chip->hclk.hz >> bus_shift(chip->rcc, enable_register);
}

uint64_t rcc_timer_hz(const struct chip *chip, unsigned enable_register)
{
	unsigned shift = bus_shift(chip->rcc, enable_register);
	return chip->hclk.hz >> (shift == 0 ? 0 : shift - 1);
}

void rcc_update(struct chip *chip)
{
	uint64_t hz = chip->faults.hclk_hz != 0 ? chip->faults.hclk_hz : bus_core_hz(chip->rcc);
	if (!chip->powered || pwr_clocks_are_off(chip))
		hz = 0;
	if (hz != chip->hclk.hz) {
		clock_set_rate(&chip->hclk, chip_now(chip), hz);
		chip_clocks_changed(chip);
	}
}

/* ---- oscillators ---- */

/* A PLL does not lock on a dead crystal. */
static bool can_start(const struct chip *chip, unsigned oscillator)
{
	bool from_hse = (word(chip->rcc, PLLCFGR) >> 22 & 1) != 0;
	if (oscillator == OSC_HSE)
		return !chip->faults.hse_dead;
	if (oscillator == OSC_PLL && from_hse)
		return is_ready(chip->rcc, OSC_HSE);
	return true;
}

static uint64_t start_time(const struct chip *chip, unsigned oscillator)
{
	return can_start(chip, oscillator) ? chip_now(chip) + oscillators[oscillator].startup_ns
					   : CLOCK_NEVER;
}

/* After a write: what was switched on begins to start, what is off is not ready. */
static void follow_switches(struct chip *chip, const uint32_t *before)
{
	struct rcc *rcc = chip->rcc;
	for (unsigned i = 0; i < OSCILLATORS; i++) {
		const struct oscillator *oscillator = &oscillators[i];
		uint32_t *now = &rcc->words[oscillator->offset / 4];
		bool on = (*now >> oscillator->on & 1) != 0;
		bool was_on = (before[oscillator->offset / 4] >> oscillator->on & 1) != 0;
		if (!on)
			*now &= ~(UINT32_C(2) << oscillator->on);
		if (on && !was_on)
			rcc->ready_ns[i] = start_time(chip, i);
	}
}

/* SWS follows SW as soon as that source is ready. */
static void follow_selection(struct rcc *rcc)
{
	static const uint8_t sources[] = {OSC_HSI, OSC_HSE, OSC_PLL};
	uint32_t wanted = word(rcc, CFGR) & 3;
	if (wanted < sizeof sources && is_ready(rcc, sources[wanted]))
		rcc->words[CFGR / 4] = (word(rcc, CFGR) & ~UINT32_C(0xc)) | wanted << 2;
}

/* What drives the system cannot be switched off. */
static void keep_system_clock(struct rcc *rcc)
{
	static const uint8_t sources[] = {OSC_HSI, OSC_HSE, OSC_PLL, OSC_PLL};
	unsigned used = sources[word(rcc, CFGR) >> 2 & 3];
	rcc->words[CR / 4] |= UINT32_C(1) << oscillators[used].on;
}

static bool is_starting(const struct rcc *rcc, unsigned oscillator)
{
	return bit_of(rcc, oscillators[oscillator].offset, oscillators[oscillator].on) &&
	       !is_ready(rcc, oscillator);
}

static void tick(struct peripheral *peripheral)
{
	struct chip *chip = peripheral->chip;
	struct rcc *rcc = peripheral->state;
	for (unsigned i = 0; i < OSCILLATORS; i++)
		if (is_starting(rcc, i) && rcc->ready_ns[i] <= chip_now(chip))
			rcc->words[oscillators[i].offset / 4] |= UINT32_C(2) << oscillators[i].on;
	follow_selection(rcc);
	rcc_update(chip);
}

static uint64_t deadline(const struct peripheral *peripheral)
{
	const struct rcc *rcc = peripheral->state;
	uint64_t next = CLOCK_NEVER;
	for (unsigned i = 0; i < OSCILLATORS; i++)
		if (is_starting(rcc, i) && rcc->ready_ns[i] < next)
			next = rcc->ready_ns[i];
	return next;
}

void rcc_wake_from_stop(struct chip *chip)
{
	struct rcc *rcc = chip->rcc;
	rcc->words[CR / 4] = (word(rcc, CR) & ~UINT32_C(0x3f0f0000)) | 3;
	rcc->words[CFGR / 4] &= ~UINT32_C(0xf);
	rcc_update(chip);
}

void rcc_hold_lsi(struct chip *chip)
{
	chip->rcc->lsi_held = true;
}

/* ---- enables and resets of peripherals ---- */

bool rcc_is_enabled(const struct chip *chip, unsigned offset, unsigned bit)
{
	return bit_of(chip->rcc, offset, bit);
}

bool rcc_backup_sram_is_on(const struct chip *chip, bool write)
{
	return bit_of(chip->rcc, RCC_AHB1ENR, 18) && (!write || pwr_backup_is_open(chip));
}

static void reset_peripherals(struct chip *chip, uint32_t offset, uint32_t bits)
{
	for (size_t i = 0; i < chip->peripheral_count; i++) {
		struct peripheral *peripheral = &chip->peripherals[i];
		const struct peripheral_row *row = peripheral->row;
		if (row->enable == offset + RSTR_TO_ENR && (bits >> row->enable_bit & 1) != 0 &&
			peripheral->ops->reset != NULL)
			peripheral->ops->reset(peripheral, RESET_SOFTWARE);
	}
}

/* ---- registers ---- */

static uint32_t flags_of(enum reset_kind kind)
{
	static const uint8_t bits[] = {[RESET_SOFTWARE] = 28,
		[RESET_IWDG] = 29,
		[RESET_WWDG] = 30,
		[RESET_LOW_POWER] = 31};
	/* Every internal reset also shows on the pin. */
	uint32_t pin = UINT32_C(1) << 26;
	if (kind == RESET_PIN || kind == RESET_STANDBY)
		return pin;
	return pin | UINT32_C(1) << bits[kind];
}

static void reset(struct peripheral *peripheral, enum reset_kind kind)
{
	struct chip *chip = peripheral->chip;
	struct rcc *rcc = peripheral->state;
	uint32_t backup = word(rcc, BDCR), status = word(rcc, CSR) & CSR_FLAGS;
	if (kind == RESET_CORE)
		return;
	regfile_reset(rcc->words, &table);
	if (chip->model->ccm_kb != 0)
		rcc->words[RCC_AHB1ENR / 4] = UINT32_C(1) << 20; /* CCMDATARAMEN */
	bool power = reset_is_power(kind);
	rcc->words[BDCR / 4] = power ? 0 : backup;
	rcc->words[CSR / 4] = kind == RESET_POWER_ON    ? UINT32_C(0x0e000000)
			      : kind == RESET_BROWN_OUT ? UINT32_C(0x06000000)
							: status | flags_of(kind);
	rcc->lsi_held = false;
	rcc_update(chip);
}

static enum chip_ack read(struct peripheral *peripheral, uint32_t offset, uint32_t *value)
{
	const struct rcc *rcc = peripheral->state;
	tick(peripheral);
	*value = offset < END ? word(rcc, offset) : 0;
	if (offset == CSR && rcc->lsi_held)
		*value |= 2;
	return CHIP_OK;
}

static void write_bdcr(struct chip *chip, uint32_t value, uint32_t lanes)
{
	uint32_t *bdcr = &chip->rcc->words[BDCR / 4];
	if (pwr_backup_is_open(chip))
		*bdcr = merge_lanes(*bdcr, value, lanes & BDCR_WRITABLE);
	if ((*bdcr & UINT32_C(0x10000)) != 0) /* BDRST */
		*bdcr &= UINT32_C(0x10000);
}

static void write_csr(struct rcc *rcc, uint32_t value, uint32_t lanes)
{
	uint32_t *csr = &rcc->words[CSR / 4];
	if ((value & lanes & CSR_RMVF) != 0)
		*csr &= ~CSR_FLAGS;
	*csr = merge_lanes(*csr, value, lanes & 1);
}

static enum chip_ack write(
	struct peripheral *peripheral, uint32_t offset, uint32_t value, uint32_t lanes)
{
	struct chip *chip = peripheral->chip;
	struct rcc *rcc = peripheral->state;
	tick(peripheral);
	const struct rcc before = *rcc;
	if (offset == BDCR)
		write_bdcr(chip, value, lanes);
	else if (offset == CSR)
		write_csr(rcc, value, lanes);
	else
		regfile_write(rcc->words, &table, offset, value, lanes);
	if (offset >= AHB1RSTR && offset <= APB2RSTR)
		reset_peripherals(chip, offset, word(rcc, offset) & ~before.words[offset / 4]);
	if (offset == CR)
		keep_system_clock(rcc);
	follow_switches(chip, before.words);
	tick(peripheral);
	if (offset == CFGR) /* the prescalers of the peripheral buses are there */
		chip_clocks_changed(chip);
	chip_attend(chip);
	return CHIP_OK;
}

const struct peripheral_ops rcc_ops = {
	.name = "RCC",
	.state_size = sizeof(struct rcc),
	.reset = reset,
	.read = read,
	.write = write,
	.deadline = deadline,
	.tick = tick,
};
