/*
 * The far end of a connection: who it is, and how to notice that it is gone. Loop thread.
 */
#ifndef SERVER_NET_PEER_H
#define SERVER_NET_PEER_H

#include <stddef.h>
#include <stdint.h>

/* Writes "127.0.0.1:50412" or "[::1]:50412". */
void peer_name(int fd, char *text, size_t size);

/* No delay of small writes; probes of a connection that is idle. */
void peer_set_options(int fd);

/* The protocol of a stranger, by the first byte of its connection; NULL: may well be gdb. */
const char *peer_stranger(uint8_t first_byte);

#endif
