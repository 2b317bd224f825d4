/* An image: kinds, runs, plain binaries. Pure; any thread. */
#include "server/image/image.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex_record.h"
#include "image_build.h"

#define FIRST_RUNS  16
#define FIRST_BYTES 65536
#define ADDRESSES   (UINT64_C(1) << 32)

enum err image_refuse(struct image_problem *problem, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang-tidy 14 misses va_start */
	(void)vsnprintf(problem->text, sizeof(problem->text), format, arguments);
	va_end(arguments);
	return ERR_ARGUMENT;
}

void image_finish(struct image *image)
{
	free(image->runs);
	free(image->bytes);
	memset(image, 0, sizeof(*image));
}

/* ---- kinds ---- */

enum image_kind image_kind_of(const uint8_t *file, size_t size)
{
	struct hex_record record;
	size_t used;

	if (size >= 4 && memcmp(file, "\177ELF", 4) == 0)
		return IMAGE_ELF;
	if (hex_record_read(file, size, &record, &used) == HEX_RECORD)
		return IMAGE_HEX;
	return IMAGE_BINARY;
}

const char *image_kind_text(enum image_kind kind)
{
	static const char *const texts[] = {
		[IMAGE_BINARY] = "binary",
		[IMAGE_HEX] = "Intel HEX",
		[IMAGE_ELF] = "ELF",
	};
	return texts[kind];
}

/* ---- runs ---- */

static bool make_room(struct image *image, size_t more)
{
	if (image->count == image->runs_room) {
		size_t room = image->runs_room ? 2 * image->runs_room : FIRST_RUNS;
		struct image_run *runs = realloc(image->runs, room * sizeof(*runs));
		if (!runs)
			return false;
		image->runs = runs;
		image->runs_room = room;
	}
	if (more <= image->bytes_room - image->size)
		return true;
	size_t room = image->bytes_room ? image->bytes_room : FIRST_BYTES;
	while (room - image->size < more)
		room *= 2;
	uint8_t *bytes = realloc(image->bytes, room);
	if (!bytes)
		return false;
	image->bytes = bytes;
	image->bytes_room = room;
	return true;
}

enum err image_add(struct image *image, uint32_t address, const uint8_t *bytes, size_t size)
{
	if (!size)
		return ERR_OK;
	if (!make_room(image, size))
		return ERR_NO_MEMORY;
	assert(image->runs && image->bytes);
	memcpy(image->bytes + image->size, bytes, size);
	struct image_run *last = image->count > 0 ? &image->runs[image->count - 1] : NULL;
	if (last && last->address + (uint64_t)last->size == address)
		last->size += size;
	else
		image->runs[image->count++] = (struct image_run){address, size, image->size};
	image->size += size;
	return ERR_OK;
}

static int compare(const void *left, const void *right)
{
	const struct image_run *a = left, *b = right;
	return (a->address > b->address) - (a->address < b->address);
}

/* The runs that touch are joined, which needs their bytes side by side. */
static enum err rebuild(struct image *image)
{
	struct image joined = {0};

	for (size_t i = 0; i < image->count; i++) {
		const struct image_run *run = &image->runs[i];
		if (image_add(&joined, run->address, image->bytes + run->offset, run->size)) {
			image_finish(&joined);
			return ERR_NO_MEMORY;
		}
	}
	image_finish(image);
	*image = joined;
	return ERR_OK;
}

enum err image_seal(struct image *image, struct image_problem *problem)
{
	if (!image->count)
		return image_refuse(problem, "there is nothing to flash in it");
	qsort(image->runs, image->count, sizeof(*image->runs), compare);
	for (size_t i = 1; i < image->count; i++) {
		const struct image_run *before = &image->runs[i - 1], *run = &image->runs[i];
		if (before->address + (uint64_t)before->size > run->address)
			return image_refuse(
				problem, "it holds 0x%08" PRIx32 " twice", run->address);
	}
	return rebuild(image);
}

enum err image_read_binary(struct image *image, const uint8_t *file, size_t size, uint32_t address,
	struct image_problem *problem)
{
	image_finish(image);
	if (size > ADDRESSES - address)
		return image_refuse(
			problem, "its %zu bytes do not fit behind 0x%08" PRIx32, size, address);
	enum err err = image_add(image, address, file, size);
	if (!err)
		err = image_seal(image, problem);
	if (err)
		image_finish(image);
	return err;
}
