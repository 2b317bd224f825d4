/*
 * Non-volatile contents in a file: a header with the model's name, then flash, OTP, option bytes.
 *
 * Written to a temporary name first, so that an interrupted save leaves the old file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ahb.h"
#include "flash.h"
#include "m4.h"
#include "model.h"
#include "probe/log.h"
#include "system_memory.h"

static const char magic[8] = "stchip1\n";

struct header {
	char magic[sizeof magic];
	char model[24];
};

struct part {
	uint8_t *data;
	size_t size;
};

enum { PARTS = 4, OPTION_BYTES = 16 };

static void list_parts(const struct chip *chip, struct part parts[PARTS])
{
	parts[0] = (struct part){chip->flash_memory.data, chip->flash_memory.size};
	parts[1] = (struct part){system_memory_otp(chip), SYSTEM_OTP_SIZE};
	parts[2] = (struct part){chip->options[0].data, OPTION_BYTES};
	parts[3] = (struct part){
		chip->options[1].data, chip->options[1].data == NULL ? 0 : OPTION_BYTES};
}

static struct header header_of(const struct chip *chip)
{
	struct header header = {.model = ""};
	memcpy(header.magic, magic, sizeof magic);
	snprintf(header.model, sizeof header.model, "%s", chip->model->name);
	return header;
}

static bool write_all(const struct chip *chip, FILE *file)
{
	struct part parts[PARTS];
	const struct header header = header_of(chip);
	list_parts(chip, parts);
	bool ok = fwrite(&header, sizeof header, 1, file) == 1;
	for (unsigned i = 0; i < PARTS && ok; i++)
		if (parts[i].size > 0)
			ok = fwrite(parts[i].data, 1, parts[i].size, file) == parts[i].size;
	return ok;
}

static enum err io_error(const char *path, const char *what)
{
	log_error("cannot %s the state of the virtual chip, %s: %s", what, path, strerror(errno));
	return ERR_IO;
}

enum err chip_save(const struct chip *chip, const char *path)
{
	char temporary[4096];
	if (snprintf(temporary, sizeof temporary, "%s.tmp", path) >= (int)sizeof temporary)
		return ERR_ARGUMENT;
	FILE *file = fopen(temporary, "wb");
	if (file == NULL)
		return io_error(temporary, "save");
	bool ok = write_all(chip, file);
	ok = fclose(file) == 0 && ok;
	if (ok && rename(temporary, path) == 0)
		return ERR_OK;
	enum err err = io_error(path, "save");
	(void)unlink(temporary);
	return err;
}

/* The file must be whole before anything of it is taken. */
static bool read_all(const struct chip *chip, FILE *file, uint8_t *contents, size_t size)
{
	struct header header;
	const struct header wanted = header_of(chip);
	return fread(&header, sizeof header, 1, file) == 1 &&
	       memcmp(&header, &wanted, sizeof header) == 0 &&
	       fread(contents, 1, size, file) == size && fgetc(file) == EOF;
}

static void take(struct chip *chip, const struct part parts[PARTS], const uint8_t *contents)
{
	for (unsigned i = 0; i < PARTS; i++) {
		if (parts[i].size > 0)
			memcpy(parts[i].data, contents, parts[i].size);
		contents += parts[i].size;
	}
	engine_touch(chip->core->engine, chip->flash_memory.start, chip->flash_memory.size);
	flash_cache_reset(chip);
	flash_load_options(chip);
}

enum err chip_load(struct chip *chip, const char *path)
{
	struct part parts[PARTS];
	size_t size = 0;
	list_parts(chip, parts);
	for (unsigned i = 0; i < PARTS; i++)
		size += parts[i].size;
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return io_error(path, "load");
	enum err err = ERR_NO_MEMORY;
	uint8_t *contents = malloc(size);
	if (contents != NULL)
		err = read_all(chip, file, contents, size) ? ERR_OK : ERR_ARGUMENT;
	if (err == ERR_OK)
		take(chip, parts, contents);
	else if (err == ERR_ARGUMENT)
		log_error("%s is no state of a virtual %s: name another file, or remove it", path,
			chip->model->name);
	free(contents);
	fclose(file);
	return err;
}
