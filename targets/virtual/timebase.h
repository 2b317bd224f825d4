/*
 * Modelled time: the board's one clock, and what moving USB, firmware and SWD costs on it.
 *
 * Used by the device, the firmware and the SWD driver of the board, on the board's thread. The
 * costs are those of the architecture's time model; they are never tuned.
 */
#ifndef TARGETS_VIRTUAL_TIMEBASE_H
#define TARGETS_VIRTUAL_TIMEBASE_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

enum time_spent { TIME_USB, TIME_FIRMWARE, TIME_SWD, TIME_IDLE, TIME_KINDS };

struct timebase {
	uint64_t now_ns; /* since power-on of the board */
	uint64_t spent_ns[TIME_KINDS];
};

struct time_costs {
	uint64_t usb_transfer_ns;
	uint64_t usb_byte_ns;
	uint64_t command_ns;      /* the firmware's own work, each command */
	uint64_t swd_word_min_ns; /* the fastest that the firmware feeds SWD; 0: no limit */
};

static inline void timebase_spend(struct timebase *time, enum time_spent what, uint64_t ns)
{
	time->now_ns += ns;
	time->spent_ns[what] += ns;
}

static inline void timebase_spend_transfer(
	struct timebase *time, const struct time_costs *costs, size_t bytes)
{
	timebase_spend(time, TIME_USB, costs->usb_transfer_ns + costs->usb_byte_ns * bytes);
}

#endif
