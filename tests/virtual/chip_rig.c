/* A virtual chip on the test bench; see chip_rig.h. */
#include "chip_rig.h"

#include <stdlib.h>

void rig_start_model(struct rig *rig, const char *model)
{
	rig->chip = chip_create(model);
	rig->now_ns = 0;
	assert_non_null(rig->chip);
	chip_set_vdd(rig->chip, 3300);
	rig_run(rig, MS);
	/* Its flash is blank: it has locked up in HardFault. Caught at the reset vector it has not.
	 */
	rig_write(rig, DHCSR, KEY | 1);
	rig_write(rig, DEMCR, 1);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, MS);
	rig_write(rig, DEMCR, 0);
	rig_write(rig, DFSR, 0x1f);
	rig_write(rig, RCC_CSR, 1 << 24);
	assert_int_equal(rig_read(rig, DHCSR) & S_HALT, S_HALT);
}

void rig_start(struct rig *rig)
{
	rig_start_model(rig, "stm32f401cc");
}

void rig_stop(struct rig *rig)
{
	chip_destroy(rig->chip);
}

int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	assert_non_null(rig);
	rig_start(rig);
	*state = rig;
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;
	rig_stop(rig);
	free(rig);
	return 0;
}

void rig_run(struct rig *rig, uint64_t ns)
{
	rig->now_ns += ns;
	chip_run_until(rig->chip, rig->now_ns);
}

/* ---- accesses ---- */

enum { WAITS = 60000 }; /* of 1 ms */

uint32_t rig_read_width(struct rig *rig, uint32_t address, unsigned width)
{
	uint32_t value;
	enum chip_ack ack = chip_read(rig->chip, address, width, &value);
	for (unsigned i = 0; ack == CHIP_WAIT && i < WAITS; i++) {
		rig_run(rig, i < 1000 ? US : MS);
		ack = chip_read(rig->chip, address, width, &value);
	}
	assert_int_equal(ack, CHIP_OK);
	return value;
}

uint32_t rig_read(struct rig *rig, uint32_t address)
{
	return rig_read_width(rig, address, 4);
}

void rig_write_width(struct rig *rig, uint32_t address, unsigned width, uint32_t value)
{
	enum chip_ack ack = chip_write(rig->chip, address, width, value);
	for (unsigned i = 0; ack == CHIP_WAIT && i < WAITS; i++) {
		rig_run(rig, i < 1000 ? US : MS);
		ack = chip_write(rig->chip, address, width, value);
	}
	assert_int_equal(ack, CHIP_OK);
}

void rig_write(struct rig *rig, uint32_t address, uint32_t value)
{
	rig_write_width(rig, address, 4, value);
}

enum chip_ack rig_try_read(struct rig *rig, uint32_t address)
{
	uint32_t value;
	return chip_read(rig->chip, address, 4, &value);
}

enum chip_ack rig_try_write(struct rig *rig, uint32_t address, uint32_t value)
{
	return chip_write(rig->chip, address, 4, value);
}

uint32_t rig_reg(struct rig *rig, unsigned selector)
{
	rig_write(rig, DCRSR, selector);
	return rig_read(rig, DCRDR);
}

void rig_set_reg(struct rig *rig, unsigned selector, uint32_t value)
{
	rig_write(rig, DCRDR, value);
	rig_write(rig, DCRSR, 0x10000 | selector);
}

void rig_code(struct rig *rig, uint32_t address, const uint16_t *code, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rig_write_width(rig, address + 2 * (uint32_t)i, 2, code[i]);
}

void rig_vectors(struct rig *rig)
{
	enum { VECTORS = 16 + 85, BKPT = 0xbe00 };
	for (uint32_t i = 0; i < VECTORS; i++) {
		rig_write(rig, RAM + 4 * i, HANDLER + 16 * i + 1);
		rig_write_width(rig, HANDLER + 16 * i, 2, BKPT);
	}
	rig_write(rig, RAM, STACK);
	rig_write(rig, VTOR, RAM);
}

/* ---- run control ---- */

void rig_halt(struct rig *rig)
{
	rig_write(rig, DHCSR, KEY | 3);
	rig_run(rig, 10 * US);
	assert_true((rig_read(rig, DHCSR) & S_HALT) != 0);
}

void rig_resume(struct rig *rig)
{
	rig_write(rig, DHCSR, KEY | 1);
}

void rig_go(struct rig *rig, uint32_t pc)
{
	rig_set_reg(rig, SP, STACK);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, PC, pc);
	rig_resume(rig);
}

uint32_t rig_wait_halt(struct rig *rig, unsigned ms)
{
	for (unsigned i = 0; i < 100 * ms; i++) {
		if ((rig_read(rig, DHCSR) & S_HALT) != 0)
			return rig_reg(rig, PC);
		rig_run(rig, 10 * US);
	}
	fail_msg("not halted: DHCSR %08x, PCSR %08x", rig_read(rig, DHCSR),
		rig_read(rig, 0xe000101c));
	return 0;
}

uint32_t rig_step(struct rig *rig, bool mask)
{
	uint32_t bits = mask ? 8 : 0;
	rig_write(rig, DHCSR, KEY | bits | 3);
	rig_write(rig, DHCSR, KEY | bits | 5);
	rig_run(rig, 10 * US);
	assert_true((rig_read(rig, DHCSR) & S_HALT) != 0);
	rig_write(rig, DHCSR, KEY | 3);
	return rig_reg(rig, PC);
}

/* ---- flash ---- */

void rig_flash_unlock(struct rig *rig)
{
	rig_write(rig, FLASH_KEYR, 0x45670123);
	rig_write(rig, FLASH_KEYR, 0xcdef89ab);
}

void rig_flash_wait(struct rig *rig)
{
	for (unsigned i = 0; i < WAITS && (rig_read(rig, FLASH_SR) & 0x10000) != 0; i++)
		rig_run(rig, i < 1000 ? US : MS);
	assert_int_equal(rig_read(rig, FLASH_SR), 0);
}

void rig_flash_program(struct rig *rig, uint32_t address, const uint32_t *words, size_t count)
{
	rig_write(rig, FLASH_CR, 0x201);
	for (size_t i = 0; i < count; i++)
		rig_write(rig, address + 4 * (uint32_t)i, words[i]);
	rig_flash_wait(rig);
	rig_write(rig, FLASH_CR, 0);
}

void rig_flash_code(struct rig *rig, uint32_t address, const uint16_t *code, size_t count)
{
	rig_flash_unlock(rig);
	rig_write(rig, FLASH_CR, 0x101); /* PG, x16 */
	for (size_t i = 0; i < count; i++)
		rig_write_width(rig, address + 2 * (uint32_t)i, 2, code[i]);
	rig_flash_wait(rig);
	rig_write(rig, FLASH_CR, 0x80000000);
}
