/*
 * The probe's end of SWD: transfers at the selected clock, retries, and what they cost.
 *
 * Used by the firmware's commands, through swd_memory.h or directly. An operation is a row of steps
 * between swd_begin and swd_end. The first step that fails latches its status; later steps do
 * nothing and read 0. Sources: see stlink_firmware.h.
 */
#ifndef TARGETS_VIRTUAL_SWD_H
#define TARGETS_VIRTUAL_SWD_H

#include <stdbool.h>
#include <stdint.h>

#include "dap.h"
#include "pins.h"
#include "stlink_faults.h"
#include "timebase.h"

struct swd {
	struct dap *dap;
	struct pins *pins;
	struct timebase *time;
	struct stlink_faults *faults;
	const struct time_costs *costs;
	unsigned khz;
	uint64_t transfers; /* all of them, those answered WAIT included */
	uint64_t waits;

	const char *command; /* in progress, for the fault switches */
	uint8_t forced;      /* 0, or the status of the next operation, by a fault switch */

	/* the operation in progress */
	uint8_t status;
	bool first;   /* nothing was accepted yet: an error is somebody else's */
	bool faulted; /* the port may hold a sticky error */

	/* what is in the registers of the port, as far as the probe knows */
	bool select_known, csw_known;
	uint32_t select, csw;
};

void swd_init(struct swd *swd, struct dap *dap, struct pins *pins, struct stlink_faults *faults,
	const struct time_costs *costs);

/* Connects: line reset, DPIDR, debug power-up. *dpidr may be NULL. */
uint8_t swd_connect(struct swd *swd, uint32_t *dpidr);

void swd_begin(struct swd *swd);

uint32_t swd_read_dp(struct swd *swd, unsigned reg);
void swd_write_dp(struct swd *swd, unsigned reg, uint32_t value);

/* Access port reads are posted: the value is that of the read before, the last one comes from
 * swd_read_buffer. `reg` as enum ahb_ap_register has it. */
uint32_t swd_read_ap(struct swd *swd, unsigned ap, unsigned reg);
void swd_write_ap(struct swd *swd, unsigned ap, unsigned reg, uint32_t value);
uint32_t swd_read_buffer(struct swd *swd);

/* Writes CSW of access port 0 unless it holds that already; of others always. */
void swd_set_csw(struct swd *swd, unsigned ap, uint32_t csw);

/* The port's registers were written behind the probe's back. */
void swd_forget(struct swd *swd);

/* Ends the operation and returns its status. swd_end clears sticky errors, swd_end_raw leaves them
 * to the host. */
uint8_t swd_end(struct swd *swd);
uint8_t swd_end_raw(struct swd *swd);

#endif
