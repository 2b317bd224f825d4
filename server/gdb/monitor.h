/*
 * The monitor commands: the tables, for monitor.c. Worker thread.
 */
#ifndef SERVER_GDB_MONITOR_H
#define SERVER_GDB_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session.h"

#define MONITOR_WORDS_MAX 16

struct monitor_words {
	const char *word[MONITOR_WORDS_MAX];  /* lower case; [0] is the command's last word */
	const char *typed[MONITOR_WORDS_MAX]; /* the same as the user wrote them */
	size_t count;
};

/* Appends to `out` what the user is to see, on an error, too. */
typedef enum err monitor_handler(
	struct session *session, const struct monitor_words *words, struct text *out);

struct monitor_command {
	const char *name;      /* one word or more; the longest that fits is meant */
	const char *arguments; /* for the help */
	const char *help;      /* NULL: another name of the command above it */
	size_t words_max;      /* with one for the command itself */
	bool controls;         /* for the controller only */
	monitor_handler *run;
};

extern const struct monitor_command monitor_commands[];
extern const size_t monitor_command_count;

/* What other servers call it: rewritten before the command is looked up. */
struct monitor_dialect {
	const char *theirs; /* words; what follows them is kept, or dropped after a '-' */
	const char *ours;   /* "": accepted, and there is nothing to do */
};

extern const struct monitor_dialect monitor_dialects[];
extern const size_t monitor_dialect_count;

/* What a command says that needs the target, when it is not attached. */
enum err monitor_refuse_detached(struct session *session) MUST_USE;

/* monitor_diagnose.c */
monitor_handler monitor_diagnose;

/* monitor_option.c */
monitor_handler monitor_option, monitor_unlock, monitor_connect_under_reset;

/* monitor_run.c */
monitor_handler monitor_reset, monitor_halt, monitor_wait_halt, monitor_resume, monitor_step;

/* monitor_memory.c */
monitor_handler monitor_show_words, monitor_show_halfwords, monitor_show_bytes;
monitor_handler monitor_write_words, monitor_write_halfwords, monitor_write_bytes, monitor_reg;

/* A number as C writes it; false for anything else. */
bool monitor_number(const char *word, uint32_t *number);

/* monitor_flash.c */
monitor_handler monitor_flash_info, monitor_flash_verify, monitor_flash_erase_check;
monitor_handler monitor_flash_erase, monitor_mass_erase;

/* monitor_semihosting.c */
monitor_handler monitor_semihosting, monitor_semihosting_fileio, monitor_semihosting_cmdline;

#endif
