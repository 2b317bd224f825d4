/*
 * How the program ends: codes that scripts rely on. They never change their meaning. Any thread.
 */
#ifndef SERVER_EXIT_CODE_H
#define SERVER_EXIT_CODE_H

#include "probe/err.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_INTERNAL = 1,   /* out of memory, a file that cannot be read, our own mistake */
	EXIT_USAGE = 2,      /* the command line was not understood */
	EXIT_PROBE = 3,      /* no probe, several, or one that cannot be opened */
	EXIT_PORT = 4,       /* a port cannot be listened at */
	EXIT_TARGET = 5,     /* the target does not answer, or is not what it should be */
	EXIT_FLASH = 6,      /* the flash could not be erased or written */
	EXIT_VERIFY = 7,     /* what is in flash is not what was sent */
	EXIT_PROTECTED = 8,  /* protection forbids it */
	EXIT_PROBE_LOST = 9, /* the probe was unplugged, or stopped answering */
};

/* What an error means for the program. */
enum exit_code exit_code_of(enum err err);

#endif
