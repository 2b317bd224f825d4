/* The catalogue of causes: see causes.h. */
#include "causes.h"

#include <stddef.h>
#include <stdint.h>

#include "targets/target.h"

/* A {name} stands for a measured value; some begin with a blank or a verb of their own. */
static void print_text(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (*text == '{')
			(void)fputc('<', file);
		else if (*text == '}')
			(void)fputc('>', file);
		else if (*text == '|')
			(void)fputs("\\|", file);
		else
			(void)fputc(*text, file);
	}
}

void causes_print(FILE *file)
{
	struct target_cause cause;
	size_t count = target_cause(SIZE_MAX, &cause);

	(void)fputs("| code | cause | evidence | remedy |\n|---|---|---|---|\n", file);
	for (size_t i = 0; i < count; i++) {
		(void)target_cause(i, &cause);
		(void)fprintf(file, "| %s | ", cause.code);
		print_text(file, cause.cause);
		(void)fputs(" | ", file);
		print_text(file, cause.evidence);
		(void)fputs(" | ", file);
		print_text(file, cause.remedy);
		(void)fputs(" |\n", file);
	}
}
