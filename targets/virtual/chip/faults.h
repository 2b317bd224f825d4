/*
 * Fault switches: what can be made to go wrong with the chip. See faults.c for their names.
 */
#ifndef TARGETS_VIRTUAL_CHIP_FAULTS_H
#define TARGETS_VIRTUAL_CHIP_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

struct chip;
struct flash_operation;

enum flash_timing { FLASH_TIMING_TYPICAL, FLASH_TIMING_MAXIMUM };

enum { EVERY_SECTOR = 0xff };

/* A supply that falls for a while, some time after the erase of a sector has begun. */
struct droop {
	bool armed;
	unsigned sector; /* or EVERY_SECTOR */
	uint64_t delay_ns, length_ns;
	unsigned millivolts;
	uint64_t begin_ns, end_ns; /* when it is under way; 0: not */
	unsigned restore_mv;
};

/* A DMA that writes where it should not. */
struct scribble {
	uint32_t address; /* 0: none */
	uint64_t period_ns, next_ns;
};

struct faults {
	enum flash_timing flash_timing;
	unsigned flash_percent; /* of the typical times */
	bool bsy_stuck;
	bool has_weak_bit;
	uint32_t weak_bit; /* the word at this address loses a bit when programmed */
	bool has_weak_erase;
	uint32_t weak_erase; /* the word at this address keeps a zero when erased */
	uint32_t device_id;  /* what DBGMCU_IDCODE says; 0: the truth */
	bool clone_jep;
	bool m4_stuck; /* neither executes nor halts */
	bool swd_off;
	bool hse_dead;
	uint64_t hclk_hz; /* 0: what RCC says */
	struct droop droop;
	struct scribble scribble;
	uint64_t irq_storm_ns; /* period; 0: none */
	uint64_t irq_storm_next_ns;
	uint64_t power_storm_ns; /* the supply breaks down again and again; 0: it does not */
	uint64_t power_storm_next_ns;
};

void faults_init(struct faults *faults);

/* An operation of the flash has begun. */
void faults_on_flash(struct chip *chip, const struct flash_operation *operation);

/* When faults_tick() must be called, and what happens then. */
uint64_t faults_deadline(const struct chip *chip);
void faults_tick(struct chip *chip);

#endif
