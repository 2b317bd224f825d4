/* Sockets from systemd. Main thread. */
#include "activation.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_FD 3
#define FDS_MAX  1024

/* A whole number from 1 to `most`, or 0. */
static unsigned long number(const char *name, unsigned long most)
{
	const char *text = getenv(name);
	char *end;

	if (!text || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	return errno || *end || value > most ? 0 : value;
}

size_t activation_take(int *first)
{
	unsigned long pid = number("LISTEN_PID", (unsigned long)-1);
	unsigned long count = number("LISTEN_FDS", FDS_MAX);

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	*first = FIRST_FD;
	return pid == (unsigned long)getpid() ? count : 0;
}
