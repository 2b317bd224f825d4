/* The chips that are known: see chips.h. */
#include "chips.h"

#include <strings.h>

#include "nearest.h"
#include "probe/log.h"
#include "targets/target.h"

#define CHIPS_MAX 64

static size_t list(const char *names[CHIPS_MAX])
{
	size_t count = 0;

	while (count < CHIPS_MAX && (names[count] = target_chip_name(count)))
		count++;
	return count;
}

void chips_print(FILE *file)
{
	const char *names[CHIPS_MAX];
	size_t count = list(names);

	for (size_t i = 0; i < count; i++)
		(void)fprintf(file, "%s\n", names[i]);
}

bool chips_check(const char *name)
{
	const char *names[CHIPS_MAX];
	size_t count = list(names);

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	size_t nearest = nearest_word(name, names, count);
	if (nearest < count)
		log_error("no chip is called \"%s\"; did you mean %s? --list-chips lists all", name,
			names[nearest]);
	else
		log_error("no chip is called \"%s\"; --list-chips lists all", name);
	return false;
}
