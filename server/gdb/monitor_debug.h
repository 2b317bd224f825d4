/*
 * The monitor commands about stops: what they cost, what a fault was, how steps go. Worker thread.
 */
#ifndef SERVER_GDB_MONITOR_DEBUG_H
#define SERVER_GDB_MONITOR_DEBUG_H

#include "monitor.h"

monitor_handler monitor_fault, monitor_stats, monitor_stepisr, monitor_cache;

#endif
