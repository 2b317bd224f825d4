/* Nine ways to fail, one fault each. PM0214 2.4.1, table 18 (faults) names them. */
#ifndef FLIGHT_MISBEHAVE_H
#define FLIGHT_MISBEHAVE_H

void misbehave_divide_by_zero(void);        /* UFSR.DIVBYZERO, trapped for this once */
void misbehave_read_nowhere(void);          /* BFSR.PRECISERR, BFAR = 0x30000000 */
void misbehave_write_nowhere(void);         /* BFSR.IMPRECISERR: the store was buffered */
void misbehave_undefined_instruction(void); /* UFSR.UNDEFINSTR */
void misbehave_unaligned_access(void);      /* UFSR.UNALIGNED, trapped for this once */
void misbehave_no_coprocessor(void);        /* UFSR.NOCP: the FPU switched off in CPACR */
void misbehave_invalid_state(void);         /* UFSR.INVSTATE: a call without the Thumb bit */
void misbehave_stack_overflow(void);        /* BFSR, below the start of RAM */
void misbehave_lockup(void);                /* a fault at the priority of HardFault */

#endif
