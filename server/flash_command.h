/*
 * `stlink-gdb flash FILE`: puts a program into the flash and ends. Called by main().
 */
#ifndef SERVER_FLASH_COMMAND_H
#define SERVER_FLASH_COMMAND_H

#include "options.h"
#include "server/exit_code.h"

/* The same plan as a load by gdb: only what differs, verified. Afterwards the program runs. */
enum exit_code flash_command(const struct options *options);

#endif
