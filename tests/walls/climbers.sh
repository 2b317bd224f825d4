#!/bin/sh
# What no include path can forbid: a way over the wall by the compiler's look beside the source, and
# a system's header in a room that must not know of it.
#
#   climbers.sh TOP-FOLDER
set -eu
cd "$1"
failed=0

# forbid WHAT PATTERN PLACE-WHERE-IT-BELONGS...
forbid() {
	what=$1 pattern=$2
	shift 2
	found=$(grep -rnE --include='*.[ch]' "$pattern" probe targets server || true)
	for place in "$@"; do
		echo "$found" | grep -q "^$place" || {
			echo "$what: not even in $place; the test tests nothing"
			failed=1
		}
		found=$(echo "$found" | grep -v "^$place" || true)
	done
	[ -z "$found" ] || {
		echo "$what:"
		echo "$found"
		failed=1
	}
}

forbid "over the wall by ../" '^#include ["<](.*/)?\.\./'
forbid "down into a room from the folder above" '^#include "(gdb|net|virtual|chip|stlink_board)/'
forbid "by an absolute path" '^#include ["<]/'
forbid "libev" '^#include <ev\.h>' server/net/ server/serve.c
forbid "libusb" '^#include <libusb' probe/usb_libusb
forbid "Unicorn" '^#include <unicorn' targets/virtual/chip/
forbid "sockets" '^#include <sys/socket\.h>' server/net/ server/virtual.c probe/usbip_ \
	targets/virtual/stlink_board/
forbid "threads" '^#include <pthread\.h>' server/mailbox.c server/worker.c
exit $failed
