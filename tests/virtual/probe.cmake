# Tests of the virtual board around its chip, which is a fake but in the last of them.

add_library(fake_chip STATIC fake_chip.c)
target_link_libraries(fake_chip PUBLIC chip_door)

add_library(board_bench STATIC bench.c usbip_peer.c)
target_include_directories(board_bench PUBLIC
	${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/targets/virtual)
target_link_libraries(board_bench PUBLIC board_door chip_door base PkgConfig::CMOCKA)

foreach(test
	board board_control dap stlink_clock stlink_core stlink_dap stlink_faults stlink_firmware
	stlink_memory stlink_misc stlink_model stlink_session stlink_trace swd usb_control usb_device
	usbip_session usbip_urbs wire)
	unit_test(virtual_${test}_test ${test}_test.c LIBS board_bench virtual_board fake_chip)
endforeach()

foreach(test clients options pace server)
	unit_test(virtual_${test}_test ${test}_test.c
		LIBS board_bench stlink_board_parts virtual_board fake_chip)
	target_include_directories(virtual_${test}_test PRIVATE
		${PROJECT_SOURCE_DIR}/targets/virtual/stlink_board)
endforeach()

if(TARGET virtual)
	unit_test(virtual_whole_board_test whole_board_test.c LIBS board_bench virtual)
endif()
