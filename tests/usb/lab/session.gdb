# What a person does with gdb and a board, the same for every server. Before it: the file, `target
# extended-remote`, and whatever that server wants for a halted core. Read by lab/debugging.py.
echo == load\n
load
compare-sections

echo == breakpoint\n
break practice_round
continue
printf "first: ticks %u loops %u\n", ticks, flight.loops
continue
printf "second: ticks %u loops %u ccr %u %u %u %u\n", ticks, flight.loops, tim4.ccr[0], tim4.ccr[1], tim4.ccr[2], tim4.ccr[3]
backtrace
delete

echo == steps\n
stepi
printf "stepi: in practice_round %d\n", (unsigned)$pc > (unsigned)practice_round && (unsigned)$pc < (unsigned)practice_round + 32
next
next
printf "next: factorial %u ram_sum_done %d\n", practice.factorial, practice.ram_sum != 0
info registers r0 sp lr pc
print $s0

echo == code in RAM\n
break ram_sum
continue
printf "ram: %d\n", ((unsigned)$pc >> 24) == 0x20
finish
delete

echo == watchpoint\n
watch practice.rounds
continue
printf "rounds %u\n", practice.rounds
delete
rwatch image.crc
delete

echo == memory\n
set var practice.factorial = 0x12345678
print /x practice.factorial
dump binary memory /run/from-gdb 0x08000000 0x08001001
set var motors_armed = 0
