/*
 * A stop of the core: why, with which registers, and how each client is told.
 *
 * Made by inferior.c, kept by the board, formatted for each client that waits for it. Worker
 * thread. Written from the GDB manual, appendix E.3 "Stop Reply Packets".
 */
#ifndef SERVER_GDB_STOP_H
#define SERVER_GDB_STOP_H

#include <stdint.h>

#include "targets/target.h"
#include "text.h"

struct session;

/* The signal numbers of the protocol, not of any system. */
enum stop_signal {
	STOP_SIGNAL_NONE = 0,
	STOP_SIGNAL_INT = 2,
	STOP_SIGNAL_ILL = 4,
	STOP_SIGNAL_TRAP = 5,
	STOP_SIGNAL_FPE = 8,
	STOP_SIGNAL_BUS = 10,
	STOP_SIGNAL_SEGV = 11,
	STOP_SIGNAL_LOST = 29, /* the target is out of reach: a stop without registers */
};

/* r0 to CONTROL: all that gdb asks for at a stop, and cheap to have. The FPU is read when asked. */
#define STOP_REGISTERS (TARGET_CONTROL + 1)

struct stop {
	enum stop_signal signal;
	enum target_stop_reason reason;
	uint32_t registers[STOP_REGISTERS];
	uint32_t known; /* bit n: registers[n] was read */
	bool locked_up; /* it was, until it was halted */
	bool watched;   /* by a watchpoint, of this kind and starting there */
	enum target_watch watch;
	uint32_t watch_address;
};

/* Reads the registers of the halted core into `stop`; the first failure leaves the rest unknown. */
void stop_read_registers(struct stop *stop, struct target *target);

/* Appends the stop reply packet, as this client may get it. */
void stop_format(const struct stop *stop, const struct session *session, struct text *reply);

#endif
