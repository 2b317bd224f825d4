#!/bin/sh
# Builds flight.elf and flight.hex, the same bytes wherever it runs: no times, no absolute paths.
#
#     build.sh [FOLDER [MAKE_TABLES]]
#
# FOLDER gets the results; without it they replace the committed ones here. MAKE_TABLES is the table
# generator when it is built already; otherwise ${CC:-cc} builds it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$(cd "${1:-$here}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_tables=${2:-$work/make_tables}
if [ $# -lt 2 ]; then
	"${CC:-cc}" -std=c11 -O2 -ffp-contract=off -o "$make_tables" "$here"/tables/*.c -lm
fi
"$make_tables" >"$work/tables.c"

# The names in the debug information are relative to the project's top folder.
cd "$root"
LC_ALL=C
export LC_ALL
arm-none-eabi-gcc \
	-std=c11 -ffreestanding -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 \
	-Og -g -fno-math-errno -ffp-contract=off -fno-tree-loop-distribute-patterns \
	-ffunction-sections -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables \
	-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror \
	-ffile-prefix-map="$root=." -ffile-prefix-map="$work=tests/firmware/tables" \
	-Itests/firmware/flight tests/firmware/flight/*.c "$work/tables.c" \
	-nostdlib -Wl,-n,--gc-sections,--build-id=none,--fatal-warnings \
	-T tests/firmware/flight/firmware.ld -o "$out/flight.elf"
arm-none-eabi-objcopy -O ihex "$out/flight.elf" "$out/flight.hex"
