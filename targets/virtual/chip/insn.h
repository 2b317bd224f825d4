/*
 * What the emulation must know of a Thumb instruction before it is executed.
 *
 * Unicorn executes instructions; some need help that it cannot give (SVC, WFI, an FPU that CPACR
 * has switched off, ...). These are told apart by their first half-word, cheaply, because it is
 * done for every instruction executed. Encodings: ARMv7-M ARM, A5 and A7. Pure.
 */
#ifndef TARGETS_VIRTUAL_CHIP_INSN_H
#define TARGETS_VIRTUAL_CHIP_INSN_H

#include <stdbool.h>
#include <stdint.h>

/* Classes; an instruction may be in several. */
enum {
	INSN_IT = 1 << 0,
	INSN_COPROCESSOR = 1 << 1, /* which for coprocessors 10 and 11 is the FPU */
	INSN_MASK = 1 << 2,        /* CPS and MSR: may change masks, CONTROL, stack */
	INSN_SYSTEM = 1 << 3,      /* SVC, BKPT, WFI, WFE, SEV, YIELD */
	INSN_DIVIDE = 1 << 4,
	INSN_EXCLUSIVE = 1 << 5, /* LDREX, STREX, CLREX and a few that share their first half */
	INSN_LOAD = 1 << 6,      /* reads memory at a base register */
	INSN_MULTIPLE = 1 << 7,  /* LDM, STM, LDRD, STRD: the base must be word-aligned */
};

unsigned insn_classify(uint16_t first);

/* Size in bytes: 2 or 4. */
unsigned insn_size(uint16_t first);

/* The register that holds the base address of an INSN_LOAD or INSN_MULTIPLE. */
unsigned insn_base_register(uint16_t first);

/* How many instructions an IT instruction covers: 1 to 4. */
unsigned insn_it_count(uint16_t it);

/* ITSTATE after one more instruction of the block. */
static inline uint8_t insn_it_advance(uint8_t itstate)
{
	return (uint8_t)((itstate & 7) == 0 ? 0 : (itstate & 0xe0) | (itstate << 1 & 0x1f));
}

/* Whether the condition (0 to 15) holds for the flags in xPSR. */
bool insn_condition(unsigned condition, uint32_t xpsr);

enum exclusive { EXCLUSIVE_NONE, EXCLUSIVE_LOAD, EXCLUSIVE_STORE, EXCLUSIVE_CLEAR };

/* What an INSN_EXCLUSIVE really is. */
enum exclusive insn_exclusive(uint16_t first, uint16_t second);

#endif
