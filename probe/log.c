/* The log: level filter, one write a line, a listener per thread. Any thread. */
#include "probe/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1000
#define TIME_BYTES     32
#define NS_PER_MS      1000000

static enum log_level threshold = LOG_INFO;
static int file = -1;
static _Thread_local log_listener *thread_listener;
static _Thread_local void *thread_context;
static _Thread_local bool thread_is_quiet;

static const char *const prefixes[] = {
	[LOG_ERROR] = "error: ",
	[LOG_WARN] = "warning: ",
	[LOG_INFO] = "",
	[LOG_DEBUG] = "debug: ",
	[LOG_TRACE] = "trace: ",
};

void log_set_level(enum log_level level)
{
	threshold = level;
}

bool log_open(const char *path)
{
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return file >= 0;
}

bool log_enabled(enum log_level level)
{
	return level <= threshold;
}

void log_listen(log_listener *listener, void *context)
{
	thread_listener = listener;
	thread_context = context;
}

bool log_quiet(bool on)
{
	bool was = thread_is_quiet;

	thread_is_quiet = on;
	return was;
}

/* Once: who has it written looks at it when something has gone wrong, and that is too late. */
static void tell_of_gaps(int error)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	char text[LINE_MAX_BYTES];

	if (atomic_flag_test_and_set(&told))
		return;
	int length = snprintf(text, sizeof(text),
		"warning: the log file has gaps: %s; make room, or give another --log\n",
		strerror(error));
	ssize_t written = write(STDERR_FILENO, text, (size_t)length);
	(void)written;
}

/* One write, so that the lines of threads do not mix; a full disk ends no session. */
static void write_to_file(const char *line, size_t length)
{
	char text[TIME_BYTES + LINE_MAX_BYTES + 1];
	struct timespec now;
	struct tm day;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &day);
	size_t size = strftime(text, TIME_BYTES, "%F %T", &day);
	size += (size_t)snprintf(
		text + size, TIME_BYTES - size, ".%03u ", (unsigned)(now.tv_nsec / NS_PER_MS));
	memcpy(text + size, line, length);
	if (write(file, text, size + length) < 0)
		tell_of_gaps(errno);
}

/* stderr may be a closed pipe; a log line that nobody can read is not an error of the program. */
static void write_line(char *line, size_t length)
{
	line[length++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, length);
	(void)written;
	if (file >= 0)
		write_to_file(line, length);
}

void log_line(enum log_level level, const char *format, ...)
{
	if (thread_is_quiet && level < LOG_DEBUG)
		level = LOG_DEBUG;
	if (!log_enabled(level))
		return;

	char line[LINE_MAX_BYTES + 1];
	size_t prefix = strlen(prefixes[level]);
	memcpy(line, prefixes[level], prefix);

	va_list arguments;
	va_start(arguments, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang-tidy 14 misses va_start */
	int length = vsnprintf(line + prefix, LINE_MAX_BYTES - prefix, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;

	size_t end = strnlen(line, LINE_MAX_BYTES);
	if (thread_listener)
		thread_listener(thread_context, level, line + prefix);
	write_line(line, end);
}
