/* Which word was meant: Levenshtein distance over a list. Pure; any thread. */
#include "nearest.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 40

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits between two words of at most WORD_MAX letters. */
static size_t distance(const char *from, const char *to)
{
	size_t row[WORD_MAX + 1];
	size_t columns = strlen(to);

	for (size_t j = 0; j <= columns; j++)
		row[j] = j;
	for (size_t i = 0; from[i]; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < columns; j++) {
			int same = tolower((unsigned char)from[i]) == tolower((unsigned char)to[j]);
			size_t replaced = diagonal + (same ? 0 : 1);
			diagonal = row[j + 1];
			row[j + 1] = smaller(replaced, smaller(diagonal, row[j]) + 1);
		}
	}
	return row[columns];
}

size_t nearest_word(const char *word, const char *const *words, size_t count)
{
	size_t best = count, best_distance = WORD_MAX;

	if (strlen(word) > WORD_MAX)
		return count;
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(words[i]);
		if (length > WORD_MAX)
			continue;
		if (length < strlen(word))
			length = strlen(word);
		size_t edits = distance(word, words[i]);
		if (edits < best_distance && 3 * edits <= length) {
			best = i;
			best_distance = edits;
		}
	}
	return best;
}
