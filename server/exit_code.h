/*
 * How the program ends: codes that scripts rely on. They never change their meaning.
 */
#ifndef SERVER_EXIT_CODE_H
#define SERVER_EXIT_CODE_H

enum exit_code {
	EXIT_OK = 0,
	EXIT_INTERNAL = 1, /* out of memory, or our own mistake */
	EXIT_USAGE = 2,    /* the command line was not understood */
	EXIT_PROBE = 3,    /* no probe, several, or one that cannot be opened */
	EXIT_PORT = 4,     /* a port cannot be listened at */
};

#endif
