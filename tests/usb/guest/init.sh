#!/bin/busybox sh
# The guest's first process, started by its kernel from the initramfs (initramfs.py).
#
# Loads the modules, lays a file system in memory over the host's read-only one, so that every
# program of the host is there and nothing can be changed, and starts the agent. When the agent
# ends, so does the machine.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev

fail() {
	echo "init: $*"
	poweroff -f
}

word() { # NAME: its value on the kernel's command line
	sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

for module in $(cat /order); do
	insmod "/modules/$module.ko" || fail "cannot load $module"
done

mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=262144 host /host ||
	fail "cannot mount the host's files"
mount -t tmpfs tmpfs /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /new ||
	fail "cannot lay the overlay"
mount -t proc proc /new/proc
mount -t sysfs sysfs /new/sys
mount -t devtmpfs dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts devpts /new/dev/pts
for folder in run dev/shm; do
	mount -t tmpfs -o mode=1777 tmpfs "/new/$folder"
done
mount -t debugfs debugfs /new/sys/kernel/debug

# The board reserves far more memory than it uses, and sanitizers more than there is.
echo 1 >/proc/sys/vm/overcommit_memory
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2

chroot /new /usr/bin/python3 "$(word agent)" 10.0.2.2 "$(word port)"
poweroff -f
