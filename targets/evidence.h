/*
 * Evidence: what is known when something has gone wrong; what a diagnosis is made from.
 *
 * Filled by who did the work (connect.c, target*.c, flash*.c) and completed with a snapshot by
 * examiner.c. Plain data, so that a test can write any situation down. Private to targets/.
 */
#ifndef TARGETS_EVIDENCE_H
#define TARGETS_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "family.h"
#include "snapshot.h"

/* The last bytes of the SRAM hold a word during a load: a loss of power takes it away, no reset
 * does.
 */
#define CANARY_SIZE 16u
#define CANARY_WORD 0x5AFE5EEDu

/* What was being done. */
enum doing {
	DOING_NOTHING,
	DOING_ATTACH,
	DOING_HALT,
	DOING_RESET,
	DOING_CHECK,  /* of a load, before anything is destroyed */
	DOING_UNLOCK, /* the flash controller; from here on the chip's old contents are in danger */
	DOING_ERASE,
	DOING_WRITE,
	DOING_VERIFY,
	DOING_START, /* the load is done; the core stands where it will start */
	DOING_RUN,   /* nothing was being done: the firmware runs, or stands at a breakpoint */
	DOING_COUNT
};

/* What a sector holds, as far as a load got. */
enum flash_held {
	HELD_OLD,
	HELD_UNDEFINED,
	HELD_BLANK,
	HELD_PARTLY,
	HELD_WRONG,
	HELD_NEW,
	HELD_COUNT
};

/* A try at connecting that was made, or not. */
enum attempt { ATTEMPT_NONE, ATTEMPT_FAILED, ATTEMPT_WORKED };

struct trouble {
	enum doing doing;
	enum err err; /* ERR_OK: nothing failed, there may be something to remark */
	bool second_try;
	bool was_reset;        /* while the firmware ran */
	bool flags_known;      /* which reset flags in RCC_CSR are older than this job: ... */
	uint32_t flags_before; /* ... these */
	uint32_t canary;       /* where it is; 0: there is none */

	/* the sector at work, and how long it took */
	bool has_sector;
	unsigned sector, sector_kb;
	enum flash_width width;
	unsigned took_ms, limit_ms, typical_ms;

	uint32_t sectors;  /* that the load touches: a bit for each, by its index */
	unsigned image_kb; /* from the start of the flash to the end of what was to be written */

	/* the first word that is not what it should be */
	bool has_mismatch, wanted_blank;
	bool is_noisy; /* it is one of a pattern in RAM, and the link's fault */
	uint32_t address, wanted, found;

	unsigned vdd_first_mv, vdd_min_mv; /* as measured during the job; 0: unknown */
	bool loader_lost;                  /* the loader in RAM stopped answering */
	bool loader_damaged;               /* and its code is not what was written there */

	bool has_held;     /* a load began to destroy: */
	bool head_missing; /* the image's first bytes are not written yet: it cannot start */
	enum flash_held held[DEVICE_SECTORS_MAX];
};

/* The link to the target, over the whole session. */
struct link_story {
	bool was_attached;
	bool only_asked;          /* at the last attach; it is tried harder when gdb connects */
	enum err first;           /* what the quiet try of the last attach gave */
	enum attempt under_reset; /* of the last attach */
	enum attempt nrst;        /* whether pulling NRST had an effect, once that was tried */
	unsigned slowed_from_khz; /* the clock at which it erred, when a slower one works; else 0 */
	unsigned khz;
	unsigned resets, watched_ms; /* counted after a failure with resets in it */
};

struct evidence {
	const struct device *device; /* never NULL; without a family it is unknown */
	struct trouble trouble;
	struct link_story link;
	struct snapshot before; /* the first destructive step; not taken: there was none */
	struct snapshot now;
};

#endif
