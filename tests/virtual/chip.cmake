# Tests of the virtual microcontroller, all through its door, targets/virtual/chip.h.

add_library(chip_rig STATIC chip_rig.c)
target_link_libraries(chip_rig PUBLIC virtual_chip prelude_door)

foreach(file
	chip_life chip_reset chip_bus chip_timer chip_watchdog chip_power chip_peripheral chip_fault
	chip_model chip_storm
	cpu_debug cpu_exception cpu_fault cpu_breakpoint cpu_program cpu_rewrite
	flash_program flash_erase flash_option flash_core)
	unit_test(${file} LIBS chip_rig)
endforeach()
