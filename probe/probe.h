/*
 * What a debug probe can do: reach the memory, the core registers and the reset line of a Cortex-M
 * over SWD.
 *
 * Called by targets/ and by the server's start-up, on the worker thread of the board. Every call
 * blocks for USB only, and for a bounded time; a busy target (WAIT) is retried inside with back-off
 * for at most 0.3 s. Addresses are the target's; sizes are bytes.
 *
 * A probe is implemented by a `struct probe_ops` (probe_ops.h); today there is one, for the
 * ST-LINK family (stlink.c).
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct probe;
struct usb;

struct probe_info {
	char model[24];    /* "ST-LINK/V2-1" */
	char firmware[24]; /* "V2J37M26" */
	char serial[64];
	char path[96];              /* where it is plugged, as in struct usb_identity */
	unsigned default_speed_khz; /* the fastest clock this probe is known to drive well */
	bool has_batches;           /* several accesses in one command (RW_MISC) */
};

/* Opens the probe at the far end of `usb`: identity, firmware version, leaves any mode an earlier
 * program left it in. Does not touch the target. Takes `usb` in every case: on failure it is
 * closed. One reset and retry is made when the probe's first answers make no sense.
 * Errors: ERR_USB_*, ERR_PROBE_PROTOCOL, ERR_PROBE_OLD, ERR_UNSUPPORTED (an ST-LINK/V1),
 * ERR_NO_MEMORY. */
enum err probe_open(struct usb *usb, struct probe **probe) MUST_USE;

/* Leaves debug mode (which releases NRST), closes the wire and frees the probe. NULL is allowed. */
void probe_close(struct probe *probe);

const struct probe_info *probe_info(const struct probe *probe);

/* False once the probe is known to be unplugged. */
bool probe_plugged(struct probe *probe);

/* USB transfers since the probe was opened: a command is one, its data phase another. What
 * everything costs is counted in these. */
uint64_t probe_transfers(const struct probe *probe);

/* One command as it went over the wire, for bug reports. */
struct probe_exchange {
	const uint8_t *command; /* 16 bytes */
	bool is_in, is_out;     /* its data phase, if it had one: */
	const uint8_t *data;
	size_t size; /* of a reply: what came */
	enum err err;
	uint64_t duration_us;
};

/* From now on each command is shown to `tracer`, when it is over (NULL: to nobody). */
typedef void probe_tracer(void *context, const struct probe_exchange *exchange);
void probe_trace(struct probe *probe, probe_tracer *tracer, void *context);

/* The wire's clock: the only time there is in targets/. */
uint64_t probe_now_us(struct probe *probe);
void probe_sleep_us(struct probe *probe, uint64_t us);

/* ---- the link ---- */

/* Connects to the target's debug port over SWD at a clock of at most `khz`. NRST is left as it is.
 * May be called again without probe_leave: re-enters. *actual_khz (may be NULL) is the clock the
 * probe says it took. Errors: ERR_TARGET_NO_LINK, _WAIT, _FAULT, ERR_UNSUPPORTED (khz below the
 * slowest). */
enum err probe_enter(struct probe *probe, unsigned khz, unsigned *actual_khz) MUST_USE;

/* Leaves debug mode: the probe lets go of SWD and NRST. The target's state is not touched. */
enum err probe_leave(struct probe *probe) MUST_USE;

/* The debug port's DPIDR, asked anew. */
enum err probe_read_dpidr(struct probe *probe, uint32_t *dpidr) MUST_USE;

/* The debug port's CTRL/STAT: whether it has power, and its sticky errors; those that had to be
 * cleared since this was asked last are in it. Errors: as above, and ERR_PROBE_OLD before J24. */
enum err probe_read_ctrl_stat(struct probe *probe, uint32_t *ctrl_stat) MUST_USE;

/* Target voltage in millivolts; *millivolts = 0 when this probe cannot tell, and at least 1 when it
 * can. Works before probe_enter. */
enum err probe_read_voltage(struct probe *probe, unsigned *millivolts) MUST_USE;

/* Pulls the target's reset line low, or releases it. Works before probe_enter. */
enum err probe_drive_nrst(struct probe *probe, bool low) MUST_USE;

/* ---- memory ---- */

/* One 32-bit access to an aligned address; status comes with it. The cheapest there is. */
enum err probe_read_word(struct probe *probe, uint32_t address, uint32_t *value) MUST_USE;
enum err probe_write_word(struct probe *probe, uint32_t address, uint32_t value) MUST_USE;

/* Accesses of exactly `width` (1, 2 or 4) bytes; `address` and `size` are multiples of it. On an
 * error it is unknown how much was done, and what `data` holds is not to be used.
 * Errors: ERR_TARGET_FAULT, _WAIT, _NO_LINK, ERR_PROBE_OLD (width 2 before J26), ERR_USB_*. */
enum err probe_read(
	struct probe *probe, unsigned width, uint32_t address, uint8_t *data, size_t size) MUST_USE;
enum err probe_write(struct probe *probe, unsigned width, uint32_t address, const uint8_t *data,
	size_t size) MUST_USE;

/* How many bytes of width-4 access go in one command at the present clock: a multiple of 4, and no
 * longer than the clock moves in 100 ms. Callers that can be interrupted cut their work here. */
size_t probe_block_size(const struct probe *probe);

/* One word access of a batch. */
struct probe_item {
	uint32_t address; /* aligned */
	uint32_t value;   /* to write, or what was read */
	bool write;
};

/* Runs the items in order with as few commands as the firmware allows. Stops at the first failure;
 * *done (may be NULL) then counts the items known to be complete: the failing one and later ones
 * may or may not have been executed. Nothing is replayed but an item that the target was too busy
 * for, when no later one was executed. */
enum err probe_batch(
	struct probe *probe, struct probe_item *items, size_t count, size_t *done) MUST_USE;

/* ---- core registers, by DCRSR selector; the core must be halted ---- */

#define PROBE_CORE_REGISTERS 21 /* selectors 0-20 */

enum err probe_read_register(struct probe *probe, unsigned selector, uint32_t *value) MUST_USE;
enum err probe_write_register(struct probe *probe, unsigned selector, uint32_t value) MUST_USE;

/* Selectors 0-15 r0-r15, 16 xPSR, 17 MSP, 18 PSP, 19 reserved, 20
 * CONTROL:FAULTMASK:BASEPRI:PRIMASK. */
enum err probe_read_registers(struct probe *probe, uint32_t values[PROBE_CORE_REGISTERS]) MUST_USE;

#endif
