/*
 * The ST-LINK driver: one for V2, V2-1, V3 and V3PWR, told apart by firmware version.
 *
 * What its files share. On the worker thread of the board. stlink.c opens and closes; transfer
 * carries commands and judges their status; link enters and leaves, speed sets the clock; memory,
 * batch and registers do what their names say.
 */
#ifndef PROBE_STLINK_H
#define PROBE_STLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe_ops.h"
#include "stlink_status.h"
#include "stlink_version.h"

/* The largest RW_MISC that any known firmware takes (V3). A V2 takes 64. */
#define STLINK_BATCH_MAX 1227

struct stlink {
	struct probe probe; /* base */
	struct stlink_version version;
	unsigned features;   /* enum stlink_feature */
	unsigned word_ns;    /* one word over SWD at the present clock */
	size_t batch_max;    /* item codes in one RW_MISC; 0: not asked yet, or none */
	bool holds_target;   /* ENTER or DRIVE_NRST was sent and not yet undone */
	bool entered;        /* in debug mode for sure */
	bool nrst_low;       /* the reset line is to be held */
	bool stale;          /* a reply may still be on its way: drain before the next command */
	bool batches_proved; /* they read what single commands read */
	bool told_no_halfwords;
	bool lacks_all_registers; /* READALLREGS was refused */
	uint32_t cleared;         /* sticky flags of CTRL/STAT, since it was last asked for */
	unsigned complained;      /* 1 << err: what was warned of since a command last succeeded */
	uint8_t batch_out[(STLINK_BATCH_MAX + 3) / 4 * 4 + 4 * STLINK_BATCH_MAX];
	uint8_t batch_in[8 * STLINK_BATCH_MAX];
};

static inline struct stlink *stlink_from_probe(struct probe *probe)
{
	return (struct stlink *)probe;
}

static inline bool stlink_has(const struct stlink *st, enum stlink_feature feature)
{
	return (st->features & feature) != 0;
}

/* ---- stlink.c ---- */

/* probe_open() for an ST-LINK. */
enum err stlink_open(struct usb *usb, struct probe **probe) MUST_USE;

/* Firmware version and target voltage (0: unknown) of the probe at the far end, without changing
 * its mode. `usb` stays the caller's. Errors: as probe_open. */
enum err stlink_look(struct usb *usb, char firmware[24], unsigned *millivolts) MUST_USE;

/* ---- stlink_transfer.c: commands and their status ---- */

/* In all of these `words` is how many words the command moves over SWD: the time limit follows
 * from it. A reply that is shorter than it must be is an ERR_PROBE_PROTOCOL. */

/* Command without a data phase. */
enum err stlink_send(struct stlink *st, const uint8_t *command, size_t words) MUST_USE;

/* Command with a data phase; `data->received` may be less than asked for. */
enum err stlink_exchange(
	struct stlink *st, const uint8_t *command, struct usb_data *data, size_t words) MUST_USE;

/* Command whose reply has no status. */
enum err stlink_receive(struct stlink *st, const uint8_t *command, uint8_t *reply, size_t size,
	size_t words) MUST_USE;

/* Command whose reply begins with a status, which is judged; WAIT is retried. */
enum err stlink_query(struct stlink *st, const uint8_t *command, uint8_t *reply, size_t size,
	size_t words) MUST_USE;

/* The same for the many whose reply is nothing but a status. */
enum err stlink_order(struct stlink *st, const uint8_t *command, size_t words) MUST_USE;

/* One try of stlink_query, unjudged, for callers that expect more answers than ok. */
enum err stlink_try(struct stlink *st, const uint8_t *command, uint8_t *reply, size_t size,
	size_t words) MUST_USE;

/* Turns a status into an error, logs it, clears what it left behind in the target. `address` is
 * where it happened, NULL if it happened nowhere. */
enum err stlink_judge(
	struct stlink *st, const uint8_t *command, uint8_t code, const uint32_t *address) MUST_USE;

/* Logs an answer that makes no sense. Returns ERR_PROBE_PROTOCOL. */
enum err stlink_nonsense(
	struct stlink *st, const uint8_t *command, size_t received, size_t wanted) MUST_USE;

/* The back-off of one command: begin before its first try; after each, ask whether to try again
 * (it has slept then). Sets *code to AP WAIT when it stands for one (see the body). */
struct stlink_retry {
	uint64_t deadline_us;
	uint64_t delay_us;
	bool waited;
};

struct stlink_retry stlink_retry_begin(struct stlink *st);
bool stlink_retry_again(struct stlink *st, struct stlink_retry *retry, uint8_t *code) MUST_USE;

/* ---- stlink_speed.c ---- */

/* The fastest clock of this probe that is no faster than `khz`. Works in and out of debug mode. */
enum err stlink_set_speed(struct stlink *st, unsigned khz, unsigned *actual_khz) MUST_USE;

/* The clock that a probe has which nobody has set. */
void stlink_assume_speed(struct stlink *st);

/* How many accesses over SWD are done in 100 ms at the present clock; at least 1. */
size_t stlink_accesses_per_block(const struct stlink *st);

/* ---- stlink_link.c ---- */

enum err stlink_get_mode(struct stlink *st, uint8_t *mode) MUST_USE;
enum err stlink_leave_any_mode(struct stlink *st) MUST_USE;
enum err stlink_enter(struct probe *probe, unsigned khz, unsigned *actual_khz) MUST_USE;
enum err stlink_leave(struct probe *probe) MUST_USE;
enum err stlink_read_dpidr(struct probe *probe, uint32_t *dpidr) MUST_USE;
enum err stlink_read_ctrl_stat(struct probe *probe, uint32_t *ctrl_stat) MUST_USE;
enum err stlink_read_voltage(struct probe *probe, unsigned *millivolts) MUST_USE;
enum err stlink_drive_nrst(struct probe *probe, bool low) MUST_USE;

/* ---- stlink_memory.c ---- */

enum err stlink_read_word(struct probe *probe, uint32_t address, uint32_t *value) MUST_USE;
enum err stlink_write_word(struct probe *probe, uint32_t address, uint32_t value) MUST_USE;
enum err stlink_read(
	struct probe *probe, unsigned width, uint32_t address, uint8_t *data, size_t size) MUST_USE;
enum err stlink_write(struct probe *probe, unsigned width, uint32_t address, const uint8_t *data,
	size_t size) MUST_USE;
size_t stlink_block_size(const struct probe *probe);

/* ---- stlink_batch.c ---- */

/* Asks the firmware how much one RW_MISC takes; debug mode only. */
enum err stlink_ask_batch_max(struct stlink *st) MUST_USE;
enum err stlink_batch(
	struct probe *probe, struct probe_item *items, size_t count, size_t *done) MUST_USE;

/* ---- stlink_registers.c ---- */

enum err stlink_read_register(struct probe *probe, unsigned selector, uint32_t *value) MUST_USE;
enum err stlink_write_register(struct probe *probe, unsigned selector, uint32_t value) MUST_USE;
enum err stlink_read_registers(struct probe *probe, uint32_t values[PROBE_CORE_REGISTERS]) MUST_USE;

#endif
