#!/bin/sh
# The package: installs into a scratch root, as cmake and as dpkg would, and uses what is there.
#
#   package_test.sh CMAKE CPACK BUILD FIRMWARE
set -eu
cmake=$1 cpack=$2 build=$3 firmware=$4

scratch=$(mktemp -d)
server=
clean() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	rm -rf "$scratch"
}
trap clean EXIT

fail() {
	echo "$*"
	exit 1
}

# use ROOT: what every installation has to be able to.
use() {
	bin=$1/bin
	[ "$("$bin/stlink-gdb" --version)" = "$("$build/stlink-gdb" --version)" ] || fail "another version"
	"$bin/stlink-gdb" flash "$firmware" --virtual || fail "cannot flash the virtual board"
	"$bin/stlink-gdb" --print-udev | cmp - "$1/lib/udev/rules.d/70-stlink.rules"
	for program in stlink-gdb stlink-board; do
		page=$1/share/man/man1/$program.1
		complete=$1/share/bash-completion/completions/$program
		"$bin/$program" --help | grep -o -- '--[a-z-]*' | sort -u | while read -r option; do
			grep -q -F -- "$(echo "$option" | sed 's/-/\\-/g')" "$page" ||
				fail "$page does not tell of $option"
			grep -q -F -- "$option" "$complete" || fail "$complete has no $option"
			grep -q -F -- "$option" "$1/share/zsh/site-functions/_$program" ||
				fail "zsh does not complete $option"
		done
	done
	grep -q "ExecStart=.*/bin/stlink-gdb --once" "$1/lib/systemd/user/stlink-gdb.service"
	grep -q "ListenStream=127.0.0.1:3333" "$1/lib/systemd/user/stlink-gdb.socket"
}

# complete WORD...: what bash offers for the last word.
complete_in_bash() {
	bash -c '
		. "$1/share/bash-completion/completions/stlink-gdb"
		shift
		COMP_WORDS=(stlink-gdb "$@")
		COMP_CWORD=$#
		_stlink_gdb
		echo "${COMPREPLY[*]}"' bash "$scratch/cmake" "$@"
}

"$cmake" --install "$build" --prefix "$scratch/cmake" >/dev/null
use "$scratch/cmake"
[ "$(complete_in_bash --pri)" = --print-udev ] || fail "bash completes --pri to $(complete_in_bash --pri)"
[ "$(complete_in_bash --connect under)" = under-reset ] || fail "bash does not complete a choice"
if command -v groff >/dev/null; then
	problems=$(groff -man -Tutf8 -ww -z "$scratch/cmake/share/man/man1/stlink-gdb.1" 2>&1)
	[ -z "$problems" ] || fail "groff: $problems"
fi
grep -q '^.SH "EXIT CODES"' "$scratch/cmake/share/man/man1/stlink-gdb.1" ||
	fail "the page has no exit codes"

(cd "$scratch" && "$cpack" --config "$build/CPackConfig.cmake" -B "$scratch" >"$scratch/log" 2>&1) ||
	fail "cpack: $(cat "$scratch/log")"
package=$(ls "$scratch"/*.deb)
dpkg-deb --info "$package" | grep -q "Depends:.*libusb-1.0-0" || fail "the package needs no libusb"
dpkg-deb --info "$package" | grep -q "Depends:.*libev4" || fail "the package needs no libev"
dpkg -x "$package" "$scratch/root"
use "$scratch/root/usr"
echo "both installations work"
