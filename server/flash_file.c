/*
 * Reading the file to flash. Main thread.
 *
 * What a file is, its content tells. A name may contradict it in one way that matters: a `.bin`
 * that holds HEX or ELF would be written as text if anybody believed the name.
 */
#include "flash_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "probe/log.h"

#define FILE_MAX   ((size_t)64 << 20) /* HEX with all that debuggers put into ELF, and some */
#define BLOCK_SIZE ((size_t)1 << 16)

struct contents {
	uint8_t *bytes;
	size_t size;
};

static enum err read_all(FILE *stream, struct contents *contents)
{
	size_t room = 0;

	for (;;) {
		if (contents->size == room) {
			room = room ? 2 * room : BLOCK_SIZE;
			uint8_t *bytes = realloc(contents->bytes, room);
			if (!bytes)
				return ERR_NO_MEMORY;
			contents->bytes = bytes;
		}
		size_t got =
			fread(contents->bytes + contents->size, 1, room - contents->size, stream);
		contents->size += got;
		if (!got)
			return ferror(stream) ? ERR_IO : ERR_OK;
		if (contents->size > FILE_MAX)
			return ERR_UNSUPPORTED;
	}
}

static enum err read_file(const char *path, struct contents *contents)
{
	FILE *stream = fopen(path, "rbe");
	if (!stream) {
		log_error("cannot open %s: %s", path, strerror(errno));
		return ERR_IO;
	}
	enum err err = read_all(stream, contents);
	int error = errno;
	(void)fclose(stream);
	if (err == ERR_UNSUPPORTED)
		log_error("%s is larger than any program for a microcontroller", path);
	else if (err)
		log_error("cannot read %s: %s", path, strerror(error));
	return err;
}

static bool has_extension(const char *path, const char *extension)
{
	size_t length = strlen(path), tail = strlen(extension);
	return length > tail && strcasecmp(path + length - tail, extension) == 0;
}

/* FILE@ADDRESS, where a file of the whole name is none. */
static bool split(struct flash_file *file, const char *word, uint32_t *address)
{
	const char *at = strrchr(word, '@');
	char *end;

	if (!at || at == word || (size_t)(at - word) >= sizeof(file->name) || !at[1])
		return false;
	errno = 0;
	unsigned long long value = strtoull(at + 1, &end, 0);
	if (errno || *end || at[1] == '-' || value > UINT32_MAX)
		return false;
	memcpy(file->name, word, (size_t)(at - word));
	file->path = file->name;
	*address = (uint32_t)value;
	return true;
}

static enum err refuse(const struct flash_file *file, const char *why)
{
	log_error("%s: %s", file->path, why);
	return ERR_ARGUMENT;
}

static enum err check_kind(
	struct flash_file *file, const struct contents *contents, bool has_address)
{
	bool is_named_hex = has_extension(file->path, ".hex") || has_extension(file->path, ".ihex");

	file->kind = image_kind_of(contents->bytes, contents->size);
	if (file->kind == IMAGE_BINARY && is_named_hex)
		file->kind = IMAGE_HEX; /* a damaged one: its reader tells what is wrong */
	if (file->kind == IMAGE_BINARY && !has_address)
		return refuse(file, "a plain binary needs an address: FILE@0x08000000");
	if (file->kind == IMAGE_BINARY)
		return ERR_OK;
	bool is_hex = file->kind == IMAGE_HEX;
	if (has_extension(file->path, ".bin"))
		return refuse(file, is_hex ? "it is called .bin and holds Intel HEX: rename it"
					   : "it is called .bin and holds ELF: rename it");
	if (has_address)
		return refuse(file, is_hex ? "Intel HEX tells its addresses: leave out @ADDRESS"
					   : "ELF tells its addresses: leave out @ADDRESS");
	return ERR_OK;
}

static enum err read_image(
	struct flash_file *file, const struct contents *contents, uint32_t address)
{
	struct image_problem problem = {""};
	enum err err;

	if (file->kind == IMAGE_HEX)
		err = image_read_hex(&file->image, contents->bytes, contents->size, &problem);
	else if (file->kind == IMAGE_ELF)
		err = image_read_elf(&file->image, contents->bytes, contents->size, &problem);
	else
		err = image_read_binary(
			&file->image, contents->bytes, contents->size, address, &problem);
	if (err)
		log_error("%s: %s", file->path, err == ERR_ARGUMENT ? problem.text : err_text(err));
	return err;
}

enum err flash_file_read(struct flash_file *file, const char *word)
{
	struct contents contents = {0};
	uint32_t address = 0;

	*file = (struct flash_file){.path = word};
	bool has_address = split(file, word, &address);
	enum err err = read_file(file->path, &contents);
	if (!err)
		err = check_kind(file, &contents, has_address);
	if (!err)
		err = read_image(file, &contents, address);
	free(contents.bytes);
	return err;
}

void flash_file_finish(struct flash_file *file)
{
	image_finish(&file->image);
}
