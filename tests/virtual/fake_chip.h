/*
 * A chip for tests of everything around the chip: RAM, a few debug registers, and answers on
 * demand.
 *
 * Implements targets/virtual/chip.h. 64 KiB of RAM at 0x20000000, 4 KiB of readable flash at
 * 0x08000000, the core's debug registers, CPUID and AIRCR; a bus fault everywhere else.
 */
#ifndef TESTS_VIRTUAL_FAKE_CHIP_H
#define TESTS_VIRTUAL_FAKE_CHIP_H

#include "targets/virtual/chip.h"

#define FAKE_RAM      0x20000000U
#define FAKE_RAM_SIZE 0x10000U
#define FAKE_FLASH    0x08000000U

struct fake {
	uint8_t ram[FAKE_RAM_SIZE];
	uint8_t flash[4096];
	uint32_t core[128]; /* registers by DCRSR selector */
	uint32_t dhcsr, dcrdr, demcr, aircr;
	unsigned busy_core; /* DHCSR reads until S_REGRDY */
	unsigned vdd_mv;
	bool nrst_low, active;
	bool erasing;
	unsigned erasing_sector;
	bool dp_dead, ap_dead;
	unsigned nrst_falls;
	uint64_t nrst_fell_ns, nrst_low_ns; /* when it fell last, how long it was low */
	uint64_t ran_until_ns;
	/* the next accesses are answered so; `skip` of them pass before */
	enum chip_ack answer;
	unsigned answer_count, answer_skip;
	unsigned reads, writes;
	uint32_t last_address;
	char fault_line[64];
	struct chip_books books;
};

/* The chip that was created last; valid until it is destroyed. */
struct fake *fake_chip(void);

#endif
