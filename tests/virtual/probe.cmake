# Tests of the virtual board around its chip, which is a fake here.

add_library(fake_chip STATIC fake_chip.c)
target_link_libraries(fake_chip PUBLIC chip_door)

add_library(board_bench STATIC bench.c)
target_include_directories(board_bench PUBLIC
	${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/targets/virtual)
target_link_libraries(board_bench PUBLIC virtual_board fake_chip base PkgConfig::CMOCKA)

foreach(test stlink_faults stlink_model dap swd stlink_session stlink_clock stlink_core stlink_memory
	stlink_dap stlink_misc stlink_trace stlink_firmware usb_device usb_control usbip_session wire board
	board_control)
	unit_test(virtual_test_${test} test_${test}.c LIBS board_bench)
endforeach()

foreach(test pace options clients server)
	unit_test(virtual_test_${test} test_${test}.c LIBS board_bench stlink_board_parts fake_chip)
	target_include_directories(virtual_test_${test} PRIVATE
		${PROJECT_SOURCE_DIR}/targets/virtual/stlink_board)
endforeach()
