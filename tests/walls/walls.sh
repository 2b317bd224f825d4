#!/bin/sh
# One room's walls: with its include path the first headers compile, those after `--` are not found.
#
#   walls.sh COMPILER FLAGS-FILE ALLOWED... -- FORBIDDEN...
set -eu
compiler=$1 flags=$2
shift 2

top=$(cd "$(dirname "$0")/../.." && pwd)
failed=0

complain() {
	echo "$*"
	failed=1
}

# The source comes from a pipe: it lies in no folder, so only the include path finds anything.
compile() {
	printf '#include <stddef.h>\n#include "%s"\n' "$1" |
		"$compiler" -std=c11 -D_GNU_SOURCE -fsyntax-only "@$flags" -x c - 2>&1
}

[ "$1" != -- ] || complain "nothing is allowed: the test tests nothing"
while [ "$1" != -- ]; do
	messages=$(compile "$1") || complain "$1 should compile: $messages"
	shift
done
[ "$#" -gt 1 ] || complain "nothing is forbidden: the test tests nothing"
shift
for header in "$@"; do
	[ -e "$top/$header" ] || [ "$header" = libusb.h ] || complain "there is no $header any more"
	if messages=$(compile "$header"); then
		complain "$header is behind a wall, and compiles"
		continue
	fi
	case $messages in
	*"$header"*"No such file"* | *"$header"*"file not found"*) ;;
	*) complain "$header fails for another reason: $messages" ;;
	esac
done
exit $failed
