/*
 * Monitor commands that look at the flash or change it outside a load. Worker thread; they block
 * for as long as a load would.
 */
#include <stdio.h>
#include <string.h>

#include "inferior.h"
#include "monitor.h"
#include "reach.h"

#define PICTURE_CELLS 64

static enum err need_flash(struct session *session, size_t sectors)
{
	if (session->gdb->state == INFERIOR_DETACHED)
		return monitor_refuse_detached(session);
	if (!sectors)
		return session_refuse(
			session, ERR_UNSUPPORTED, "the flash of this chip is not known");
	return ERR_OK;
}

/* ---- looking ---- */

struct view {
	struct target_sector sectors[TARGET_SECTORS_MAX];
	size_t count;
};

static enum err look(struct session *session, struct view *view)
{
	struct target *target = session->gdb->target;
	enum err err = need_flash(session, target_flash_sectors(target, view->sectors));

	if (!err)
		err = target_flash_look(target, view->sectors, &view->count);
	if (reach_is_lost_by(err))
		reach_lost(session->gdb, err);
	return err;
}

static const struct {
	char cell;
	const char *text;
} states[] = {{'.', "blank"}, {'=', "as loaded"}, {'#', "in use"}, {'~', "changed since the load"}};

static unsigned state_of(const struct target_sector *sector)
{
	if (sector->is_blank)
		return 0;
	if (sector->is_as_loaded)
		return 1;
	return sector->was_loaded ? 3 : 2;
}

/* A protected sector is told by '!' on its edges. */
static void add_picture(struct text *out, const struct view *view)
{
	const struct target_sector *last = &view->sectors[view->count - 1];
	uint32_t size = last->start - view->sectors[0].start + last->size;
	uint32_t cell = size / PICTURE_CELLS;

	text_add(out, "  |");
	for (size_t i = 0; i < view->count; i++) {
		const struct target_sector *sector = &view->sectors[i];
		uint32_t cells = sector->size / cell ? sector->size / cell : 1;
		for (uint32_t k = 0; k < cells; k++) {
			bool edge = sector->is_protected && (k == 0 || k == cells - 1);
			const char one = edge ? '!' : states[state_of(sector)].cell;
			text_add_bytes(out, &one, 1);
		}
		text_add(out, "|");
	}
	text_add(out, "\n");
}

static void add_sector(struct text *out, const struct target_sector *sector)
{
	const char kind = states[state_of(sector)].cell;

	text_format(out, "  %2u  0x%08x %4u KiB  %c  %s%s\n", sector->number, sector->start,
		sector->size / 1024, kind, states[state_of(sector)].text,
		sector->is_protected ? ", protected" : "");
}

enum err monitor_flash_info(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct view view;

	(void)words;
	enum err err = look(session, &view);
	if (err)
		return err;
	add_picture(out, &view);
	for (size_t i = 0; i < view.count; i++)
		add_sector(out, &view.sectors[i]);
	return ERR_OK;
}

enum err monitor_flash_erase_check(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct view view;
	size_t blank = 0;

	(void)words;
	enum err err = look(session, &view);
	if (err)
		return err;
	for (size_t i = 0; i < view.count; i++) {
		blank += view.sectors[i].is_blank;
		text_format(out, "sector %u at 0x%08x is %s\n", view.sectors[i].number,
			view.sectors[i].start, view.sectors[i].is_blank ? "blank" : "not blank");
	}
	text_format(out, "%zu of %zu sectors are blank\n", blank, view.count);
	return ERR_OK;
}

/* ---- verify ---- */

static enum err add_difference(
	struct session *session, const struct target_sector *sector, struct text *out)
{
	struct target_difference difference;
	enum err err = target_flash_difference(session->gdb->target, sector, &difference);

	if (err)
		return err;
	if (difference.address)
		text_format(out, "sector %u: 0x%08x was loaded with %08x and holds %08x\n",
			sector->number, difference.address, difference.wanted, difference.found);
	else
		text_format(out, "sector %u: sums differ, words do not: is the link stable?\n",
			sector->number);
	return ERR_OK;
}

