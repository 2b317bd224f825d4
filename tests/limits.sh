#!/bin/sh
# Limits that need a clock on the wall or an eye on the processor, so that ctest has none: how long
# a load and a read of all RAM take at most (three times the modelled limit), what a long way adds
# to a load, what the server costs while it waits, how much memory it keeps, what 1,000 killed gdbs
# leave (ten minutes). Of a release build; prints each figure with its limit. The long way is a relay
# here, and netem where the guest of usb/ can be had.
#
#   tests/limits.sh BUILD-FOLDER
set -eu
E2E_BUILD=$(cd "$1" && pwd)
E2E_FLASHED=$E2E_BUILD/tests/e2e/flashed.state
export E2E_BUILD E2E_FLASHED PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "$0")/e2e"
python3 flash_a_board.py
python3 limits.py
mkdir -p "$E2E_BUILD/tests/usb"
python3 ../usb/strangers/long_way.py "$E2E_BUILD" --limit || [ $? = 77 ]
