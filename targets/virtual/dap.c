/* The serial-wire debug port. See the header. */
#include "dap.h"

#define CTRL_STAT_WRITABLE 0x54ffff0dU /* power requests, counters, masks, ORUNDETECT */

static void power_on_reset(struct dap *dap)
{
	uint32_t tar_span = dap->ap.tar_span;
	struct witness *witness = dap->ap.witness;
	struct chip *chip = dap->chip;
	*dap = (struct dap){.chip = chip, .power_resets = chip_books(chip)->power_resets};
	ahb_ap_init(&dap->ap, chip);
	dap->ap.witness = witness;
	if (tar_span)
		dap->ap.tar_span = tar_span;
}

void dap_init(struct dap *dap, struct chip *chip)
{
	*dap = (struct dap){.chip = chip};
	power_on_reset(dap);
}

/* Whether anything answers on the wire. A port that lost its power starts over. */
static bool alive(struct dap *dap)
{
	bool powered = chip_dp_alive(dap->chip);
	if (!powered || dap->power_resets != chip_books(dap->chip)->power_resets)
		power_on_reset(dap);
	return powered;
}

void dap_connect(struct dap *dap)
{
	if (alive(dap))
		dap->connected = true;
}

/* ---- the access port behind it ---- */

static bool powered_up(const struct dap *dap)
{
	return (dap->ctrl_stat & STAT_CDBGPWRUPREQ) && (dap->ctrl_stat & STAT_CSYSPWRUPREQ);
}

/* Brings the outstanding access to its end, if the bus lets it. */
static enum swd_ack settle(struct dap *dap)
{
	switch (ahb_ap_settle(&dap->ap)) {
	case CHIP_WAIT:
		return SWD_WAIT;
	case CHIP_FAULT:
		dap->ctrl_stat |= STAT_STICKYERR;
		return SWD_FAULT;
	case CHIP_OK:
	default:
		dap->posted = dap->ap.result;
		return SWD_OK;
	}
}

static enum swd_ack check_ap(struct dap *dap)
{
	if (dap->ctrl_stat & STAT_STICKY)
		return SWD_FAULT;
	if (!powered_up(dap) || !chip_ap_alive(dap->chip)) {
		dap->ctrl_stat |= STAT_STICKYERR;
		return SWD_FAULT;
	}
	return settle(dap);
}

static unsigned ap_register(const struct dap *dap, unsigned address)
{
	return (dap->select & 0xf0) | address;
}

/* There is one access port; the others read as zero and ignore writes. */
static bool ap_selected(const struct dap *dap)
{
	return dap->select >> 24 == 0;
}

static enum swd_ack read_ap(struct dap *dap, unsigned address, uint32_t *value)
{
	enum swd_ack ack = check_ap(dap);
	if (ack != SWD_OK)
		return ack;
	*value = dap->posted;
	if (ap_selected(dap))
		ahb_ap_read(&dap->ap, ap_register(dap, address));
	else
		dap->ap.result = 0;
	/* A bus is faster than the wire: unless it stalls, the access is over by the next transfer,
	 * whose acknowledge tells of an error. */
	(void)settle(dap);
	return SWD_OK;
}

static enum swd_ack write_ap(struct dap *dap, unsigned address, uint32_t value)
{
	enum swd_ack ack = check_ap(dap);
	if (ack != SWD_OK)
		return ack;
	if (ap_selected(dap))
		ahb_ap_write(&dap->ap, ap_register(dap, address), value);
	(void)settle(dap);
	return SWD_OK;
}

/* ---- the port's own registers ---- */

static uint32_t ctrl_stat(const struct dap *dap)
{
	uint32_t value = dap->ctrl_stat;
	if (value & STAT_CDBGPWRUPREQ)
		value |= STAT_CDBGPWRUPACK;
	if (value & STAT_CSYSPWRUPREQ)
		value |= STAT_CSYSPWRUPACK;
	return value;
}

static void abort_write(struct dap *dap, uint32_t value)
{
	if (value & ABORT_DAPABORT)
		ahb_ap_abort(&dap->ap);
	if (value & ABORT_STKCMPCLR)
		dap->ctrl_stat &= ~STAT_STICKYCMP;
	if (value & ABORT_STKERRCLR)
		dap->ctrl_stat &= ~STAT_STICKYERR;
	if (value & ABORT_WDERRCLR)
		dap->ctrl_stat &= ~STAT_WDATAERR;
	if (value & ABORT_ORUNERRCLR)
		dap->ctrl_stat &= ~STAT_STICKYORUN;
}

/* Sticky errors leave DPIDR, CTRL/STAT and ABORT reachable, nothing else. */
static enum swd_ack read_dp(struct dap *dap, unsigned address, uint32_t *value)
{
	switch (address) {
	case DP_DPIDR:
		*value = chip_dpidr(dap->chip);
		return SWD_OK;
	case DP_CTRL_STAT:
		*value = dap->select & SELECT_CTRLSEL ? dap->wcr : ctrl_stat(dap);
		return SWD_OK;
	default:
		break;
	}
	if (dap->ctrl_stat & STAT_STICKY)
		return SWD_FAULT;
	enum swd_ack ack = settle(dap);
	if (ack == SWD_OK)
		*value = dap->posted;
	return ack;
}

static enum swd_ack write_dp(struct dap *dap, unsigned address, uint32_t value)
{
	if (address == DP_ABORT) {
		abort_write(dap, value);
		return SWD_OK;
	}
	if (dap->ctrl_stat & STAT_STICKY)
		return SWD_FAULT;
	if (address == DP_SELECT)
		dap->select = value & 0xff0000f1U;
	else if (address == DP_CTRL_STAT && (dap->select & SELECT_CTRLSEL))
		dap->wcr = value;
	else if (address == DP_CTRL_STAT)
		dap->ctrl_stat = (dap->ctrl_stat & STAT_STICKY) | (value & CTRL_STAT_WRITABLE);
	return SWD_OK;
}

/* ---- one transfer ---- */

enum swd_ack dap_read(struct dap *dap, bool ap, unsigned address, uint32_t *value)
{
	if (!alive(dap) || !dap->connected)
		return SWD_SILENT;
	return ap ? read_ap(dap, address, value) : read_dp(dap, address, value);
}

enum swd_ack dap_write(struct dap *dap, bool ap, unsigned address, uint32_t value)
{
	if (!alive(dap) || !dap->connected)
		return SWD_SILENT;
	return ap ? write_ap(dap, address, value) : write_dp(dap, address, value);
}

enum swd_ack dap_write_garbled(struct dap *dap)
{
	if (!alive(dap) || !dap->connected)
		return SWD_SILENT;
	if (dap->ctrl_stat & STAT_STICKY)
		return SWD_FAULT;
	dap->ctrl_stat |= STAT_WDATAERR;
	return SWD_OK;
}
