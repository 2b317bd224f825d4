#!/bin/sh
# Runs one fuzzer, from its corpus and a fixed seed; what it finds on the way is kept in a folder of
# its own and deleted. A finding is left beside the fuzzer.
#
#   tests/fuzz/run.sh FUZZER RUNS CORPUS     for RUNS inputs
#   FUZZ_SECONDS=60 tests/fuzz/run.sh ...    for that long
set -eu
fuzzer=$1 runs=$2 corpus=$3
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
if [ "${FUZZ_SECONDS:-}" ]; then
	budget=-max_total_time=$FUZZ_SECONDS
else
	budget=-runs=$runs
fi
# What the code under test logs of millions of inputs is not wanted; findings are told all the same.
"$fuzzer" "$budget" -seed=1 -rss_limit_mb=4096 -timeout=60 -close_fd_mask=3 -print_final_stats=1 \
	-artifact_prefix="$(dirname "$fuzzer")/" "$found" "$corpus"
