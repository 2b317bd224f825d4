/*
 * Which word was meant: finds the known word nearest to a mistyped one. Pure; any thread.
 */
#ifndef SERVER_NEAREST_H
#define SERVER_NEAREST_H

#include <stddef.h>

/* The index in `words` of the one that takes the fewest single-letter edits to reach from `word`,
 * ignoring case; `count` when none is within a third of the length of the longer one. */
size_t nearest_word(const char *word, const char *const *words, size_t count);

#endif
