/* A board: its parts put together, its clock, its state file. See board.h. */
#include "targets/virtual/board.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board_inside.h"
#include "probe/log.h"
#include "targets/virtual/chip.h"

#define DEFAULT_PROBE  "v21"
#define DEFAULT_CHIP   "stm32f401cc"
#define DEFAULT_VDD_MV 3300

static const char *or_default(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

/* ---- parts ---- */

static void check_moments(void *board)
{
	moments_check(board);
}

static enum err build_probe(struct board *board, const struct board_options *options)
{
	const char *name = or_default(options->probe, DEFAULT_PROBE);
	const struct stlink_model *model = firmware_model_find(name);
	if (!model) {
		log_error("no probe is called '%s'; known are v2, v21, v3 and v3pwr", name);
		return ERR_ARGUMENT;
	}
	struct stlink_version version;
	const char *text = or_default(options->firmware, model->firmware);
	if (!firmware_version_parse(&version, model, text)) {
		log_error("'%s' is no firmware of a %s; one is %s", text, name, model->firmware);
		return ERR_ARGUMENT;
	}
	swd_init(&board->swd, &board->dap, &board->pins, &board->faults, &model->costs);
	firmware_init(&board->firmware, model, &version, &board->swd, &board->faults);
	const char *serial = or_default(options->serial, model->serial);
	if (!usb_device_init(&board->device, &board->firmware, serial)) {
		log_error("a serial is 24 hex digits, or 12 bytes for an old probe; this has %zu",
			strlen(serial));
		return ERR_ARGUMENT;
	}
	board->device.before_command = check_moments;
	board->device.before_context = board;
	return ERR_OK;
}

static enum err load_state(struct board *board, const char *path)
{
	if (!path)
		return ERR_OK;
	board->state_file = strdup(path);
	if (!board->state_file)
		return ERR_NO_MEMORY;
	return access(path, F_OK) == 0 ? chip_load(board->chip, path) : ERR_OK;
}

static enum err build(struct board *board, const struct board_options *options)
{
	board->chip = chip_create(or_default(options->chip, DEFAULT_CHIP));
	if (!board->chip)
		return ERR_ARGUMENT;
	/* Flash and option bytes first: the power-on reset below reads them. */
	enum err err = load_state(board, options->state_file);
	if (err)
		return err;
	stlink_faults_init(&board->faults);
	pins_init(&board->pins, &board->time, board->chip,
		options->vdd_mv ? options->vdd_mv : DEFAULT_VDD_MV);
	dap_init(&board->dap, board->chip);
	board->dap.ap.witness = &board->witness;
	return build_probe(board, options);
}

static void destroy(struct board *board)
{
	chip_destroy(board->chip);
	free(board->state_file);
	free(board);
}

enum err board_create(const struct board_options *options, struct board **board)
{
	struct board *made = calloc(1, sizeof *made);
	if (!made)
		return ERR_NO_MEMORY;
	enum err err = build(made, options);
	if (err)
		destroy(made);
	else
		*board = made;
	return err;
}

void board_destroy(struct board *board)
{
	if (!board)
		return;
	enum err err = board_save(board);
	(void)err; /* logged, and nothing is left to be done about it */
	destroy(board);
}

/* ---- state ---- */

/* Grows with each operation of the flash controller. */
static uint64_t flash_changes(const struct chip_books *books)
{
	uint64_t changes = books->mass_erases + books->flash_errors;
	for (int width = 0; width < 3; width++)
		changes += books->erases[width] + books->programmed[width];
	return changes;
}

bool board_is_dirty(const struct board *board)
{
	return board->state_file && flash_changes(chip_books(board->chip)) != board->saved_changes;
}

enum err board_save(struct board *board)
{
	if (!board->state_file)
		return ERR_OK;
	enum err err = chip_save(board->chip, board->state_file);
	if (!err)
		board->saved_changes = flash_changes(chip_books(board->chip));
	return err;
}

/* ---- time ---- */

uint64_t board_now_ns(const struct board *board)
{
	return board->time.now_ns;
}

void board_run(struct board *board, uint64_t ns)
{
	timebase_spend(&board->time, TIME_IDLE, ns);
	pins_run_chip(&board->pins);
	moments_check(board);
}
