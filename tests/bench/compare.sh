#!/bin/sh
# OpenOCD, st-util and stlink-gdb side by side on the same virtual board: measures, and writes the
# README's section, compare.json, compare.md and compare.svg. Takes some fifteen minutes on two cores
# and needs what tests/packages.sh names (Debian 12, root or sudo to install what is missing). With
# --ours it measures stlink-gdb alone anew; with --short it takes two minutes and writes nothing.
# Fails when a limit of compare_limits.py is missed.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/packages.sh"
build=${BUILD_DIR:-$top/build/compare}

need_packages $BUILD_PACKAGES $TEST_PACKAGES
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" --target stlink-board stlink-gdb
exec python3 -B "$top/tests/bench/compare.py" "$build" "$@"
