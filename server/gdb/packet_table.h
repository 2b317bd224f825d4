/* The table of packets, for packet.c. Pure data. */
#ifndef SERVER_GDB_PACKET_TABLE_H
#define SERVER_GDB_PACKET_TABLE_H

#include <stddef.h>

#include "packet.h"

extern const struct packet_rule packet_rules[];
extern const size_t packet_rule_count;

#endif
