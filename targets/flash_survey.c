/* What the chip holds where a load writes: see flash_survey.h. Worker thread. */
#include "flash_survey.h"

#include "crc32.h"
#include "flash_loader.h"
#include "loader/layout.h"
#include "probe/bytes.h"

#include <stdlib.h>
#include <string.h>

#define PIECES      16u    /* of a sector: fine enough to see what an interrupted load has done */
#define PIECE_MAX   8192u  /* of the largest sector */
#define PIECE_AFTER 16384u /* coarse: nothing is expected to differ */
#define READS_MAX   4u     /* pieces of a sector worth reading back to save its erase */

/* ---- rows ---- */

static bool add_row(struct flash_survey *survey, const struct survey_row *row)
{
	if (survey->count == survey->capacity) {
		size_t capacity = survey->capacity ? survey->capacity * 2 : 128;
		struct survey_row *rows = realloc(survey->rows, capacity * sizeof(*rows));
		if (!rows)
			return false;
		survey->rows = rows;
		survey->capacity = capacity;
	}
	survey->rows[survey->count++] = *row;
	return true;
}

void flash_survey_finish(struct flash_survey *survey)
{
	free(survey->rows);
	*survey = (struct flash_survey){0};
}

/* What a word is to the row that it might belong to. */
enum word_kind { WORD_UNWRITTEN, WORD_PARTIAL, WORD_WHOLE };

static enum word_kind kind_before(const struct flash_record *record, uint32_t offset)
{
	if (!flash_record_has_word(record, offset))
		return WORD_UNWRITTEN;
	return flash_record_has_whole_word(record, offset) ? WORD_WHOLE : WORD_PARTIAL;
}

/* How the words of a sector are made into rows. */
struct cutting {
	size_t sector;
	uint32_t piece;
	bool parts;      /* partly written words get a row of their own */
	bool blanks;     /* unwritten words are wanted blank */
	uint32_t except; /* two words that belong to no row */
};

static bool is_excepted(const struct cutting *cut, uint32_t offset)
{
	return offset - cut->except < 8;
}

/* The row that this word would begin; false when it belongs to none. */
static bool begin_row(const struct flash_record *record, const struct cutting *cut, uint32_t offset,
	struct survey_row *row)
{
	enum word_kind kind = kind_before(record, offset);
	*row = (struct survey_row){.first = offset, .end = offset + 4, .sector = cut->sector};
	row->is_blank = kind == WORD_UNWRITTEN;
	row->is_partial = kind == WORD_PARTIAL && cut->parts;
	return !is_excepted(cut, offset) && (!row->is_blank || cut->blanks);
}

static bool joins(
	const struct survey_row *row, const struct survey_row *next, const struct cutting *cut)
{
	return !row->is_partial && !next->is_partial && row->is_blank == next->is_blank &&
	       next->first == row->end && next->first % cut->piece != 0;
}

static bool cut_sector(struct flash_survey *survey, const struct cutting *cut)
{
	const struct device *device = survey->record->device;
	uint32_t first = device->sectors[cut->sector].start - device->flash_start;
	uint32_t end = first + device->sectors[cut->sector].size;
	struct survey_row row = {0};
	for (uint32_t at = first; at < end; at += 4) {
		struct survey_row next;
		if (!begin_row(survey->record, cut, at, &next))
			continue;
		if (row.end && joins(&row, &next, cut)) {
			row.end += 4;
			continue;
		}
		if (row.end && !add_row(survey, &row))
			return false;
		row = next;
	}
	return !row.end || add_row(survey, &row);
}

/* ---- sums ---- */

static void sum_up(const uint8_t *data, size_t size, struct survey_row *row)
{
	row->crc = crc32_add(CRC32_INITIAL, data, size);
	row->sum = 0;
	row->all = 0xFFFFFFFF;
	for (size_t i = 0; i < size; i += 4) {
		uint32_t word = get_le32(data + i);
		row->sum = row->sum * SURVEY_FACTOR + word;
		row->all &= word;
	}
}

static void read_row(
	struct flash_survey *survey, struct bus *bus, const struct survey_row *row, uint8_t *held)
{
	uint32_t address = survey->record->device->flash_start + row->first;
	bus_read_block(bus, address, held, row->end - row->first);
}

/* The way without a loader: everything comes over the wire. */
static void sum_by_reading(struct flash_survey *survey, struct bus *bus)
{
	for (size_t i = 0; i < survey->count && !bus->err; i++) {
		struct survey_row *row = &survey->rows[i];
		uint8_t *held = malloc(row->end - row->first);
		if (!held) {
			bus_fail(bus, ERR_NO_MEMORY);
			return;
		}
		read_row(survey, bus, row, held);
		sum_up(held, row->end - row->first, row);
		free(held);
	}
}

static void sum_rows(struct flash_survey *survey, struct flash_loader *loader, struct bus *bus)
{
	if (loader)
		flash_loader_sum(
			loader, survey->record->device->flash_start, survey->rows, survey->count);
	else
		sum_by_reading(survey, bus);
}

