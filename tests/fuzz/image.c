/*
 * Any bytes at all as a file to flash: as Intel HEX and as ELF. What is accepted must be in order,
 * inside its own bytes, and the same when it is read again from the runs.
 */
#include <string.h>

#include "fuzz.h"
#include "server/image/image.h"

static void check_runs(const struct image *image)
{
	require(image->count > 0);
	for (size_t i = 0; i < image->count; i++) {
		const struct image_run *run = &image->runs[i];
		require(run->size > 0);
		require(run->offset <= image->size && run->size <= image->size - run->offset);
		require(run->address + (uint64_t)run->size <= UINT64_C(1) << 32);
		if (i > 0)
			require(run[-1].address + (uint64_t)run[-1].size < run->address);
	}
}

static void check(const struct image *image, enum err err, const struct image_problem *problem)
{
	if (!err) {
		check_runs(image);
		return;
	}
	require(err == ERR_ARGUMENT);
	require(memchr(problem->text, '\0', sizeof(problem->text)) && problem->text[0]);
	require(!image->count && !image->bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct image image = {0};
	struct image_problem problem = {""};

	require(image_kind_text(image_kind_of(bytes, size)));
	check(&image, image_read_hex(&image, bytes, size, &problem), &problem);
	check(&image, image_read_elf(&image, bytes, size, &problem), &problem);
	check(&image, image_read_binary(&image, bytes, size, 0xFFFFFF00, &problem), &problem);
	image_finish(&image);
	return 0;
}
