#!/bin/sh
# Builds the firmware anew and compares it with the committed files, byte for byte.
#
#     check.sh [MAKE_TABLES]
#
# Exit 0: the same. 1: different. 77 (ctest: skipped): no compiler, or not the one that built them.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

skip()
{
	echo "SKIP: $*"
	exit 77
}

command -v arm-none-eabi-gcc >/dev/null || skip "arm-none-eabi-gcc is not installed"

# The compiler signs what it builds, in section .comment: "GCC: (15:12.2.rel1-1) 12.2.1 20221205".
built=$(arm-none-eabi-readelf -p .comment "$here/flight.elf" | sed -n 's/.*GCC: //p')
installed=$(arm-none-eabi-gcc --version | sed -n '1s/^arm-none-eabi-gcc //p')
[ "$built" = "$installed" ] || skip "flight.elf was built by gcc $built; here is $installed"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/build.sh" "$work" "$@"

for file in flight.hex flight.elf; do
	if ! cmp "$here/$file" "$work/$file"; then
		echo "FAIL: $file is not what the sources give; run tests/firmware/build.sh and commit"
		exit 1
	fi
done
echo "PASS: flight.hex and flight.elf are what the sources give, with gcc $built"
