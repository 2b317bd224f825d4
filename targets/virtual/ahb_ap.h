/*
 * The AHB access port of the target: CSW, TAR, DRW, banked data, and one access on the bus.
 *
 * Used by the debug port (dap.c) only. From ADIv5 (MEM-AP) and RM0090 rev 21, 38.9 (AHB-AP): TAR
 * increments within 4 KiB on a Cortex-M4, packed transfers do not exist, an access that the bus
 * stalls stays outstanding.
 */
#ifndef TARGETS_VIRTUAL_AHB_AP_H
#define TARGETS_VIRTUAL_AHB_AP_H

#include <stdbool.h>
#include <stdint.h>

#include "targets/virtual/chip.h"
#include "witness.h"

/* Register addresses as SELECT's bank and A[3:2] name them. */
enum ahb_ap_register {
	AP_CSW = 0x00,
	AP_TAR = 0x04,
	AP_DRW = 0x0c,
	AP_BD0 = 0x10,
	AP_BD3 = 0x1c,
	AP_CFG = 0xf4,
	AP_BASE = 0xf8,
	AP_IDR = 0xfc
};

#define CSW_SIZE_MASK     0x7U
#define CSW_SIZE_8        0x0U
#define CSW_SIZE_16       0x1U
#define CSW_SIZE_32       0x2U
#define CSW_INCREMENT     (1U << 4)
#define CSW_INCREMENTS    (3U << 4) /* the whole field; 2 would be packed */
#define CSW_DEVICE_ENABLE (1U << 6)
#define CSW_IN_PROGRESS   (1U << 7)
#define CSW_PROTECTION    0xff000000U
#define CSW_DEFAULT       0x23000000U /* a master's privileged data access */

struct ahb_ap {
	struct chip *chip;
	struct witness *witness; /* of what is read; NULL: nobody looks */
	uint32_t csw, tar;
	uint32_t tar_span; /* TAR increments within blocks of this many bytes */
	uint32_t result;   /* of the last read that came to its end */
	/* the access on the bus */
	bool outstanding, write;
	uint32_t address, value;
	unsigned width;
};

void ahb_ap_init(struct ahb_ap *ap, struct chip *chip);

/* Tries to bring the outstanding access to its end. CHIP_OK when there is none (any more). */
enum chip_ack ahb_ap_settle(struct ahb_ap *ap);

/* Begin a register access. Nothing may be outstanding. An access to memory may be outstanding
 * afterwards; ahb_ap_settle tells how it goes. */
void ahb_ap_read(struct ahb_ap *ap, unsigned reg);
void ahb_ap_write(struct ahb_ap *ap, unsigned reg, uint32_t value);

/* Gives the outstanding access up. */
void ahb_ap_abort(struct ahb_ap *ap);

#endif
