set confirm off
set pagination off
set debug remote 1
target extended-remote :45595
info registers
info registers control fpscr
print $d0
print $s1
monitor info
monitor help
monitor rest halt
info threads
load
compare-sections
stepi
break work
info breakpoints
