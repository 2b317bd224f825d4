/*
 * The console of semihosting: output line by line to gdb, or as it comes to the console port; keys
 * from that port, or from gdb's terminal. Worker thread.
 */
#include <errno.h>
#include <string.h>

#include "fileio.h"
#include "inferior.h"
#include "probe/log.h"
#include "semihosting_calls.h"
#include "session.h"

#define LINE_LIMIT       1024  /* bytes of a line that are kept back */
#define PATIENCE_US      20000 /* ... and how long */
#define STRING_MAX_BYTES 65536 /* of one SYS_WRITE0: more is no string */
#define STRING_PIECE     32
#define AT_ONCE_MAX      60    /* more is read faster in a command of its own */
#define READ_MAX_BYTES   65536 /* of one SYS_READ */
#define GDB_STDIN        0

/* To a client that does not wait for a stop nothing can be shown now; with none that controls the
 * core it goes to the server's own terminal. */
static void show(struct gdb *gdb, const char *text, size_t size)
{
	struct session *controller = gdb->controller;

	if (!controller) {
		int length = (int)size - (size && text[size - 1] == '\n');
		log_info("the program: %.*s", length, text);
		return;
	}
	if (controller->awaits_stop) {
		inferior_show(gdb, text, size);
		return;
	}
	struct text line = {0};
	text_add_bytes(&line, text, size);
	if (line.size && line.data[line.size - 1] == '\n')
		text_cut(&line, line.size - 1);
	session_note(controller, text_string(&line));
	text_finish(&line);
}

void semihosting_flush(struct gdb *gdb)
{
	struct text *line = &gdb->semihosting.line;

	gdb_schedule(gdb, SERVICE_CONSOLE, NEVER);
	if (line->size)
		show(gdb, line->data, line->size);
	text_clear(line);
}

/* Shows all lines that are whole. */
static void show_lines(struct gdb *gdb)
{
	struct text *line = &gdb->semihosting.line;
	const char *end = line->size ? memrchr(line->data, '\n', line->size) : NULL;

	if (line->size >= LINE_LIMIT) {
		semihosting_flush(gdb);
		return;
	}
	if (!end)
		return;
	size_t size = (size_t)(end - line->data) + 1;
	show(gdb, line->data, size);
	memmove(line->data, line->data + size, line->size - size);
	text_cut(line, line->size - size);
}

void semihosting_print(struct gdb *gdb, const void *data, size_t size)
{
	const struct gdb_options *options = &gdb->options;

	if (options->console) {
		options->console(options->context, data, size);
		return;
	}
	text_add_bytes(&gdb->semihosting.line, data, size);
	show_lines(gdb);
	if (gdb->semihosting.line.size)
		gdb_schedule(gdb, SERVICE_CONSOLE, gdb_now_us(gdb) + PATIENCE_US);
}

bool semihosting_print_soon(struct gdb *gdb, uint32_t address, size_t size, bool is_string)
{
	struct semihosting *semihosting = &gdb->semihosting;

	if (!size || size > AT_ONCE_MAX)
		return false;
	semihosting->text = (struct target_text){.address = address, .size = size};
	semihosting->text_is_string = is_string;
	if (!target_read_soon(gdb->target, &semihosting->text))
		return true;
	semihosting->text.size = 0;
	return false;
}

/* From `address` on, up to the next multiple of a piece at a time: a string that ends just below
 * the end of the RAM is no reason to read beyond it. */
static void print_string(struct gdb *gdb, const struct semihosting_call *call, uint32_t address)
{
	char piece[STRING_PIECE];

	for (size_t total = 0; total < STRING_MAX_BYTES;) {
		size_t size = STRING_PIECE - address % STRING_PIECE;
		if (!call_read(gdb, call, address, piece, size))
			break;
		size_t length = strnlen(piece, size);
		semihosting_print(gdb, piece, length);
		if (length < size)
			break;
		address += (uint32_t)size;
		total += size;
	}
}

void semihosting_settle(struct gdb *gdb)
{
	struct semihosting *semihosting = &gdb->semihosting;
	const struct target_text *text = &semihosting->text;
	const char *bytes = (const char *)text->bytes;
	size_t size = text->size;

	if (!size)
		return;
	enum err err = text->read ? ERR_OK : target_settle(gdb->target);
	semihosting->text.size = 0;
	if (err || !text->read) {
		inferior_tell(gdb, "semihosting: the text at 0x%08x is lost", text->address);
		return;
	}
	size_t length = semihosting->text_is_string ? strnlen(bytes, size) : size;
	semihosting_print(gdb, bytes, length);
	if (semihosting->text_is_string && length == size)
		print_string(gdb, &semihosting->call, text->address + (uint32_t)size);
}

