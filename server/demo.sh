#!/bin/sh
# The whole thing without hardware: builds, starts the server with a virtual board, and has gdb load
# a flight controller into it, verify it, run it to a breakpoint and look at it.
# Debian 12, root or sudo for the packages that are missing. A plugged ST-LINK is left alone.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/packages.sh"
build=${BUILD_DIR:-$top/build}
firmware=$top/tests/firmware
work=$(mktemp -d)
server=

stop_server() {
	[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" || true; }
	rm -rf "$work"
}
trap stop_server EXIT
trap 'exit 130' INT TERM

# Reads the bus's own files; opens nothing.
stlink_is_plugged() {
	for device in /sys/bus/usb/devices/*; do
		[ "$(cat "$device/idVendor" 2>/dev/null)" = 0483 ] || continue
		case $(cat "$device/idProduct" 2>/dev/null) in
		3748 | 374[abdef] | 375[23457]) return 0 ;;
		esac
	done
	return 1
}

say() {
	printf '\n== %s\n' "$*"
}

# Up to 20 s for the server to be there; its own end is noticed at once.
wait_for_port() {
	tries=200
	while [ "$tries" -gt 0 ]; do
		port=$(sed -n 's/^Listening on port \([0-9]*\)$/\1/p' "$work/stdout" | head -n 1)
		[ -z "$port" ] || return 0
		kill -0 "$server" 2>/dev/null || return 1
		sleep 0.1
		tries=$((tries - 1))
	done
	return 1
}

need_packages $BUILD_PACKAGES gdb-multiarch

if stlink_is_plugged; then
	say "An ST-LINK is plugged in. This demo does not touch it; to use it:"
	echo "   $build/stlink-gdb"
	echo "   gdb-multiarch -ex 'target extended-remote :3333' -ex 'load YOUR.hex' -ex continue"
fi

say "building"
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >"$work/build.log" 2>&1 &&
	cmake --build "$build" --target stlink-gdb stlink-board >>"$work/build.log" 2>&1 ||
	{ cat "$work/build.log"; exit 1; }

say "stlink-gdb --virtual"
"$build/stlink-gdb" --virtual -p 0 >"$work/stdout" &
server=$!
wait_for_port || { echo "the server did not start"; exit 1; }

say "gdb: load, verify, run to a breakpoint in the main loop, look"
gdb-multiarch -nx -batch -return-child-result \
	-ex 'set confirm off' \
	-ex "directory $top" \
	-ex "file $firmware/flight.elf" \
	-ex "target extended-remote 127.0.0.1:$port" \
	-ex "load $firmware/flight.hex" \
	-ex 'compare-sections' \
	-x "$top/server/demo.gdb" 2>&1 | tee "$work/gdb.log"

grep -q '^demo: done' "$work/gdb.log" && ! grep -q 'MIS-MATCHED' "$work/gdb.log" ||
	{ say "the demo failed"; exit 1; }
say "done: the same commands work with a real board and 'stlink-gdb' without --virtual"
