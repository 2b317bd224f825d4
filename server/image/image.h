/*
 * A program to flash, as bytes at addresses: read from Intel HEX, ELF or a plain binary.
 *
 * Called by the `flash` command; pure but for memory, any thread. Readers trust nothing in a file:
 * what is odd is refused with a sentence about it, and nothing of the file is used then.
 */
#ifndef SERVER_IMAGE_IMAGE_H
#define SERVER_IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

/* Bytes that follow each other. */
struct image_run {
	uint32_t address;
	size_t size;
	size_t offset; /* where they are in `bytes` */
};

/* Zeroed is empty. */
struct image {
	struct image_run *runs;
	size_t count, runs_room;
	uint8_t *bytes;
	size_t size, bytes_room;
};

/* What is wrong with a file. */
struct image_problem {
	char text[160];
};

enum image_kind { IMAGE_BINARY, IMAGE_HEX, IMAGE_ELF };

/* By content: the ELF magic, or a first line that is a whole Intel HEX record. */
enum image_kind image_kind_of(const uint8_t *file, size_t size);

/* "Intel HEX" */
const char *image_kind_text(enum image_kind kind);

/* Each replaces what `image` holds. On success its runs ascend, do not touch, and are not empty;
 * there is at least one. Errors: ERR_ARGUMENT (`problem` says why; the image is empty),
 * ERR_NO_MEMORY. */
enum err image_read_hex(struct image *image, const uint8_t *file, size_t size,
	struct image_problem *problem) MUST_USE;
enum err image_read_elf(struct image *image, const uint8_t *file, size_t size,
	struct image_problem *problem) MUST_USE;
enum err image_read_binary(struct image *image, const uint8_t *file, size_t size, uint32_t address,
	struct image_problem *problem) MUST_USE;

void image_finish(struct image *image);

#endif
