/* Which STM32F4 it is: that part of family.h. Private to the family. Worker thread. */
#ifndef TARGETS_STM32F4_IDENTIFY_H
#define TARGETS_STM32F4_IDENTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct bus;
struct device;

bool stm32f4_identify(struct bus *bus, uint32_t cpuid, const char *named, struct device *device);

#endif
