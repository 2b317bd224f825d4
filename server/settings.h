/* From the command line's options to the target's. Pure; any thread. */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "options.h"
#include "targets/target.h"

/* All but the hooks. */
struct target_options settings_target(const struct options *options);

#endif
