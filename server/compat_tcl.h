/*
 * What IDEs give OpenOCD on its command line after -c, in our words. Called by compat.c, before any
 * thread starts. From the OpenOCD User's Guide: 6 "Server Configuration", 8 "Debug Adapter
 * Configuration", 9 "Reset Configuration", 12.4 "Flash Programming".
 */
#ifndef SERVER_COMPAT_TCL_H
#define SERVER_COMPAT_TCL_H

#include "compat.h"

/* Appends to `line` what these commands mean. What means nothing here is left out, with a warning
 * where it might have mattered. Errors: ERR_ARGUMENT (logged): a command that must not be left out
 * and cannot be carried out, or too long a line. */
enum err compat_tcl(const char *script, struct compat_line *line) MUST_USE;

#endif