enum err monitor_flash_verify(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct view view;
	size_t loaded = 0, wrong = 0;

	(void)words;
	enum err err = look(session, &view);
	for (size_t i = 0; i < view.count && !err; i++) {
		loaded += view.sectors[i].was_loaded;
		if (!view.sectors[i].was_loaded || view.sectors[i].is_as_loaded)
			continue;
		wrong++;
		err = add_difference(session, &view.sectors[i], out);
	}
	if (err)
		return err;
	if (!loaded)
		return session_refuse(session, ERR_TARGET_STATE,
			"nothing was loaded here since the server started; `compare-sections` "
			"compares with gdb's file");
	if (wrong)
		return session_refuse(session, ERR_FLASH_VERIFY,
			"%zu of %zu sectors are not as they were loaded", wrong, loaded);
	text_format(out, "all %zu sectors are as they were loaded\n", loaded);
	return ERR_OK;
}

/* ---- erase ---- */

static enum err run(struct session *session, struct text *out)
{
	struct gdb *gdb = session->gdb;
	struct target_load load = {0};

	enum err err = target_flash_done(gdb->target, &load);
	if (reach_is_lost_by(err)) {
		gdb_keep_failure(gdb, "the erase failed", err);
		reach_lost(gdb, err);
		return err;
	}
	inferior_stopped(gdb, STOP_SIGNAL_TRAP, TARGET_STOP_REQUEST);
	if (err) {
		gdb_keep_failure(gdb, "the erase failed", err);
		return err;
	}
	text_format(out, "%u of %u sectors were blank already, erased %u, verified, %u.%02u s\n",
		load.sectors_unchanged, load.sectors, load.sectors_erased,
		(unsigned)(load.duration_us / 1000000), (unsigned)(load.duration_us / 10000 % 100));
	return ERR_OK;
}

/* "3" or "1-4". */
static bool parse_sectors(const char *word, unsigned *first, unsigned *last)
{
	char text[16];
	uint32_t from, to;

	if ((size_t)snprintf(text, sizeof(text), "%s", word) >= sizeof(text))
		return false;
	char *dash = strchr(text, '-');
	if (dash)
		*dash++ = '\0';
	if (!monitor_number(text, &from) || !monitor_number(dash ? dash : text, &to) || to < from)
		return false;
	*first = from;
	*last = to;
	return true;
}

static enum err erase_sectors(struct session *session, unsigned first, unsigned last)
{
	struct target_sector sectors[TARGET_SECTORS_MAX];
	size_t count = target_flash_sectors(session->gdb->target, sectors), found = 0;
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && !err; i++) {
		if (sectors[i].number < first || sectors[i].number > last)
			continue;
		found++;
		err = target_flash_erase(session->gdb->target, sectors[i].start, sectors[i].size);
	}
	if (!err && found != (size_t)last - first + 1)
		err = session_refuse(session, ERR_ARGUMENT,
			"this chip has the sectors %u to %u; `monitor flash info` shows them",
			sectors[0].number, sectors[count - 1].number);
	return err;
}

static enum err erase_range(struct session *session, const struct monitor_words *words)
{
	uint32_t address, size;

	if (!monitor_number(words->word[1], &address) || !monitor_number(words->word[2], &size) ||
		!size)
		return session_refuse(session, ERR_ARGUMENT,
			"usage: monitor flash erase SECTOR[-SECTOR] | ADDRESS LENGTH");
	return target_flash_erase(session->gdb->target, address, size);
}

static enum err record_erase(struct session *session, const struct monitor_words *words)
{
	unsigned first, last;

	if (words->count == 3)
		return erase_range(session, words);
	if (words->count != 2 || !parse_sectors(words->word[1], &first, &last))
		return session_refuse(session, ERR_ARGUMENT,
			"usage: monitor flash erase SECTOR[-SECTOR] | ADDRESS LENGTH");
	return erase_sectors(session, first, last);
}

enum err monitor_flash_erase(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct target_sector sectors[TARGET_SECTORS_MAX];
	enum err err = need_flash(session, target_flash_sectors(session->gdb->target, sectors));

	if (err)
		return err;
	target_flash_forget(session->gdb->target);
	err = record_erase(session, words);
	if (!err)
		return run(session, out);
	target_flash_forget(session->gdb->target);
	return err;
}

enum err monitor_mass_erase(
	struct session *session, const struct monitor_words *words, struct text *out)
{
	struct target_sector sectors[TARGET_SECTORS_MAX];
	size_t count = target_flash_sectors(session->gdb->target, sectors);
	enum err err = need_flash(session, count);

	(void)words;
	if (err)
		return err;
	target_flash_forget(session->gdb->target);
	for (size_t i = 0; i < count && !err; i++)
		err = target_flash_erase(session->gdb->target, sectors[i].start, sectors[i].size);
	return err ? err : run(session, out);
}
