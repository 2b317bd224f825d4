#!/bin/sh
# Assembles stm32f4.S and writes its bytes to standard output as a C header.
# Needs the Arm assembler (Debian: gcc-arm-none-eabi, binutils-arm-none-eabi).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

arm-none-eabi-gcc -c -mcpu=cortex-m4 -mthumb -I "$here" -o "$work/loader.o" "$here/stm32f4.S"
arm-none-eabi-objcopy -O binary -j .text "$work/loader.o" "$work/loader.bin"

offset() {
	arm-none-eabi-nm "$work/loader.o" | awk -v name="$1" '$3 == name { print "0x" $1 }'
}

cat <<END
/* The RAM loader's bytes. Made from stm32f4.S by generate.sh; do not edit. */
#ifndef TARGETS_LOADER_STM32F4_BYTES_H
#define TARGETS_LOADER_STM32F4_BYTES_H

#include <stdint.h>

#define LOADER_START_OFFSET $(printf '0x%03xu' "$(offset loader_start)")
#define LOADER_FAULT_OFFSET $(printf '0x%03xu' "$(offset loader_fault)")

static const uint8_t loader_bytes[] = {
$(od -An -v -tx1 -w12 "$work/loader.bin" | sed 's/ \([0-9a-f][0-9a-f]\)/ 0x\1,/g; s/^ /	/')
};

#endif
END
