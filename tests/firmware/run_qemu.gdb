# For run_qemu.sh. Numbers come from tables/motion.c (angles at the seams of the record) and PM0214
# 4.4.14 (CFSR).
set confirm off
set pagination off
set width 0

# must EXPRESSION (no spaces)
define must
	if $arg0
		echo ok: $arg0\n
	else
		echo FAIL: $arg0\n
		kill
		quit 1
	end
end

target remote | exec qemu-system-arm -M netduinoplus2 -icount shift=3,sleep=off -display none -monitor none -serial none -S -gdb stdio -kernel tests/firmware/flight.elf 2>/dev/null

# Two seconds of flight. The chip has no RCC, so the clock must have stayed where reset left it.
break practice_round
ignore 1 2
continue
must clock_source==CLOCK_HSI
must clock_hz==16000000
must ticks==2000
must flight.loops==2000
must telemetry.frames==21
must practice.factorial==3628800
must practice.ticks-1000<=1
must tim4.ccr[0]>0&&tim4.ccr[0]<=tim4.arr

# Three more. Nothing is left to chance, so the motors have these settings and no others.
ignore 1 2
continue
must ticks==5000
must tim4.ccr[0]==1095
must tim4.ccr[1]==1737
must tim4.ccr[2]==1195
must tim4.ccr[3]==421

# Nine more: the estimate has found the attitude of the stand, 6.4 degrees right and 11.7 up.
ignore 1 8
continue
must ticks==14000
must telemetry.euler.roll_deg>5.4&&telemetry.euler.roll_deg<7.4
must telemetry.euler.pitch_deg>10.7&&telemetry.euler.pitch_deg<12.7
must image.passes>=10
must image.changes==0

# An order, and the fault it asks for.
delete
break fault_stop
set var debug_command=DEBUG_DIVIDE_BY_ZERO
continue
next 3
must last_fault.exception==3
must last_fault.cfsr==0x02000000
must last_fault.frame.pc>(unsigned)misbehave_divide_by_zero
must tim4.ccr[0]==0
echo flew\n
kill
