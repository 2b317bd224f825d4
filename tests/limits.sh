#!/bin/sh
# Limits that need a clock on the wall or an eye on the processor, so that ctest has none: how long
# a load and a read of all RAM take at most (three times the modelled limit), what the server costs
# while it waits, how much memory it keeps. Of a release build; prints each figure with its limit.
#
#   tests/limits.sh BUILD-FOLDER
set -eu
E2E_BUILD=$(cd "$1" && pwd)
export E2E_BUILD PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "$0")/e2e"
exec python3 limits.py
