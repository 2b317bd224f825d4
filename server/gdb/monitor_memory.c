/* The monitor commands that show and change memory and registers. Worker thread. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "monitor.h"
#include "probe/bytes.h"
#include "registers.h"

#define COUNT_MAX  1024
#define LINE_BYTES 16

bool monitor_number(const char *word, uint32_t *number)
{
	char *end = NULL;

	if (*word < '0' || *word > '9')
		return false;
	unsigned long long value = strtoull(word, &end, 0);
	*number = (uint32_t)value;
	return !*end && value <= UINT32_MAX;
}

static enum err refuse_usage(struct session *session, const char *arguments)
{
	return session_refuse(session, ERR_ARGUMENT,
		"usage: %s, numbers as 1234 or 0x4d2, a count of 1 to %d", arguments, COUNT_MAX);
}

static bool parse_count(const struct monitor_words *words, size_t index, uint32_t *count)
{
	*count = 1;
	if (words->count <= index)
		return true;
	return monitor_number(words->word[index], count) && *count && *count <= COUNT_MAX;
}

static uint32_t get(const uint8_t *bytes, size_t width)
{
	uint32_t value = 0;

	for (size_t i = width; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

static void show(
	uint32_t address, const uint8_t *bytes, size_t size, size_t width, struct text *out)
{
	for (size_t at = 0; at < size; at += width) {
		if (at % LINE_BYTES == 0)
			text_format(out, "%s0x%08x:", at ? "\n" : "", address + (uint32_t)at);
		text_format(out, " %0*x", (int)(2 * width), get(bytes + at, width));
	}
	text_add(out, "\n");
}

static enum err show_memory(
	struct session *session, const struct monitor_words *words, size_t width, struct text *out)
{
	uint8_t bytes[4 * COUNT_MAX];
	uint32_t address, count;

	if (words->count < 2 || !monitor_number(words->word[1], &address) ||
		!parse_count(words, 2, &count))
		return refuse_usage(session, "monitor mdw|mdh|mdb ADDRESS [COUNT]");
	if (address % width)
		return session_refuse(session, ERR_ARGUMENT, "0x%08x is not aligned to %zu bytes",
			address, width);
	if (session->gdb->state == INFERIOR_DETACHED)
		return monitor_refuse_detached(session);
	enum err err = target_read_memory(session->gdb->target, address, bytes, count * width);
	if (!err)
		show(address, bytes, count * width, width, out);
	return err;
}

enum err monitor_show_words(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	return show_memory(session, words, 4, out);
}

enum err monitor_show_halfwords(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	return show_memory(session, words, 2, out);
}

enum err monitor_show_bytes(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	return show_memory(session, words, 1, out);
}

static enum err write_memory(
	struct session *session, const struct monitor_words *words, size_t width)
{
	uint8_t bytes[4 * COUNT_MAX];
	uint32_t address, value, count;

	if (words->count < 3 || !monitor_number(words->word[1], &address) ||
		!monitor_number(words->word[2], &value) || !parse_count(words, 3, &count))
		return refuse_usage(session, "monitor mww|mwh|mwb ADDRESS VALUE [COUNT]");
	if (address % width || (width < 4 && value >> 8 * width))
		return session_refuse(session, ERR_ARGUMENT,
			"0x%08x is not aligned to %zu bytes, or the value has more", address,
			width);
	if (session->gdb->state == INFERIOR_DETACHED)
		return monitor_refuse_detached(session);
	for (size_t i = 0; i < count * width; i++)
		bytes[i] = (uint8_t)(value >> 8 * (i % width));
	return target_write_memory(session->gdb->target, address, bytes, count * width);
}

enum err monitor_write_words(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)out;
	return write_memory(session, words, 4);
}

enum err monitor_write_halfwords(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)out;
	return write_memory(session, words, 2);
}

enum err monitor_write_bytes(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	(void)out;
	return write_memory(session, words, 1);
}

/* ---- registers ---- */

/* Of 32 bits at most: the others are gdb's to show. */
static const struct register_row *find(const struct gdb *gdb, const char *name)
{
	for (size_t i = 0; i < register_row_count; i++) {
		const struct register_row *row = &register_rows[i];
		bool is_there =
			row->feature != FEATURE_FPU || target_identity(gdb->target)->has_fpu;
		if (row->bits <= 32 && is_there && strcasecmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

static enum err show_register(
	const struct gdb *gdb, const struct register_row *row, struct text *out)
{
	uint32_t value;

	enum err err = target_read_register(gdb->target, row->source, &value);
	if (!err)
		text_format(out, "%-9s 0x%08x\n", row->name, value);
	return err;
}

static enum err show_all(const struct gdb *gdb, struct text *out)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < register_row_count && !err; i++) {
		if (register_rows[i].feature != FEATURE_FPU)
			err = show_register(gdb, &register_rows[i], out);
	}
	return err;
}

enum err monitor_reg(struct session *session, const struct monitor_words *words, struct text *out)
{
	struct gdb *gdb = session->gdb;
	uint32_t value;

	if (gdb->state != INFERIOR_HALTED)
		return session_refuse(session, ERR_TARGET_STATE, "the core is not halted");
	if (words->count == 1)
		return show_all(gdb, out);
	const struct register_row *row = find(gdb, words->word[1]);
	if (!row)
		return session_refuse(
			session, ERR_ARGUMENT, "there is no register \"%s\"", words->typed[1]);
	if (words->count == 2)
		return show_register(gdb, row, out);
	if (!monitor_number(words->word[2], &value))
		return session_refuse(
			session, ERR_ARGUMENT, "\"%s\" is no number", words->typed[2]);
	if (gdb->controller != session)
		return session_refuse(session, ERR_TARGET_STATE, "this client only observes");
	enum err err = target_write_register(gdb->target, row->source, value);
	if (!err)
		stop_read_registers(&gdb->stop, gdb->target);
	return err;
}
