/*
 * The numbers of error replies. Pure; any thread.
 */
#ifndef SERVER_GDB_ERRORS_H
#define SERVER_GDB_ERRORS_H

#include "probe/err.h"

/* What `Enn` carries for an error: the errno that says the nearest to it, below 256. */
unsigned errors_number(enum err err);

#endif
