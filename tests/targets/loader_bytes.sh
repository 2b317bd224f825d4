#!/bin/sh
# The committed bytes of the RAM loader are what its source assembles to.
# Exit 77 (skip) where there is no Arm assembler.
set -eu
loader=$1
command -v arm-none-eabi-gcc >/dev/null || { echo "skip: no arm-none-eabi-gcc"; exit 77; }
"$loader/generate.sh" | diff -u "$loader/stm32f4_bytes.h" - && echo "the bytes match the source"
