/* The registers as gdb numbers and names them: the table. Pure. */
#include "registers.h"

#define CORE(number, name, source, type)                           \
	{                                                          \
		number, 32, name, source, FEATURE_CORE, type, NULL \
	}
#define SYSTEM(number, bits, name, source, type)                           \
	{                                                                  \
		number, bits, name, source, FEATURE_SYSTEM, type, "system" \
	}
#define DOUBLE(index, name)                                                                       \
	{                                                                                         \
		32 + (index), 64, name, TARGET_S0 + 2 * (index), FEATURE_FPU, "ieee_double", NULL \
	}

const struct register_row register_rows[] = {
	CORE(0, "r0", 0, NULL),
	CORE(1, "r1", 1, NULL),
	CORE(2, "r2", 2, NULL),
	CORE(3, "r3", 3, NULL),
	CORE(4, "r4", 4, NULL),
	CORE(5, "r5", 5, NULL),
	CORE(6, "r6", 6, NULL),
	CORE(7, "r7", 7, NULL),
	CORE(8, "r8", 8, NULL),
	CORE(9, "r9", 9, NULL),
	CORE(10, "r10", 10, NULL),
	CORE(11, "r11", 11, NULL),
	CORE(12, "r12", 12, NULL),
	CORE(13, "sp", TARGET_SP, "data_ptr"),
	CORE(14, "lr", TARGET_LR, NULL),
	CORE(15, "pc", TARGET_PC, "code_ptr"),
	CORE(25, "xPSR", TARGET_XPSR, "xpsr_bits"),
	SYSTEM(26, 32, "msp", TARGET_MSP, "data_ptr"),
	SYSTEM(27, 32, "psp", TARGET_PSP, "data_ptr"),
	SYSTEM(28, 8, "primask", TARGET_PRIMASK, "uint8"),
	SYSTEM(29, 8, "basepri", TARGET_BASEPRI, "uint8"),
	SYSTEM(30, 8, "faultmask", TARGET_FAULTMASK, "uint8"),
	SYSTEM(31, 8, "control", TARGET_CONTROL, "control_bits"),
	DOUBLE(0, "d0"),
	DOUBLE(1, "d1"),
	DOUBLE(2, "d2"),
	DOUBLE(3, "d3"),
	DOUBLE(4, "d4"),
	DOUBLE(5, "d5"),
	DOUBLE(6, "d6"),
	DOUBLE(7, "d7"),
	DOUBLE(8, "d8"),
	DOUBLE(9, "d9"),
	DOUBLE(10, "d10"),
	DOUBLE(11, "d11"),
	DOUBLE(12, "d12"),
	DOUBLE(13, "d13"),
	DOUBLE(14, "d14"),
	DOUBLE(15, "d15"),
	{48, 32, "fpscr", TARGET_FPSCR, FEATURE_FPU, "fpscr_bits", "float"},
};

const size_t register_row_count = sizeof(register_rows) / sizeof(register_rows[0]);

const struct register_row *register_find(uint32_t number)
{
	for (size_t i = 0; i < register_row_count; i++) {
		if (register_rows[i].number == number)
			return &register_rows[i];
	}
	return NULL;
}
