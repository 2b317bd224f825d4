/* SWD transfers of the probe. See the header. */
#include "swd.h"

#include "stlink_status.h"

#define SWD_CLOCKS      46 /* request, turnarounds, acknowledge, data, parity */
#define WAIT_RETRIES    4
#define POWER_UP_POLLS  100
#define SWD_PARITY      ((enum swd_ack)8) /* the data came with a wrong parity bit */
#define KHZ_AT_POWER_UP 1000

void swd_init(struct swd *swd, struct dap *dap, struct pins *pins, struct stlink_faults *faults,
	const struct time_costs *costs)
{
	*swd = (struct swd){
		.dap = dap,
		.pins = pins,
		.time = pins->time,
		.faults = faults,
		.costs = costs,
		.khz = KHZ_AT_POWER_UP,
		.status = STATUS_OK,
	};
}

/* ---- one transfer ---- */

struct transfer {
	bool ap, write;
	unsigned address;
	uint32_t value;
};

static void spend_word(struct swd *swd)
{
	uint64_t ns = SWD_CLOCKS * 1000000ULL / swd->khz;
	if (ns < swd->costs->swd_word_min_ns)
		ns = swd->costs->swd_word_min_ns;
	timebase_spend(swd->time, TIME_SWD, ns);
	swd->transfers++;
}

static enum swd_ack carry(struct swd *swd, struct transfer *transfer)
{
	pins_run_chip(swd->pins);
	if (transfer->write)
		return dap_write(swd->dap, transfer->ap, transfer->address, transfer->value);
	return dap_read(swd->dap, transfer->ap, transfer->address, &transfer->value);
}

static bool link_errs(struct swd *swd)
{
	const struct fault *ber = &swd->faults->all[FAULT_LINK_BER];
	if (!ber->on || swd->khz <= ber->above_khz ||
		!stlink_faults_chance(swd->faults, ber->value))
		return false;
	return stlink_faults_strike(swd->faults, FAULT_LINK_BER, swd->command);
}

/* A wrong bit in the request keeps the target silent; one in the data is told by the parity, by
 * the target when it was a write. */
static enum swd_ack carry_garbled(struct swd *swd, struct transfer *transfer)
{
	if (stlink_faults_random(swd->faults) % SWD_CLOCKS < 14)
		return SWD_SILENT;
	if (transfer->write)
		return dap_write_garbled(swd->dap);
	enum swd_ack ack = carry(swd, transfer);
	return ack == SWD_OK ? SWD_PARITY : ack;
}

static enum swd_ack attempt(struct swd *swd, struct transfer *transfer)
{
	spend_word(swd);
	if (stlink_faults_strike(swd->faults, FAULT_SWD_SILENT, swd->command))
		return SWD_SILENT;
	if (transfer->ap && stlink_faults_strike(swd->faults, FAULT_SWD_WAIT, swd->command))
		return SWD_WAIT;
	if (transfer->ap && stlink_faults_strike(swd->faults, FAULT_SWD_FAULT, swd->command))
		return SWD_FAULT;
	if (link_errs(swd))
		return carry_garbled(swd, transfer);
	return carry(swd, transfer);
}

static enum swd_ack perform(struct swd *swd, struct transfer *transfer)
{
	enum swd_ack ack = SWD_WAIT;
	for (int i = 0; ack == SWD_WAIT && i <= WAIT_RETRIES; i++) {
		ack = attempt(swd, transfer);
		swd->waits += ack == SWD_WAIT;
	}
	return ack;
}

/* ---- steps ---- */

static uint8_t dp_status(enum swd_ack ack)
{
	switch ((int)ack) {
	case SWD_OK:
		return STATUS_OK;
	case SWD_WAIT:
		return STATUS_DP_WAIT;
	case SWD_FAULT:
		return STATUS_DP_FAULT;
	case SWD_PARITY:
		return STATUS_DP_PARITY;
	default:
		return STATUS_DP_ERROR;
	}
}

static uint8_t ap_status(enum swd_ack ack)
{
	switch ((int)ack) {
	case SWD_OK:
		return STATUS_OK;
	case SWD_WAIT:
		return STATUS_AP_WAIT;
	case SWD_FAULT:
		return STATUS_AP_FAULT;
	case SWD_PARITY:
		return STATUS_AP_PARITY;
	default:
		return STATUS_DP_ERROR;
	}
}

/* One step. `for_ap`: its status is that of an access port operation, even when the transfer goes
 * to SELECT or RDBUFF. */
