/* CoreSight identification registers, the last 48 bytes of every debug component's 4 KiB. */
#ifndef TARGETS_VIRTUAL_CHIP_CORESIGHT_H
#define TARGETS_VIRTUAL_CHIP_CORESIGHT_H

#include "peripheral.h"

struct coresight_id {
	uint16_t part;
	uint16_t designer; /* JEP106: continuation code << 8 | code */
	uint8_t revision;
	uint8_t class;   /* of CIDR1: 1 ROM table, 9 CoreSight, 14 generic IP */
	uint8_t devtype; /* at 0xFCC, for class 9 */
};

/* The block at 0xFC0 of a component: row->variant is its struct coresight_id. */
extern const struct peripheral_ops coresight_ops;

/* DEVTYPE, PIDR0-7 and CIDR0-3; 0 elsewhere. `offset` is from the start of the component. */
uint32_t coresight_register(const struct coresight_id *id, uint32_t offset);

#endif
