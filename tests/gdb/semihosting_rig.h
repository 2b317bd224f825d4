/*
 * Firmware that makes semihosting calls, on a desk: a BKPT 0xAB in RAM that the core stands at.
 */
#ifndef TESTS_GDB_SEMIHOSTING_RIG_H
#define TESTS_GDB_SEMIHOSTING_RIG_H

#include "desk.h"

#define RIG_PC     0x20000100U /* of the BKPT */
#define RIG_BLOCK  0x20000200U /* the arguments */
#define RIG_TEXT   0x20000300U
#define RIG_BUFFER 0x20000400U

/* For cmocka: client 1 has joined and waits for a stop. */
int rig_set_up(void **state);

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, desk_tear_down)

void rig_put(struct desk *desk, uint32_t address, const char *text);
void rig_put_words(struct desk *desk, uint32_t address, const uint32_t *words, size_t count);
uint32_t rig_word(struct desk *desk, uint32_t address);
const char *rig_text(struct desk *desk, uint32_t address);

/* The core makes a call with this in R1, and some milliseconds pass. */
void rig_call(struct desk *desk, uint32_t number, uint32_t argument);

/* The same with a block of arguments, which R1 points to. */
/* NOLINTNEXTLINE(readability-identifier-naming): it reads as the function it stands for */
#define rig_call_words(desk, number, ...)                             \
	rig_call_block(desk, number, (const uint32_t[]){__VA_ARGS__}, \
		sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
void rig_call_block(struct desk *desk, uint32_t number, const uint32_t *words, size_t count);

/* Fails the test unless the call was served: with this in R0, and the core behind it. */
void rig_expect_result(struct desk *desk, uint32_t result);

#endif
