/* The families that there are: one extern a family, one row in families.c. */
#ifndef TARGETS_FAMILIES_H
#define TARGETS_FAMILIES_H

struct family;

extern const struct family family_stm32f4; /* stm32f4.c */

#endif
