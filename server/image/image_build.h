/* Putting an image together: for the readers of file formats only. Pure; any thread. */
#ifndef SERVER_IMAGE_IMAGE_BUILD_H
#define SERVER_IMAGE_IMAGE_BUILD_H

#include "server/image/image.h"

/* Adds bytes; `address` + `size` is at most 4 GiB. Errors: ERR_NO_MEMORY. */
enum err image_add(
	struct image *image, uint32_t address, const uint8_t *bytes, size_t size) MUST_USE;

/* Brings the runs in order and joins them; refuses those that overlap, and an empty image. */
enum err image_seal(struct image *image, struct image_problem *problem) MUST_USE;

/* Says what is wrong, and returns ERR_ARGUMENT. */
enum err image_refuse(struct image_problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
