/*
 * The books of a board as JSON: what was asked of it and what that cost. Every benchmark reads
 * these.
 *
 * `usb`, `firmware`, `swd` and `idle` add up to `time_ns`. A refused or unfinished transfer is not
 * counted; an SWD transfer that was answered WAIT is, and once more in `swd_waits`.
 */
#include <inttypes.h>

#include "board_inside.h"
#include "stlink_commands.h"
#include "targets/virtual/chip.h"

static void number(struct text *text, const char *name, uint64_t value)
{
	text_add(text, "\"%s\":%" PRIu64 ",", name, value);
}

/* Takes the comma back that the last member left. */
static void close_object(struct text *text, const char *end)
{
	if (text->used > 0 && text->bytes[text->used - 1] == ',')
		text->used--;
	text_add(text, "%s", end);
}

static void write_time(const struct timebase *time, struct text *text)
{
	number(text, "time_ns", time->now_ns);
	number(text, "usb_ns", time->spent_ns[TIME_USB]);
	number(text, "firmware_ns", time->spent_ns[TIME_FIRMWARE]);
	number(text, "swd_ns", time->spent_ns[TIME_SWD]);
	number(text, "idle_ns", time->spent_ns[TIME_IDLE]);
}

static void write_usb(const struct usb_counts *counts, struct text *text)
{
	number(text, "usb_out", counts->out);
	number(text, "usb_in", counts->in);
	number(text, "usb_trace", counts->trace);
	number(text, "usb_control", counts->control);
	number(text, "usb_out_bytes", counts->out_bytes);
	number(text, "usb_in_bytes", counts->in_bytes);
	number(text, "usb_trace_bytes", counts->trace_bytes);
}

static void write_commands(const struct firmware *firmware, struct text *text)
{
	text_add(text, "\"commands\":{");
	for (size_t i = 0; firmware_command_name(i); i++)
		if (firmware->counts[i] > 0)
			number(text, firmware_command_name(i), firmware->counts[i]);
	if (firmware->unknown_commands > 0)
		number(text, "unknown", firmware->unknown_commands);
	close_object(text, "},");
}

static void write_widths(struct text *text, const char *name, const uint64_t counts[3])
{
	text_add(text, "\"%s\":{\"x8\":%" PRIu64 ",\"x16\":%" PRIu64 ",\"x32\":%" PRIu64 "},", name,
		counts[0], counts[1], counts[2]);
}

static void write_chip(const struct chip_books *books, struct text *text)
{
	number(text, "instructions", books->instructions);
	write_widths(text, "erases", books->erases);
	number(text, "mass_erases", books->mass_erases);
	write_widths(text, "programmed", books->programmed);
	number(text, "erase_ns", books->erase_ns);
	number(text, "program_ns", books->program_ns);
	number(text, "flash_errors", books->flash_errors);
	number(text, "resets", books->resets);
	number(text, "power_resets", books->power_resets);
}

void board_write_books(const struct board *board, struct text *text)
{
	text_add(text, "{");
	write_time(&board->time, text);
	write_usb(&board->device.counts, text);
	number(text, "swd_words", board->swd.transfers);
	number(text, "swd_waits", board->swd.waits);
	write_commands(&board->firmware, text);
	write_chip(chip_books(board->chip), text);
	close_object(text, "}");
}
