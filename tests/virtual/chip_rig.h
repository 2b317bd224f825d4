/*
 * A virtual chip on the test bench: powered, and driven through its access port as a debugger
 * would. Everything that is not expected to fail is checked here, so that tests read as stories.
 */
#ifndef TESTS_VIRTUAL_CHIP_RIG_H
#define TESTS_VIRTUAL_CHIP_RIG_H

#include "targets/virtual/chip.h"
#include "tests/prelude.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

/* Debug registers. */
#define DHCSR UINT32_C(0xe000edf0)
#define DCRSR UINT32_C(0xe000edf4)
#define DCRDR UINT32_C(0xe000edf8)
#define DEMCR UINT32_C(0xe000edfc)
#define DFSR  UINT32_C(0xe000ed30)
#define AIRCR UINT32_C(0xe000ed0c)
#define VTOR  UINT32_C(0xe000ed08)
#define ICSR  UINT32_C(0xe000ed04)
#define SHCSR UINT32_C(0xe000ed24)
#define CFSR  UINT32_C(0xe000ed28)
#define HFSR  UINT32_C(0xe000ed2c)
#define BFAR  UINT32_C(0xe000ed38)
#define CCR   UINT32_C(0xe000ed14)
#define CPACR UINT32_C(0xe000ed88)

#define RCC_CSR    UINT32_C(0x40023874)
#define FLASH_ACR  UINT32_C(0x40023c00)
#define FLASH_KEYR UINT32_C(0x40023c04)
#define FLASH_SR   UINT32_C(0x40023c0c)
#define FLASH_CR   UINT32_C(0x40023c10)

#define KEY             UINT32_C(0xa05f0000)
#define S_HALT          UINT32_C(0x00020000)
#define S_SLEEP         UINT32_C(0x00040000)
#define S_LOCKUP        UINT32_C(0x00080000)
#define S_RETIRE_ST     UINT32_C(0x01000000)
#define S_RESET_ST      UINT32_C(0x02000000)
#define SYSRESETREQ_KEY UINT32_C(0x05fa0004)

/* Registers by their DCRSR selectors. */
enum { SP = 13, LR = 14, PC = 15, XPSR = 16, MSP = 17, PSP = 18, MASKS = 20, FPSCR = 33, S0 = 64 };

/* RAM that the tests use. */
#define RAM     UINT32_C(0x20000000)
#define CODE    UINT32_C(0x20000400) /* where rig_code goes; vectors are below */
#define STACK   UINT32_C(0x20004000)
#define DATA    UINT32_C(0x20005000)
#define FLASH   UINT32_C(0x08000000)
#define HANDLER UINT32_C(0x20002000) /* vector n of rig_vectors: HANDLER + 16 n */

struct rig {
	struct chip *chip;
	uint64_t now_ns;
};

/* A powered stm32f401cc (or `model`), its core halted at the reset vector, its flash blank, all
 * sticky flags cleared. */
void rig_start(struct rig *rig);
void rig_start_model(struct rig *rig, const char *model);
void rig_stop(struct rig *rig);

/* cmocka fixtures: *state is a struct rig that is started. */
int rig_setup(void **state);
int rig_teardown(void **state);
#define RIG_TEST(function) cmocka_unit_test_setup_teardown(function, rig_setup, rig_teardown)

void rig_run(struct rig *rig, uint64_t ns);

/* Accesses that must succeed; a WAIT is repeated, for 60 s at most. */
uint32_t rig_read(struct rig *rig, uint32_t address);
uint32_t rig_read_width(struct rig *rig, uint32_t address, unsigned width);
void rig_write(struct rig *rig, uint32_t address, uint32_t value);
void rig_write_width(struct rig *rig, uint32_t address, unsigned width, uint32_t value);

/* What one access answers, as it is. */
enum chip_ack rig_try_read(struct rig *rig, uint32_t address);
enum chip_ack rig_try_write(struct rig *rig, uint32_t address, uint32_t value);

/* Core registers; the core is halted. */
uint32_t rig_reg(struct rig *rig, unsigned selector);
void rig_set_reg(struct rig *rig, unsigned selector, uint32_t value);

/* Puts half-words of code into memory. */
void rig_code(struct rig *rig, uint32_t address, const uint16_t *code, size_t count);
#define RIG_CODE(rig, address, ...)                                                \
	do {                                                                       \
		static const uint16_t code_[] = {__VA_ARGS__};                     \
		rig_code((rig), (address), code_, sizeof code_ / sizeof code_[0]); \
	} while (0)

/* A vector table at RAM, VTOR set to it; the handlers, at HANDLER + 16 n, are `bkpt 0`. */
void rig_vectors(struct rig *rig);

void rig_halt(struct rig *rig);
void rig_resume(struct rig *rig);
/* Sets PC, xPSR.T and SP = STACK, and resumes. */
void rig_go(struct rig *rig, uint32_t pc);
/* Runs until S_HALT, for `ms` at most; the core must then be halted. Returns its PC. */
uint32_t rig_wait_halt(struct rig *rig, unsigned ms);
/* One step by C_STEP, with interrupts masked or not; returns the PC after it. */
uint32_t rig_step(struct rig *rig, bool mask);
/* rig_code at CODE, rig_go, rig_wait_halt: for code that ends in a BKPT. */
#define RIG_EXECUTE(rig, ...)                       \
	do {                                        \
		RIG_CODE((rig), CODE, __VA_ARGS__); \
		rig_go((rig), CODE);                \
		(void)rig_wait_halt((rig), 100);    \
	} while (0)

/* Flash by its registers: unlock, and program words, with PSIZE x32. */
void rig_flash_unlock(struct rig *rig);
void rig_flash_program(struct rig *rig, uint32_t address, const uint32_t *words, size_t count);
void rig_flash_wait(struct rig *rig);
/* Half-words of code into blank flash, which is unlocked and locked again. */
void rig_flash_code(struct rig *rig, uint32_t address, const uint16_t *code, size_t count);
#define RIG_FLASH_CODE(rig, address, ...)                                                \
	do {                                                                             \
		static const uint16_t code_[] = {__VA_ARGS__};                           \
		rig_flash_code((rig), (address), code_, sizeof code_ / sizeof code_[0]); \
	} while (0)

#endif
