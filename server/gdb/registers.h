/*
 * The registers as gdb numbers and names them. Worker thread.
 *
 * Written from the GDB manual, appendix G.5.3 "ARM Features": org.gnu.gdb.arm.m-profile,
 * org.gnu.gdb.arm.m-system and org.gnu.gdb.arm.vfp. Names are those that OpenOCD gives, because
 * tools and scripts ask for them; xPSR is number 25, where gdb has it without a description, too.
 */
#ifndef SERVER_GDB_REGISTERS_H
#define SERVER_GDB_REGISTERS_H

#include <stddef.h>
#include <stdint.h>

#include "targets/target.h"

enum register_feature { FEATURE_CORE, FEATURE_SYSTEM, FEATURE_FPU };

struct register_row {
	unsigned number;
	unsigned bits; /* 8, 32 or 64 */
	const char *name;
	enum target_register source; /* of 64 bits: this one and the next */
	enum register_feature feature;
	const char *type;  /* in the description; NULL: gdb's default */
	const char *group; /* likewise */
};

#define REGISTER_BYTES_MAX 8

/* r0 to xPSR, in the order of the table: what `g` carries. */
#define REGISTERS_IN_G 17

/* The table, ascending by number. */
extern const struct register_row register_rows[];
extern const size_t register_row_count;

/* NULL for a number that there is not. */
const struct register_row *register_find(uint32_t number);

#endif