enum call_outcome call_write_char(struct gdb *gdb, struct semihosting_call *call)
{
	char character;

	if (semihosting_print_soon(gdb, call->argument, 1, false))
		return CALL_DONE;
	if (call_read(gdb, call, call->argument, &character, 1))
		semihosting_print(gdb, &character, 1);
	return CALL_DONE;
}

/* What is in flash stays there when the core runs on: its end need not be known before. */
enum call_outcome call_write_string(struct gdb *gdb, struct semihosting_call *call)
{
	uint32_t address = call->argument;

	if (!gdb_has_flash(gdb, address) ||
		!semihosting_print_soon(gdb, address, STRING_PIECE, true))
		print_string(gdb, call, address);
	return CALL_DONE;
}

static size_t take_keys(struct gdb *gdb, void *to, size_t size)
{
	struct text *keys = &gdb->semihosting.keys;
	size_t count = keys->size < size ? keys->size : size;

	if (!count)
		return 0;
	memcpy(to, keys->data, count);
	memmove(keys->data, keys->data + count, keys->size - count);
	text_cut(keys, keys->size - count);
	return count;
}

static enum call_outcome wait_for_key(struct gdb *gdb)
{
	gdb->semihosting.wait = WAIT_KEY;
	return CALL_WAITS;
}

static enum call_outcome read_ended(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	uint32_t size = call->word[2];

	if (result < 0)
		return call_fail(gdb, call, error);
	return call_return(call, (uint32_t)result < size ? size - (uint32_t)result : 0);
}

/* SYS_READ returns how many bytes are missing: all of them at the end of the file. */
enum call_outcome console_read(
	struct gdb *gdb, struct semihosting_call *call, uint32_t address, uint32_t size)
{
	char keys[256];

	if (!size)
		return call_return(call, 0);
	if (!gdb->options.console) {
		if (!fileio_is_possible(gdb))
			return call_return(call, size);
		return fileio_request(gdb, call, read_ended, "Fread,%x,%x,%x", GDB_STDIN, address,
			size < READ_MAX_BYTES ? size : READ_MAX_BYTES);
	}
	size_t count = take_keys(gdb, keys, size < sizeof(keys) ? size : sizeof(keys));
	if (!count)
		return wait_for_key(gdb);
	if (!call_write(gdb, call, address, keys, count))
		return call_return(call, UINT32_MAX);
	return call_return(call, size - (uint32_t)count);
}

static enum call_outcome char_read(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	const struct semihosting *semihosting = &gdb->semihosting;
	uint8_t character[1];
	bool read = call_read(gdb, call, semihosting->saved[0], character, 1);
	bool restored = call_write(gdb, call, semihosting->saved[0], &semihosting->saved[1], 4);

	if (result < 0)
		return call_fail(gdb, call, error);
	return call_return(call, read && restored && result ? character[0] : UINT32_MAX);
}

/* gdb puts what it reads into memory: the stack below SP holds nothing that anybody needs while the
 * core is halted, and is put back all the same. */
static enum call_outcome char_from_gdb(struct gdb *gdb, struct semihosting_call *call)
{
	struct semihosting *semihosting = &gdb->semihosting;
	uint32_t sp;

	enum err err = target_read_register(gdb->target, TARGET_SP, &sp);
	if (err)
		return call_fail(gdb, call, EIO);
	semihosting->saved[0] = (sp - 8) & ~3U;
	if (!call_read(gdb, call, semihosting->saved[0], &semihosting->saved[1], 4))
		return call_return(call, UINT32_MAX);
	return fileio_request(
		gdb, call, char_read, "Fread,%x,%x,1", GDB_STDIN, semihosting->saved[0]);
}

enum call_outcome call_read_char(struct gdb *gdb, struct semihosting_call *call)
{
	unsigned char key;

	if (!gdb->options.console)
		return fileio_is_possible(gdb) ? char_from_gdb(gdb, call)
					       : call_return(call, UINT32_MAX);
	if (!take_keys(gdb, &key, 1))
		return wait_for_key(gdb);
	return call_return(call, key);
}
