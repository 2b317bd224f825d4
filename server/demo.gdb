# The session of demo.sh, behind load and compare-sections.
break practice_round
continue
echo \n-- the first round of the main loop:\n
backtrace
continue
echo \n-- one second of flight later:\n
printf "ticks         %u\n", ticks
printf "control loops %u\n", flight.loops
printf "TIM4 compare  %u %u %u %u\n", tim4.ccr[0], tim4.ccr[1], tim4.ccr[2], tim4.ccr[3]
print flight.attitude
print $s0
echo \n-- a few steps:\n
stepi
next
info registers pc sp xPSR
if ticks == 1000 && flight.loops == 1000 && tim4.ccr[0] == 7094
	echo \ndemo: done\n
end
kill
