#!/bin/sh
# In the guest: pulls the plug of the board at this path on USB, and waits until the kernel has
# seen it go.
#
#   detach.sh PATH      (1-1 is port 0 of usbip's first virtual hub)
set -eu
usbip detach -p "$((${1#1-} - 1))"
tries=600
while [ -e "/sys/bus/usb/devices/$1" ]; do
	[ "$tries" -gt 0 ] || exit 1
	sleep 0.05
	tries=$((tries - 1))
done
