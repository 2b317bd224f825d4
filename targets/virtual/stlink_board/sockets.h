/* Listening sockets of `stlink-board`. All are non-blocking and closed on exec. */
#ifndef TARGETS_VIRTUAL_STLINK_BOARD_SOCKETS_H
#define TARGETS_VIRTUAL_STLINK_BOARD_SOCKETS_H

#include <stddef.h>

#include "probe/err.h"

/* Listens on ADDR:PORT ("[::1]:0" for IPv6); writes the address that it got to `name`. Errors:
 * ERR_ARGUMENT, ERR_IO (logged). */
enum err sockets_listen_tcp(const char *address, int *fd, char *name, size_t size) MUST_USE;

/* Listens on a unix socket; a dead socket in its place is removed. Errors: ERR_IO (logged). */
enum err sockets_listen_unix(const char *path, int *fd) MUST_USE;

/* One waiting connection, non-blocking; -1: none. */
int sockets_accept(int listener);

enum err sockets_make_nonblocking(int fd) MUST_USE;

#endif
