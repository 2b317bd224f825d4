/*
 * Who controls the core: joining, taking control, leaving.
 *
 * The first client that sends a packet is the controller: its run control, breakpoints and loads
 * are obeyed. Others observe; their coming and going touches nothing. When the controller leaves,
 * its breakpoints go and the core runs; the next client that sends what only a controller may
 * becomes it. The last one out leaves the target as it was found. Worker thread.
 */
#ifndef SERVER_GDB_CONTROL_H
#define SERVER_GDB_CONTROL_H

#include <stdbool.h>

#include "session.h"

/* The session's first packet has come. With `quietly` it becomes an observer in any case and the
 * target is not touched. Otherwise, when there is no controller, it becomes that one and the core
 * is halted, the target attached before if need be; what fails is told by later replies. */
void control_join(struct session *session, bool quietly);

/* Makes the session the controller if there is none. Errors: ERR_TARGET_STATE, with the reason
 * told, when another one is. */
enum err control_take(struct session *session) MUST_USE;

/* The session leaves: nothing happens unless it is the controller. */
void control_leave(struct session *session);

#endif
