#!/bin/sh
# Runs every test: installs what is missing (Debian 12, root or sudo), builds with gcc and clang,
# with the address, undefined-behaviour and thread sanitizers, and runs all of it through ctest.
#
#   tests/run.sh            everything
#   tests/run.sh -R NAME    arguments go to the last ctest
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/packages.sh"

jobs=$(nproc)
out=${BUILD_DIR:-$top/build/tests}

build() { # name compiler cmake-arguments...
	name=$1 compiler=$2
	shift 2
	echo "== $name: build with $compiler $*"
	CC=$compiler cmake -S "$top" -B "$out/$name" -G Ninja -DWERROR=ON "$@" >"$out/$name.log" 2>&1 ||
		{ cat "$out/$name.log"; exit 1; }
	cmake --build "$out/$name" -j "$jobs" >>"$out/$name.log" 2>&1 ||
		{ cat "$out/$name.log"; exit 1; }
}

need_packages $BUILD_PACKAGES $TEST_PACKAGES
mkdir -p "$out"

build clang clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 -DFUZZ=ON
build thread gcc -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=thread
build address gcc -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=address
build release gcc -DCMAKE_BUILD_TYPE=Release

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

echo "== limits of the release build: wall clock, processor, memory"
"$top/tests/limits.sh" "$out/release"
echo "== fuzzers: ten minutes of processor time in all, from a fixed seed"
fuzzers=$(find "$out/clang/tests/fuzz" -name 'fuzz_*' -type f -perm -u+x | wc -l)
FUZZ_SECONDS=$((600 / fuzzers + 1)) \
	ctest --test-dir "$out/clang" --output-on-failure -L fuzz -j "$jobs"
echo "== thread sanitizer: what has threads"
ctest --test-dir "$out/thread" --output-on-failure -L threads -j "$jobs"
echo "== the package: no sanitizer's library belongs into one, so it is the release build's"
ctest --test-dir "$out/release" --output-on-failure -R '^server_package$'
# Programs that nobody here wrote have limits of their own on the wall clock, so the board they are
# tried on is the fast one, and once is enough: what they do to it, the sanitizers see above.
echo "== over USB, in a guest: strangers on our board, side by side with us, and a long way"
ctest --test-dir "$out/release" --output-on-failure -L usb -j "$jobs"
cat "$out"/release/tests/usb/*.txt 2>/dev/null || true
echo "== IDEs, one line each: the debug adapter of Eclipse CDT itself, and what others send"
ctest --test-dir "$out/address" --output-on-failure -L ide -j "$jobs"
echo "== address and undefined-behaviour sanitizers: everything on this machine"
ctest --test-dir "$out/address" --output-on-failure -LE 'usb|ide' -j "$jobs" "$@"
