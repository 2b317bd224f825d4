/*
 * How modelled time and the wall clock go together.
 *
 * Real: the board's clock follows the wall clock. Replies go out at their absolute modelled time,
 * so no lateness adds up. Free: modelled costs are never waited for; the clock moves by them, and
 * by the wall time of an idle wire beyond the first 2 ms of each gap, but only while something in
 * the chip changes by time alone. What the modelling itself takes is no idleness. A load is so
 * (nearly) free of the host's noise, and a running core still runs when nobody asks.
 *
 * Used by the server's loop. Wall times are nanoseconds of a monotonic clock, handed in.
 */
#ifndef TARGETS_VIRTUAL_STLINK_BOARD_PACE_H
#define TARGETS_VIRTUAL_STLINK_BOARD_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_NEVER UINT64_MAX

struct board;

enum pace_mode { PACE_REAL, PACE_FREE };

struct pace {
	enum pace_mode mode;
	struct board *board;
	uint64_t origin_ns; /* real: when the board's clock would have been 0 */
	uint64_t idle_ns;   /* free: from when on the wire's idleness counts */
	bool worked;        /* since the loop waited last */
};

void pace_init(struct pace *pace, enum pace_mode mode, struct board *board, uint64_t wall_ns);

/* Lets the board catch up with the wall. What a slow host cannot follow is left out. */
void pace_follow(struct pace *pace, uint64_t wall_ns);

/* Something was done on the wire. */
void pace_worked(struct pace *pace);

/* From now on the loop waits. */
void pace_wait(struct pace *pace, uint64_t wall_ns);

/* The board's time up to which work may be done and replies may go out. */
uint64_t pace_horizon_ns(const struct pace *pace, uint64_t wall_ns);

/* The wall time that corresponds to the board's; PACE_NEVER stays. */
uint64_t pace_wall_ns(const struct pace *pace, uint64_t board_ns);

/* The wall time at which the board wants to run on by itself; PACE_NEVER: it does not. */
uint64_t pace_next_ns(const struct pace *pace, uint64_t wall_ns);

#endif
