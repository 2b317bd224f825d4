#!/bin/sh
# Runs flight.elf on a machine that this project did not write: QEMU's STM32F405, driven by gdb over a
# pipe. Its RCC, GPIO, flash interface and DMA are empty places that read 0; core, SysTick, NVIC, FPU
# and TIM4 are there. Time is counted in instructions (-icount), so each run is the same run.
#
# Exit 0: flew. 1: did not. 77 (ctest: skipped): qemu-system-arm or gdb-multiarch is not installed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

for program in qemu-system-arm gdb-multiarch; do
	if ! command -v "$program" >/dev/null; then
		echo "SKIP: $program is not installed"
		exit 77
	fi
done

cd "$here/../.."
# Not by gdb's exit code: QEMU may be gone before gdb has finished with killing it.
log=$(gdb-multiarch -nx -batch -x "$here/run_qemu.gdb" "$here/flight.elf" 2>&1) || true
printf '%s\n' "$log"
printf '%s\n' "$log" | grep -qx 'flew'
