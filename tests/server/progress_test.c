/* Progress of a load: one line per phase on a terminal, plain lines elsewhere. */
#include "server/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/prelude.h"

static char shown[4096];

static struct progress progress;

static void start(bool is_terminal)
{
	progress_init(&progress);
	progress.is_terminal = is_terminal;
}

/* What `act` writes to stderr. */
static void capture(void (*act)(void))
{
	int pipes[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	act();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(pipes[1]);
	ssize_t size = read(pipes[0], shown, sizeof(shown) - 1);
	assert_true(size > 0);
	shown[size] = '\0';
	close(pipes[0]);
}

static void two_phases(void)
{
	for (uint32_t done = 0; done <= 100; done += 50)
		progress_show(&progress,
			&(struct target_progress){
				.phase = TARGET_CHECKING, .done = done, .total = 100},
			NULL);
	for (uint32_t done = 0; done <= 3000; done += 300)
		progress_show(&progress,
			&(struct target_progress){TARGET_WRITING, done, 3000, 5, 78404}, NULL);
}

static void only_writing(void)
{
	progress_show(&progress, &(struct target_progress){TARGET_WRITING, 0, 1, 0, 4}, NULL);
}

static void plain_lines_elsewhere(void **state)
{
	(void)state;
	start(false);
	capture(two_phases);
	assert_string_equal(shown, "comparing with what the chip holds\n"
				   "erasing 5 sectors, writing 78404 bytes\n");
}

static void one_line_a_phase_on_a_terminal(void **state)
{
	size_t newlines = 0;

	(void)state;
	start(true);
	capture(two_phases);
	for (const char *at = shown; *at; at++)
		newlines += *at == '\n';
	assert_int_equal(newlines, 2);
	assert_non_null(strstr(shown, "\r\033[Kcomparing with what the chip holds: 50 %\r"));
	assert_non_null(strstr(shown, "\r\033[Kcomparing with what the chip holds: 100 %\n"));
	assert_non_null(strstr(shown, "\r\033[Kerasing 5 sectors, writing 78404 bytes: 40 %\r"));
}

/* A second load shows its phases again. */
static void each_load_begins_anew(void **state)
{
	(void)state;
	start(false);
	capture(two_phases);
	char first[sizeof(shown)];
	(void)snprintf(first, sizeof(first), "%s", shown);
	capture(two_phases);
	assert_string_equal(shown, first);
}

static void without_an_erase_none_is_spoken_of(void **state)
{
	(void)state;
	start(false);
	capture(only_writing);
	assert_string_equal(shown, "writing 4 bytes\n");
}

static void nothing_to_do_is_done(void **state)
{
	(void)state;
	start(false);
	progress_show(&progress, &(struct target_progress){.phase = TARGET_VERIFYING}, NULL);
	assert_int_equal(progress.percent, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines_elsewhere),
		cmocka_unit_test(one_line_a_phase_on_a_terminal),
		cmocka_unit_test(each_load_begins_anew),
		cmocka_unit_test(without_an_erase_none_is_spoken_of),
		cmocka_unit_test(nothing_to_do_is_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
