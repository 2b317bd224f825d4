/*
 * The program's log: lines for people, on stderr, and in a file if one is wanted.
 *
 * Any thread may log; a line is written with one write, so lines never mix. An error or warning
 * says what failed, the measured fact, and one next step. Info is what a user of a healthy session
 * sees (a handful of lines); debug and trace are for reports.
 */
#ifndef PROBE_LOG_H
#define PROBE_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

/* Lines above this level are dropped. Default: LOG_INFO. Set it before threads start. */
void log_set_level(enum log_level level);

/* Writes every line to this file, too, with the time of day; appends. Before threads start. False
 * and errno when it cannot be opened. */
bool log_open(const char *path);

/* Whether a line of this level would be written: for callers whose arguments cost something. */
bool log_enabled(enum log_level level);

/* Writes one line; `format` without a newline. Cut at 1,000 bytes. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A thread's lines also go to its listener, if it has one (NULL takes it away). `text` is the line
 * without level and newline; it is valid during the call only. Used to show a gdb user what the
 * worker of the board had to say. */
typedef void log_listener(void *context, enum log_level level, const char *text);
void log_listen(log_listener *listener, void *context);

/* While it is on, this thread's lines of every level are debug lines, for the log and for its
 * listener: for looks and retries whose failure is told already, or judged later. Returns what it
 * was. */
bool log_quiet(bool on);

/* NOLINTBEGIN(readability-identifier-naming): they read as the functions they stand for */
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define log_trace(...) log_line(LOG_TRACE, __VA_ARGS__)
/* NOLINTEND(readability-identifier-naming) */

#endif
