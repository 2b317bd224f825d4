/*
 * Evidence written down by hand: what is different from a healthy STM32F401 that is halted. For
 * tests of what is made of it.
 */
#ifndef TESTS_TARGETS_SITUATION_H
#define TESTS_TARGETS_SITUATION_H

#include "cortexm_registers.h"
#include "diagnosis.h"
#include "evidence.h"
#include "stm32f4_registers.h"

#define HEALTHY_OPTCR 0x0FFFAAEDu
#define BUSY          0x00010000u
#define LOCKED        0x80000000u

struct change {
	enum snapshot_word word;
	uint32_t value;
};

struct situation {
	const char *name;
	const char *code; /* "": nothing is wrong; NULL: no known cause, though it failed */
	const char *text; /* in the report; NULL: any */
	struct trouble trouble;
	struct link_story link;
	unsigned vdd_mv; /* 0: 3300 */
	enum err dp, ap; /* how the link answers */
	enum err flash;
	bool unplugged;
	uint32_t stale; /* FLASH_SR before */
	struct change changes[4];
	enum { KNOWN, NAMED, UNKNOWN, HALF_KNOWN } chip; /* as it was at attach */
};

#define IN(what, error) .trouble = {.doing = DOING_##what, .err = (error), .flags_known = true}
/* The firmware ran, and these flags stood already. */
#define RAN(flags)                        \
	.trouble = {.doing = DOING_RUN,   \
		.was_reset = true,        \
		.flags_known = true,      \
		.flags_before = (flags)}, \
	ATTACHED
#define FLAGS(flags) .changes = {{SNAPSHOT_RCC_CSR, (flags)}}
#define OUR_RESET    (CSR_SFTRSTF | CSR_PINRSTF)
#define POWERED      (CSR_PORRSTF | CSR_BORRSTF | CSR_PINRSTF)
#define ATTACHED     .link = {.was_attached = true, .khz = 4000}
#define SECTORS(error, bits) \
	.trouble = {.doing = DOING_CHECK, .err = (error), .sectors = (bits)}, ATTACHED

/* The healthy chips; before anything else. */
void situation_begin(void);

void situation_make(const struct situation *situation, struct evidence *e);

/* A word of a snapshot is known from now on. */
void situation_set(struct snapshot *snapshot, enum snapshot_word word, uint32_t value);

/* The chip that was there at attach. */
const struct device *situation_device(void);

#endif
