/*
 * Sockets that systemd has opened for this process (socket activation). Main thread, at the start.
 *
 * Written from sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, and descriptors from 3 on.
 */
#ifndef SERVER_ACTIVATION_H
#define SERVER_ACTIVATION_H

#include <stddef.h>

/* How many sockets there are for this process, and the first of them; the others follow. 0: it was
 * started in another way. Takes the variables out of the environment, so that no child takes the
 * sockets for its own. */
size_t activation_take(int *first);

#endif
