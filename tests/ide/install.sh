#!/bin/sh
# Installs the debug adapter that adapter_test.py drives: the versions of package-lock.json, checked
# against its hashes, without the scripts that packages bring. Called by ctest.
#
#   tests/ide/install.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"

if cmp -s "$here/package-lock.json" installed.json; then
	echo "the adapter is installed already"
	exit 0
fi
for program in node npm; do
	command -v "$program" >/dev/null || { echo "$program is not installed: no adapter"; exit 1; }
done
cp "$here/package.json" "$here/package-lock.json" .
if ! npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 \
		--fetch-retry-maxtimeout=10000 --fetch-timeout=30000; then
	echo "npm could not fetch the adapter: see above; nothing of it was tried"
	exit 1
fi
cp package-lock.json installed.json
