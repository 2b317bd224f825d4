# The session of demo.sh, behind load and compare-sections.
define heading
	echo \n
	echo -- $arg0\n
end

break practice_round
continue
heading "the first round of the main loop"
backtrace
ignore 1 1
continue
heading "one second of flight later"
printf "ticks        %u\n", ticks
printf "control loop %u times\n", flight.loops
printf "motors       %u %u %u %u (TIM4 compare registers)\n", tim4.ccr[0], tim4.ccr[1], tim4.ccr[2], tim4.ccr[3]
print flight.attitude
print $s0
heading "a few steps"
stepi
next
info registers pc sp xpsr
if ticks > 900 && tim4.ccr[0] > 0
	echo demo: done\n
end
kill
