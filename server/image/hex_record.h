/*
 * One record of an Intel HEX file: a line. Pure; any thread.
 *
 * Written from Intel, "Hexadecimal Object File Format Specification", revision A.
 */
#ifndef SERVER_IMAGE_HEX_RECORD_H
#define SERVER_IMAGE_HEX_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct hex_record {
	uint8_t size;
	uint16_t offset;
	uint8_t type;
	uint8_t data[255];
	uint8_t sum; /* what the checksum should be, when it is not */
	uint8_t sent_sum;
};

enum hex_line {
	HEX_RECORD, /* whole and right */
	HEX_BLANK,  /* nothing but white space */
	HEX_NO_RECORD,
	HEX_CUT,     /* shorter or longer than its size says */
	HEX_DAMAGED, /* the checksum is wrong */
};

/* Reads the first line of `text`; *used is its length with the line end (LF, CR LF or CR). */
enum hex_line hex_record_read(
	const uint8_t *text, size_t size, struct hex_record *record, size_t *used);

#endif