/* ---- verdicts ---- */

static bool is_equal(const struct flash_survey *survey, const struct survey_row *row)
{
	struct survey_row wanted;
	if (row->is_blank)
		return row->all == 0xFFFFFFFF;
	sum_up(survey->record->data + row->first, row->end - row->first, &wanted);
	return row->crc == wanted.crc && row->sum == wanted.sum;
}

/* The row is one word, so that ANDing all its words gives the word itself. */
static enum survey_verdict judge_partial(
	const struct flash_survey *survey, const struct survey_row *row)
{
	uint32_t wanted = get_le32(survey->record->data + row->first), mask = 0;
	for (uint32_t i = 0; i < 4; i++)
		if (flash_record_has_byte(survey->record, row->first + i))
			mask |= 0xFFu << 8 * i;
	if (((row->all ^ wanted) & mask) == 0)
		return SURVEY_EQUAL;
	return (row->all & wanted & mask) == (wanted & mask) ? SURVEY_COMPATIBLE : SURVEY_DIFFERENT;
}

static enum survey_verdict judge(const struct flash_survey *survey, const struct survey_row *row)
{
	if (row->is_partial)
		return judge_partial(survey, row);
	if (is_equal(survey, row))
		return SURVEY_EQUAL;
	return row->all == 0xFFFFFFFF ? SURVEY_BLANK : SURVEY_DIFFERENT;
}

static bool fits_without_erase(const uint8_t *held, const uint8_t *wanted, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((held[i] & wanted[i]) != wanted[i])
			return false;
	return true;
}

static void look_closer(struct flash_survey *survey, struct bus *bus, struct survey_row *row)
{
	uint8_t held[PIECE_MAX];
	read_row(survey, bus, row, held);
	if (!bus->err &&
		fits_without_erase(held, survey->record->data + row->first, row->end - row->first))
		row->verdict = SURVEY_COMPATIBLE;
}

/* A sector with few differing pieces may only need ones to become zeros: the piece at which an
 * earlier load was interrupted is such a one. The first that needs an erase decides. */
static void look_closer_at_sector(
	struct flash_survey *survey, struct bus *bus, size_t first, size_t end)
{
	size_t different = 0;
	for (size_t i = first; i < end; i++)
		different += survey->rows[i].verdict == SURVEY_DIFFERENT;
	if (different > READS_MAX && survey->record->erase[survey->rows[first].sector])
		return;
	for (size_t i = first; i < end && !bus->err; i++) {
		struct survey_row *row = &survey->rows[i];
		if (row->verdict != SURVEY_DIFFERENT)
			continue;
		if (!row->is_partial && !row->is_blank)
			look_closer(survey, bus, row);
		if (row->verdict == SURVEY_DIFFERENT)
			return;
	}
}

static void judge_all(struct flash_survey *survey)
{
	for (size_t i = 0; i < survey->count; i++)
		survey->rows[i].verdict = judge(survey, &survey->rows[i]);
}

/* ---- the two surveys ---- */

static void begin(struct flash_survey *survey, const struct flash_record *record)
{
	*survey = (struct flash_survey){.record = record};
}

void flash_survey_before(struct flash_survey *survey, const struct flash_record *record,
	struct flash_loader *loader, struct bus *bus)
{
	begin(survey, record);
	for (size_t i = 0; i < record->device->sector_count; i++) {
		const struct flash_sector *sector = &record->device->sectors[i];
		bool written = flash_record_writes(record, sector);
		struct cutting cut = {.sector = i, .parts = true, .except = FLASH_NOWHERE};
		cut.piece = written ? sector->size / PIECES : sector->size;
		cut.blanks = !written && record->erase[i];
		if (!cut_sector(survey, &cut))
			bus_fail(bus, ERR_NO_MEMORY);
	}
	sum_rows(survey, loader, bus);
	if (bus->err)
		return;
	judge_all(survey);
	size_t first = 0;
	for (size_t i = 1; i <= survey->count; i++) {
		if (i < survey->count && survey->rows[i].sector == survey->rows[first].sector)
			continue;
		look_closer_at_sector(survey, bus, first, i);
		first = i;
	}
}

void flash_survey_after(struct flash_survey *survey, const struct flash_record *record,
	struct flash_loader *loader, struct bus *bus, const enum flash_fate *fates, uint32_t except)
{
	begin(survey, record);
	for (size_t i = 0; i < record->device->sector_count; i++) {
		struct cutting cut = {.sector = i, .piece = PIECE_AFTER, .except = except};
		cut.blanks = fates[i] == FLASH_ERASED;
		if (fates[i] != FLASH_UNTOUCHED && fates[i] != FLASH_UNCHANGED &&
			!cut_sector(survey, &cut))
			bus_fail(bus, ERR_NO_MEMORY);
	}
	sum_rows(survey, loader, bus);
	if (!bus->err)
		judge_all(survey);
}
