#!/bin/sh
# In the guest: plugs in a board that the host serves, and prints its path on USB (1-1, 1-2, ...)
# once the kernel has configured it.
#
#   attach.sh PORT BUSID
set -eu
cd /sys/bus/usb/devices

# All virtual ports in use here belong to the first virtual hub, which is bus 1.
configured() {
	for device in 1-[0-9] 1-1[0-9]; do
		[ "$(cat "$device/bConfigurationValue" 2>/dev/null)" = 1 ] && printf ' %s ' "$device"
	done
	return 0
}

before=$(configured)
usbip --tcp-port "$1" attach -r 10.0.2.2 -b "$2"
tries=600
while [ "$tries" -gt 0 ]; do
	for device in $(configured); do
		case $before in
		*" $device "*) ;;
		*) echo "$device" && exit 0 ;;
		esac
	done
	sleep 0.05
	tries=$((tries - 1))
done
echo "the kernel did not configure it:"
dmesg | tail -n 20
exit 1
