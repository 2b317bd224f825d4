/*
 * Option bytes of the STM32F4: what they say in words, and how they are changed.
 *
 * The verbs of family.h that stm32f4.c names; worker thread. Sources: RM0090 rev 21, 3.7 (option
 * bytes), 3.9.10 (OPTCR); RM0368 3.8.6 for SPRMOD.
 */
#ifndef TARGETS_STM32F4_OPTIONS_H
#define TARGETS_STM32F4_OPTIONS_H

#include <stddef.h>

#include "bus.h"
#include "family.h"
#include "targets/target.h"

/* Fills `options`; returns how many there are. */
size_t stm32f4_options_show(
	struct bus *bus, const struct device *device, struct target_option *options);

/* Changes one. Reports by the bus: ERR_ARGUMENT, logged with what would be right;
 * ERR_FLASH_PROTECTED, logged: not to be done like this, or never; ERR_FLASH_PROGRAM, logged: the
 * bytes do not stand afterwards; ERR_TARGET_TIMEOUT, logged: it took too long. */
void stm32f4_options_set(
	struct bus *bus, const struct device *device, const char *name, const char *value);

/* Before stm32f4_options_unlock: a watchdog that starts with every reset would cut the erase short,
 * so it is switched off first. True: the chip has to be reset before going on. */
bool stm32f4_options_prepare_unlock(struct bus *bus, const struct device *device);

/* Takes read protection level 1 away, which erases the whole flash; waits for that. Reports by the
 * bus: ERR_FLASH_PROTECTED (level 2), and what writing options reports. At level 0 there is nothing
 * to do. */
void stm32f4_options_unlock(struct bus *bus, const struct device *device);

#endif
