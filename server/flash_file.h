/*
 * The file that is to be flashed: from a word of the command line to an image. Main thread.
 */
#ifndef SERVER_FLASH_FILE_H
#define SERVER_FLASH_FILE_H

#include "server/image/image.h"

struct flash_file {
	const char *path; /* of the command line, or `name` */
	char name[1024];
	enum image_kind kind;
	struct image image;
};

/* `word` is FILE or FILE@ADDRESS, the latter for a plain binary. Errors: ERR_ARGUMENT, ERR_IO,
 * ERR_NO_MEMORY; all logged. Call flash_file_finish() in every case. */
enum err flash_file_read(struct flash_file *file, const char *word) MUST_USE;

void flash_file_finish(struct flash_file *file);

#endif