static uint32_t step(struct swd *swd, struct transfer transfer, bool for_ap)
{
	if (swd->status != STATUS_OK)
		return 0;
	enum swd_ack ack = perform(swd, &transfer);
	swd->status = for_ap ? ap_status(ack) : dp_status(ack);
	swd->faulted = ack == SWD_FAULT;
	if (ack == SWD_FAULT && for_ap && swd->first)
		swd->status = STATUS_AP_STICKY;
	if (ack != SWD_OK)
		return 0;
	swd->first = false;
	return transfer.value;
}

void swd_begin(struct swd *swd)
{
	swd->status = swd->forced ? swd->forced : STATUS_OK;
	swd->forced = 0;
	swd->first = true;
	swd->faulted = false;
}

uint32_t swd_read_dp(struct swd *swd, unsigned reg)
{
	return step(swd, (struct transfer){.address = reg}, false);
}

void swd_write_dp(struct swd *swd, unsigned reg, uint32_t value)
{
	step(swd, (struct transfer){.write = true, .address = reg, .value = value}, false);
}

static void select_bank(struct swd *swd, unsigned ap, unsigned reg)
{
	uint32_t select = ap << 24 | (reg & 0xf0);
	if (swd->select_known && swd->select == select)
		return;
	step(swd, (struct transfer){.write = true, .address = DP_SELECT, .value = select}, true);
	swd->select = select;
	swd->select_known = swd->status == STATUS_OK;
}

uint32_t swd_read_ap(struct swd *swd, unsigned ap, unsigned reg)
{
	select_bank(swd, ap, reg);
	return step(swd, (struct transfer){.ap = true, .address = reg & 0xc}, true);
}

void swd_write_ap(struct swd *swd, unsigned ap, unsigned reg, uint32_t value)
{
	select_bank(swd, ap, reg);
	step(swd,
		(struct transfer){.ap = true, .write = true, .address = reg & 0xc, .value = value},
		true);
}

uint32_t swd_read_buffer(struct swd *swd)
{
	return step(swd, (struct transfer){.address = DP_RDBUFF}, true);
}

void swd_set_csw(struct swd *swd, unsigned ap, uint32_t csw)
{
	if (ap == 0 && swd->csw_known && swd->csw == csw)
		return;
	swd_write_ap(swd, ap, AP_CSW, csw);
	if (ap != 0)
		return;
	swd->csw = csw;
	swd->csw_known = swd->status == STATUS_OK;
}

void swd_forget(struct swd *swd)
{
	swd->select_known = false;
	swd->csw_known = false;
}

/* ---- ends ---- */

uint8_t swd_end_raw(struct swd *swd)
{
	uint8_t status = swd->status;
	if (status != STATUS_OK)
		swd_forget(swd);
	swd->status = STATUS_OK;
	return status;
}

uint8_t swd_end(struct swd *swd)
{
	uint8_t status = swd_end_raw(swd);
	if (!swd->faulted)
		return status;
	uint32_t stat = swd_read_dp(swd, DP_CTRL_STAT);
	swd_write_dp(swd, DP_ABORT, ABORT_CLEAR_ALL);
	swd->status = STATUS_OK;
	return stat & STAT_WDATAERR ? STATUS_AP_WDATA : status;
}

/* ---- connecting ---- */

static bool power_up(struct swd *swd)
{
	const uint32_t acks = STAT_CDBGPWRUPACK | STAT_CSYSPWRUPACK;
	swd_write_dp(swd, DP_ABORT, ABORT_CLEAR_ALL);
	swd_write_dp(swd, DP_SELECT, 0);
	swd_write_dp(swd, DP_CTRL_STAT, STAT_CDBGPWRUPREQ | STAT_CSYSPWRUPREQ);
	for (int i = 0; i < POWER_UP_POLLS && swd->status == STATUS_OK; i++)
		if ((swd_read_dp(swd, DP_CTRL_STAT) & acks) == acks)
			return true;
	return false;
}

uint8_t swd_connect(struct swd *swd, uint32_t *dpidr)
{
	swd_forget(swd);
	swd_begin(swd);
	if (swd->status != STATUS_OK)
		return swd_end_raw(swd);
	pins_run_chip(swd->pins);
	dap_connect(swd->dap);
	uint32_t id = swd_read_dp(swd, DP_DPIDR);
	if (swd_end_raw(swd) != STATUS_OK)
		return STATUS_NO_IDCODE;
	if (dpidr)
		*dpidr = id;
	bool up = power_up(swd);
	uint8_t status = swd_end_raw(swd);
	return status != STATUS_OK || up ? status : STATUS_POWER_UP;
}
