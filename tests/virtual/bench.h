/*
 * A board on the bench: created, plugged in process, and a few words for talking to it.
 *
 * Used by the tests of the virtual board. Failing to create or to talk fails the test.
 */
#ifndef TESTS_VIRTUAL_BENCH_H
#define TESTS_VIRTUAL_BENCH_H

#include <stdbool.h>

#include "board_inside.h"
#include "fake_chip.h"
#include "probe/bytes.h"
#include "tests/prelude.h"

#define BENCH_TIMEOUT_MS 1000

struct bench {
	struct board *board;
	struct usb *usb;
	uint8_t reply[16384];
	size_t received;
};

/* NULL: the default probe or firmware. In debug mode when `debug`. */
struct bench *bench_create(const char *probe, const char *firmware, bool debug);
void bench_destroy(struct bench *bench);

/* One command of up to 16 bytes, `size` of them given, and a reply of at most `reply_size` bytes,
 * which goes to bench->reply. 0: no data phase. */
enum err bench_command(struct bench *bench, const uint8_t *bytes, size_t size, size_t reply_size);

/* The same, and it must succeed with a reply of exactly `reply_size`. */
#define BENCH_ASK(bench, reply_size, ...)                      \
	bench_ask_bytes(bench, (const uint8_t[]){__VA_ARGS__}, \
		sizeof(const uint8_t[]){__VA_ARGS__}, reply_size)
void bench_ask_bytes(struct bench *bench, const uint8_t *bytes, size_t size, size_t reply_size);

/* The same for commands whose reply begins with a status: returns that. */
#define BENCH_STATUS(bench, reply_size, ...) \
	(BENCH_ASK(bench, reply_size, __VA_ARGS__), (bench)->reply[0])

/* The error of a command. */
#define BENCH_TRY(bench, reply_size, ...)                                                          \
	bench_command(bench, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__}, \
		reply_size)

/* A memory command with its data phase, out when `out`; returns the status that 3B tells. */
enum err bench_memory(
	struct bench *bench, uint8_t code, uint32_t address, uint16_t length, const uint8_t *out);
uint8_t bench_memory_status(struct bench *bench);

/* A line of the control language that must be understood. */
void bench_control(struct bench *bench, const char *line);

#define LE16(value) (uint8_t)(value), (uint8_t)((value) >> 8)
#define LE32(value) LE16((value)&0xffff), LE16((value) >> 16)

#endif
