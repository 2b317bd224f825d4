#!/bin/sh
# Makes program.c from program.S, to standard output. Needs arm-none-eabi-as. program.h names the
# labels; its addresses are those of the .org lines.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
arm-none-eabi-as "$here/program.S" -o "$work/program.o"
arm-none-eabi-ld -Ttext=0x08000000 -e 0 "$work/program.o" -o "$work/program.elf"
arm-none-eabi-objcopy -O binary -j .text "$work/program.elf" "$work/program.bin"
cat <<END
/* Made by generate.sh from program.S. */
#include "program.h"

/* clang-format off */
const uint8_t program[0x300] = {
END
od -An -v -tx1 -w16 "$work/program.bin" | sed 's/ \(..\)/ 0x\1,/g; s/^ /	/'
cat <<END
};
/* clang-format on */
END
