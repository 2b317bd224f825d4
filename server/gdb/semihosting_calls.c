/* The semihosting calls: the table, and the calls that need nothing but a clock. Worker thread. */
#include "semihosting_calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fileio.h"
#include "probe/bytes.h"
#include "session.h"

#define APPLICATION_EXIT 0x20026
#define TICKS_PER_SECOND 1000000
#define COMMAND_MAX      1024

static uint64_t elapsed_us(const struct gdb *gdb)
{
	return gdb_now_us(gdb) - gdb->semihosting.start_us;
}

static enum call_outcome is_error(struct gdb *gdb, struct semihosting_call *call)
{
	(void)gdb;
	return call_return(call, (int32_t)call->word[0] < 0);
}

/* tmp00 to tmpff, for the identifiers 0 to 255. */
static enum call_outcome temporary_name(struct gdb *gdb, struct semihosting_call *call)
{
	char name[16];
	int length = snprintf(name, sizeof(name), "tmp%02x", call->word[1] & 0xff);

	if (call->word[1] > 0xff || call->word[2] <= (uint32_t)length)
		return call_fail(gdb, call, EINVAL);
	if (!call_write(gdb, call, call->word[0], name, (size_t)length + 1))
		return call_return(call, UINT32_MAX);
	return call_return(call, 0);
}

static enum call_outcome clock_centiseconds(struct gdb *gdb, struct semihosting_call *call)
{
	return call_return(call, (uint32_t)(elapsed_us(gdb) / 10000));
}

static enum call_outcome seconds_since_1970(struct gdb *gdb, struct semihosting_call *call)
{
	(void)gdb;
	return call_return(call, (uint32_t)time(NULL));
}

static enum call_outcome system_ended(
	struct gdb *gdb, struct semihosting_call *call, int32_t result, int error)
{
	return result < 0 ? call_fail(gdb, call, error) : call_return(call, (uint32_t)result);
}

/* gdb runs nothing unless its user has said `set remote system-call-allowed 1`. */
static enum call_outcome run_command(struct gdb *gdb, struct semihosting_call *call)
{
	if (call->word[1] >= COMMAND_MAX)
		return call_fail(gdb, call, EINVAL);
	return fileio_request(
		gdb, call, system_ended, "Fsystem,%x/%x", call->word[0], call->word[1] + 1);
}

static enum call_outcome last_error(struct gdb *gdb, struct semihosting_call *call)
{
	return call_return(call, (uint32_t)gdb->semihosting.last_error);
}

static enum call_outcome get_cmdline(struct gdb *gdb, struct semihosting_call *call)
{
	const struct text *cmdline = &gdb->semihosting.cmdline;
	uint8_t length[4];

	if (call->word[1] <= cmdline->size)
		return call_fail(gdb, call, EINVAL);
	put_le32(length, (uint32_t)cmdline->size);
	if (!call_write(gdb, call, call->word[0], text_string(cmdline), cmdline->size + 1) ||
		!call_write(gdb, call, call->argument + 4, length, sizeof(length)))
		return call_return(call, UINT32_MAX);
	return call_return(call, 0);
}

/* Zeros: the program's own linker script knows better. */
static enum call_outcome heap_info(struct gdb *gdb, struct semihosting_call *call)
{
	static const uint8_t nothing[16];

	(void)call_write(gdb, call, call->word[0], nothing, sizeof(nothing));
	return CALL_DONE;
}

/* With R1 itself for the reason there is no code to tell: an error is 1. */
static enum call_outcome exit_simple(struct gdb *gdb, struct semihosting_call *call)
{
	return call_exit(gdb, call, call->argument == APPLICATION_EXIT ? 0 : 1);
}

static enum call_outcome exit_extended(struct gdb *gdb, struct semihosting_call *call)
{
	return call_exit(gdb, call, call->word[0] == APPLICATION_EXIT ? call->word[1] & 0xff : 1);
}

static enum call_outcome elapsed_ticks(struct gdb *gdb, struct semihosting_call *call)
{
	uint64_t ticks = elapsed_us(gdb);
	uint8_t bytes[8];

	put_le32(bytes, (uint32_t)ticks);
	put_le32(bytes + 4, (uint32_t)(ticks >> 32));
	if (!call_write(gdb, call, call->argument, bytes, sizeof(bytes)))
		return call_return(call, UINT32_MAX);
	return call_return(call, 0);
}

static enum call_outcome tick_frequency(struct gdb *gdb, struct semihosting_call *call)
{
	(void)gdb;
	return call_return(call, TICKS_PER_SECOND);
}

static const struct call_rule rules[] = {
	{"SYS_OPEN", call_open, 0x01, 3},
	{"SYS_CLOSE", call_close, 0x02, 1},
	{"SYS_WRITEC", call_write_char, 0x03, 0},
	{"SYS_WRITE0", call_write_string, 0x04, 0},
	{"SYS_WRITE", call_write_file, 0x05, 3},
	{"SYS_READ", call_read_file, 0x06, 3},
	{"SYS_READC", call_read_char, 0x07, 0},
	{"SYS_ISERROR", is_error, 0x08, 1},
	{"SYS_ISTTY", call_is_tty, 0x09, 1},
	{"SYS_SEEK", call_seek, 0x0a, 2},
	{"SYS_FLEN", call_length, 0x0c, 1},
	{"SYS_TMPNAM", temporary_name, 0x0d, 3},
	{"SYS_REMOVE", call_remove, 0x0e, 2},
	{"SYS_RENAME", call_rename, 0x0f, 4},
	{"SYS_CLOCK", clock_centiseconds, 0x10, 0},
	{"SYS_TIME", seconds_since_1970, 0x11, 0},
	{"SYS_SYSTEM", run_command, 0x12, 2},
	{"SYS_ERRNO", last_error, 0x13, 0},
	{"SYS_GET_CMDLINE", get_cmdline, 0x15, 2},
	{"SYS_HEAPINFO", heap_info, 0x16, 1},
	{"SYS_EXIT", exit_simple, 0x18, 0},
	{"SYS_EXIT_EXTENDED", exit_extended, 0x20, 2},
	{"SYS_ELAPSED", elapsed_ticks, 0x30, 0},
	{"SYS_TICKFREQ", tick_frequency, 0x31, 0},
};

const struct call_rule *call_find(uint32_t number)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].number == number)
			return &rules[i];
	}
	return NULL;
}
