/* Lines that wait for the flash. See the header. */
#include "moments.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "board_inside.h"
#include "probe/log.h"
#include "targets/virtual/chip.h"

#define ANY_SECTOR UINT64_MAX

static uint64_t programmed(const struct board *board)
{
	const struct chip_books *books = chip_books(board->chip);
	return books->programmed[0] + books->programmed[1] + books->programmed[2];
}

/* ---- adding ---- */

/* The number behind the colon of a word, or what it is without one. */
static bool parse_number(const char *colon, const char *end, uint64_t otherwise, uint64_t *number)
{
	char *after;
	*number = otherwise;
	if (colon == end)
		return true;
	*number = strtoull(colon + 1, &after, 10);
	return *colon == ':' && after > colon + 1 && after == end;
}

static bool parse_moment(
	const struct board *board, const char *word, size_t length, struct moment *moment)
{
	const char *end = word + length;
	size_t name = strcspn(word, ": ");
	bool is_erase = name == 5 && strncmp(word, "erase", name) == 0;
	bool is_program = name == 7 && strncmp(word, "program", name) == 0;
	moment->kind = is_erase ? MOMENT_ERASE : MOMENT_PROGRAM;
	if (!parse_number(word + name, end, is_erase ? ANY_SECTOR : 1, &moment->number))
		return false;
	if (is_program)
		moment->number += programmed(board);
	return is_erase || is_program;
}

/* "+20ms " or nothing; *words goes behind it. */
static bool parse_delay(const char **words, uint64_t *delay_ns)
{
	char *end;
	*delay_ns = 0;
	if (**words != '+')
		return true;
	uint64_t number = strtoull(*words + 1, &end, 10);
	bool is_ms = strncmp(end, "ms ", 3) == 0;
	bool is_us = strncmp(end, "us ", 3) == 0;
	*delay_ns = number * (is_ms ? NS_PER_MS : NS_PER_US);
	*words = end + 3;
	return is_ms || is_us;
}

const char *moments_add(struct board *board, const char *words)
{
	struct moment moment = {.kind = MOMENT_NONE};
	size_t length = strcspn(words, " ");
	if (!parse_moment(board, words, length, &moment))
		return "a moment is erase[:SECTOR] or program[:COUNT]";
	words += length;
	words += strspn(words, " ");
	if (!parse_delay(&words, &moment.delay_ns) || !*words || strlen(words) >= MOMENT_LINE)
		return "behind the moment comes [+DELAY] LINE, with a delay in ms or us";
	memcpy(moment.line, words, strlen(words) + 1);
	for (size_t i = 0; i < MOMENTS_MAX; i++)
		if (board->moments.all[i].kind == MOMENT_NONE) {
			board->moments.all[i] = moment;
			return NULL;
		}
	return "too many lines wait already";
}

/* ---- obeying ---- */

static bool is_met(const struct board *board, const struct moment *moment)
{
	unsigned sector = 0;
	if (moment->kind == MOMENT_PROGRAM)
		return programmed(board) >= moment->number;
	return chip_is_erasing(board->chip, &sector) &&
	       (moment->number == ANY_SECTOR || moment->number == sector);
}

static void obey(struct board *board, struct moment *moment)
{
	struct moments *moments = &board->moments;
	char reply[256];
	if (!moments->first_ns) {
		moments->first_ns = board_now_ns(board);
		witness_forget(&board->witness);
	}
	moments->last_ns = board_now_ns(board);
	moment->kind = MOMENT_NONE;
	if (board_control(board, moment->line, reply, sizeof reply) == ERR_OK)
		return;
	log_error("control: '%s' was not understood when its moment came", moment->line);
	moments->wrong = true;
}

void moments_check(struct board *board)
{
	for (size_t i = 0; i < MOMENTS_MAX; i++) {
		struct moment *moment = &board->moments.all[i];
		if (moment->kind == MOMENT_NONE)
			continue;
		pins_run_chip(&board->pins);
		if (!moment->met_ns && is_met(board, moment))
			moment->met_ns = board_now_ns(board);
		if (moment->met_ns && board_now_ns(board) >= moment->met_ns + moment->delay_ns)
			obey(board, moment);
	}
}

bool moments_run(const struct moments *moments)
{
	for (size_t i = 0; i < MOMENTS_MAX; i++)
		if (moments->all[i].kind != MOMENT_NONE && moments->all[i].met_ns)
			return true;
	return false;
}

void moments_write(const struct moments *moments, struct text *text)
{
	unsigned waiting = 0;
	for (size_t i = 0; i < MOMENTS_MAX; i++)
		waiting += moments->all[i].kind != MOMENT_NONE;
	text_add(text,
		"{\"waiting\":%u,\"first_ns\":%" PRIu64 ",\"last_ns\":%" PRIu64 ",\"wrong\":%s}",
		waiting, moments->first_ns, moments->last_ns, moments->wrong ? "true" : "false");
}
