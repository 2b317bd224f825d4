/* The boards of one process. See the header. */
#include "shelf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board_inside.h"
#include "probe/log.h"

#define FIRST_DEVNUM 2
#define BOOKS_SIZE   8192
#define NAME_SIZE    4096
#define SERIAL_SIZE  (USB_DEVICE_SERIAL_MAX + 1)

/* ---- filling ---- */

/* The first board has the serial as it is; each later one differs in its last character. */
static void number_serial(const char *serial, unsigned index, char *numbered)
{
	static const char digits[] = "0123456789ABCDEF";
	snprintf(numbered, SERIAL_SIZE, "%s", serial);
	size_t length = strlen(numbered);
	if (index == 0 || length == 0)
		return;
	const char *last = strchr(digits, numbered[length - 1]);
	size_t digit = last ? (size_t)(last - digits) : 0;
	numbered[length - 1] = digits[(digit + index) % 16];
}

static void number_file(const char *path, unsigned index, char *numbered)
{
	if (index == 0)
		snprintf(numbered, NAME_SIZE, "%s", path);
	else
		snprintf(numbered, NAME_SIZE, "%s.%u", path, index + 1);
}

static const char *serial_of(const struct board_options *options)
{
	const struct stlink_model *model =
		firmware_model_find(options->probe ? options->probe : "v21");
	return options->serial || !model ? options->serial : model->serial;
}

static enum err add_board(struct shelf *shelf, const struct board_options *common)
{
	unsigned index = shelf->count;
	struct board_options options = *common;
	char serial[SERIAL_SIZE];
	char file[NAME_SIZE];
	if (serial_of(common) && strlen(serial_of(common)) < sizeof serial) {
		number_serial(serial_of(common), index, serial);
		options.serial = serial;
	}
	if (common->state_file) {
		number_file(common->state_file, index, file);
		options.state_file = file;
	}
	enum err err = board_create(&options, &shelf->boards[index]);
	if (err)
		return err;
	struct usbip_export *export = &shelf->exports_of[index];
	snprintf(export->busid, sizeof export->busid, "1-%u", index + 1);
	export->devnum = FIRST_DEVNUM + index;
	export->device = &shelf->boards[index]->device;
	shelf->count++;
	return ERR_OK;
}

enum err shelf_fill(struct shelf *shelf, const struct options *options, uint64_t wall_ns)
{
	*shelf = (struct shelf){.books = options->books};
	for (unsigned i = 0; i < options->boards; i++) {
		enum err err = add_board(shelf, &options->board);
		if (err)
			return err;
		pace_init(&shelf->paces[i], options->pace, shelf->boards[i], wall_ns);
	}
	shelf->exports = (struct usbip_exports){shelf->exports_of, shelf->count};
	return ERR_OK;
}

/* ---- leaving ---- */

static void write_books(const struct shelf *shelf)
{
	FILE *file = fopen(shelf->books, "w");
	for (unsigned i = 0; file && i < shelf->count; i++) {
		char bytes[BOOKS_SIZE];
		struct text text = {.bytes = bytes, .size = sizeof bytes};
		board_write_books(shelf->boards[i], &text);
		fprintf(file, "%s\n", bytes);
	}
	if (!file || fclose(file) != 0)
		log_error("cannot write the books to %s: %s", shelf->books, strerror(errno));
}

void shelf_clear(struct shelf *shelf)
{
	if (shelf->books && shelf->count > 0)
		write_books(shelf);
	for (unsigned i = 0; i < shelf->count; i++)
		board_destroy(shelf->boards[i]);
	shelf->count = 0;
}

void shelf_save(struct shelf *shelf)
{
	for (unsigned i = 0; i < shelf->count; i++) {
		if (!board_is_dirty(shelf->boards[i]))
			continue;
		enum err err = board_save(shelf->boards[i]);
		(void)err; /* logged; the next save tries again */
	}
}

bool shelf_is_dirty(const struct shelf *shelf)
{
	for (unsigned i = 0; i < shelf->count; i++)
		if (board_is_dirty(shelf->boards[i]))
			return true;
	return false;
}

/* ---- time ---- */

void shelf_wait(struct shelf *shelf, uint64_t wall_ns)
{
	for (unsigned i = 0; i < shelf->count; i++)
		pace_wait(&shelf->paces[i], wall_ns);
}

void shelf_follow(struct shelf *shelf, uint64_t wall_ns)
{
	for (unsigned i = 0; i < shelf->count; i++)
		pace_follow(&shelf->paces[i], wall_ns);
}

uint64_t shelf_next_ns(const struct shelf *shelf, uint64_t wall_ns)
{
	uint64_t next_ns = PACE_NEVER;
	for (unsigned i = 0; i < shelf->count; i++) {
		uint64_t board_ns = pace_next_ns(&shelf->paces[i], wall_ns);
		if (board_ns < next_ns)
			next_ns = board_ns;
	}
	return next_ns;
}

/* ---- finding ---- */

struct board *shelf_board(const struct shelf *shelf, const struct usbip_export *export)
{
	return shelf->boards[export - shelf->exports_of];
}

struct pace *shelf_pace(struct shelf *shelf, const struct usbip_export *export)
{
	return &shelf->paces[export - shelf->exports_of];
}

struct board *shelf_find(const struct shelf *shelf, const char *busid)
{
	for (unsigned i = 0; i < shelf->count; i++)
		if (strcmp(shelf->exports_of[i].busid, busid) == 0)
			return shelf->boards[i];
	return NULL;
}
