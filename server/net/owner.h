/*
 * Which process listens at a TCP port of this machine. Reads /proc (proc(5)); start of the program.
 */
#ifndef SERVER_NET_OWNER_H
#define SERVER_NET_OWNER_H

#include <stdbool.h>

struct owner {
	int pid;
	char program[64]; /* the process's name; empty when it cannot be read */
};

/* False when nobody listens there, or when this user may not see who does. */
bool owner_find(unsigned port, struct owner *owner);

#endif
