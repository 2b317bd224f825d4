/*
 * A wire that follows a script: it expects exact command bytes and data, answers what it was told
 * to, and has a clock of its own that moves only by what is done.
 *
 * Bytes are written as hex ("F2 36 00 00 00 20"); a command is filled up with zeros to 16. Any
 * deviation from the script fails the running test.
 */
#ifndef TESTS_PROBE_SCRIPTED_WIRE_H
#define TESTS_PROBE_SCRIPTED_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "probe/usb.h"

struct script;

struct script *script_create(uint16_t pid);

/* The wire, to be given to what is tested, which closes it. */
struct usb *script_wire(struct script *script);

/* Everything expected must have happened, and the wire must be closed. Frees. */
void script_finish(struct script *script);

/* Everything expected so far must have happened. */
void script_check(struct script *script);

/* ---- what is to come, in order ---- */

/* A command without a data phase. */
void script_expect(struct script *script, const char *command);

/* A command that asks for as many bytes as `reply` has. */
void script_expect_in(struct script *script, const char *command, const char *reply);

/* The same with bytes; the request is for `asked` bytes, `size` of them come. */
void script_expect_read(struct script *script, const char *command, size_t asked,
	const uint8_t *reply, size_t size);

/* A command that sends exactly these bytes. */
void script_expect_out(struct script *script, const char *command, const char *data);
void script_expect_write(
	struct script *script, const char *command, const uint8_t *data, size_t size);

/* A command whose transfer fails, whatever its data phase. ERR_USB_GONE unplugs the wire. */
void script_expect_failure(struct script *script, const char *command, enum err err);

void script_expect_drain(struct script *script, enum err err);
void script_expect_reset(struct script *script, enum err err);

/* ---- time ---- */

/* From now on each command takes this long. Initially 0. */
void script_set_command_us(struct script *script, uint64_t us);

/* The sleeps so far, in microseconds; forgets them. At most `max` are stored. */
size_t script_take_sleeps(struct script *script, uint64_t *sleeps_us, size_t max);

/* The time limit of the last command. */
unsigned script_last_timeout_ms(const struct script *script);

/* "F2 36" to bytes; returns how many. */
size_t script_bytes(const char *hex, uint8_t *bytes, size_t max);

#endif
