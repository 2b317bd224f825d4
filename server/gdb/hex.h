/*
 * Hexadecimal as the protocol uses it. Pure; any thread.
 *
 * Written from the GDB manual, appendix E.1 "Overview": numbers are most significant digit first,
 * memory and registers are two digits a byte in target order. Reading is strict: no sign, no
 * prefix, no white space.
 */
#ifndef SERVER_GDB_HEX_H
#define SERVER_GDB_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0-15, or -1 for what is no hex digit. Both cases are digits. */
int hex_digit(char digit);

/* Writes 2 * size lower-case digits and no terminator. `bytes` may be the second half of the room
 * that `digits` has. */
void hex_encode(char *digits, const void *bytes, size_t size);

/* Reads exactly 2 * size digits. False when one of them is none; `bytes` is then undefined. */
bool hex_decode(void *bytes, const char *digits, size_t size);

/* Reads a number of one or more digits at *at, stops at the first other character or at `end`, and
 * moves *at there. False when there is no digit or the value exceeds 32 bits. */
bool hex_number(const char **at, const char *end, uint32_t *value);

#endif
