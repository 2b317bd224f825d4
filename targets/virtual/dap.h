/*
 * The target's serial-wire debug port: what answers on SWDIO, one transfer at a time.
 *
 * Used by the probe's SWD driver (swd.c). From ADIv5, SW-DP version 1: posted access port reads,
 * sticky errors, power-up handshake, WAIT while an access is outstanding.
 */
#ifndef TARGETS_VIRTUAL_DAP_H
#define TARGETS_VIRTUAL_DAP_H

#include <stdbool.h>
#include <stdint.h>

#include "ahb_ap.h"

struct chip;

/* The three acknowledge bits, and what is read from a wire that nobody drives. */
enum swd_ack { SWD_OK = 1, SWD_WAIT = 2, SWD_FAULT = 4, SWD_SILENT = 7 };

/* Debug port registers by A[3:2]; the names before and after the slash are read and write. */
enum dp_register {
	DP_DPIDR = 0x0, /* and ABORT */
	DP_ABORT = 0x0,
	DP_CTRL_STAT = 0x4, /* WCR while SELECT.CTRLSEL is set */
	DP_RESEND = 0x8,
	DP_SELECT = 0x8,
	DP_RDBUFF = 0xc
};

#define ABORT_DAPABORT   (1U << 0)
#define ABORT_STKCMPCLR  (1U << 1)
#define ABORT_STKERRCLR  (1U << 2)
#define ABORT_WDERRCLR   (1U << 3)
#define ABORT_ORUNERRCLR (1U << 4)
#define ABORT_CLEAR_ALL  0x1eU

#define STAT_ORUNDETECT   (1U << 0)
#define STAT_STICKYORUN   (1U << 1)
#define STAT_STICKYCMP    (1U << 4)
#define STAT_STICKYERR    (1U << 5)
#define STAT_READOK       (1U << 6)
#define STAT_WDATAERR     (1U << 7)
#define STAT_CDBGPWRUPREQ (1U << 28)
#define STAT_CDBGPWRUPACK (1U << 29)
#define STAT_CSYSPWRUPREQ (1U << 30)
#define STAT_CSYSPWRUPACK (1U << 31)
#define STAT_STICKY       (STAT_STICKYORUN | STAT_STICKYCMP | STAT_STICKYERR | STAT_WDATAERR)

#define SELECT_CTRLSEL 0x1U

struct dap {
	struct chip *chip;
	bool connected;        /* the switch to SWD was seen since the port last lost its power */
	uint64_t power_resets; /* of the chip, as far as the port has noticed */
	uint32_t ctrl_stat, select, wcr;
	uint32_t posted; /* what the next access port read or RDBUFF delivers */
	struct ahb_ap ap;
};

void dap_init(struct dap *dap, struct chip *chip);

/* The JTAG-to-SWD sequence and a line reset. */
void dap_connect(struct dap *dap);

/* One transfer: `ap` is the APnDP bit, `address` A[3:2] as 0, 4, 8 or C. *value is written only
 * when the acknowledge is OK. */
enum swd_ack dap_read(struct dap *dap, bool ap, unsigned address, uint32_t *value);
enum swd_ack dap_write(struct dap *dap, bool ap, unsigned address, uint32_t value);

/* The data phase of a write arrived with a parity error: nothing is written, WDATAERR is set. */
enum swd_ack dap_write_garbled(struct dap *dap);

#endif
