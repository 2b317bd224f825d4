# Sourced by tests/run.sh and server/demo.sh: Debian packages, and how to get those that are missing.

BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config libusb-1.0-0-dev libev-dev libunicorn-dev"
TEST_PACKAGES="clang libclang-rt-14-dev libcmocka-dev gdb-multiarch lldb-19 gcc-arm-none-eabi
	libnewlib-arm-none-eabi python3 dpkg-dev file groff-base qemu-system-arm
	qemu-system-x86 iproute2 usbip udev openocd stlink-tools python3-pyocd"
# Debian's npm is a package of its own; Node.js from elsewhere brings one, and the two conflict.
command -v npm >/dev/null || TEST_PACKAGES="$TEST_PACKAGES nodejs npm"
# IDEs say localhost; a system that nobody installed, only unpacked, has no /etc/hosts to know it from.
getent hosts localhost >/dev/null || TEST_PACKAGES="$TEST_PACKAGES libnss-myhostname"

# need_packages NAME...: installs those that are not there; needs root or sudo for that only.
need_packages() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "== installing:$missing"
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	export DEBIAN_FRONTEND=noninteractive
	$as_root apt-get update -qq
	# shellcheck disable=SC2086
	$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
