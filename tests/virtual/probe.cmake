# Tests of the virtual board around its chip, which is a fake but in the last of them.

add_library(fake_chip STATIC fake_chip.c)
target_link_libraries(fake_chip PUBLIC chip_door)

add_library(board_bench STATIC bench.c usbip_peer.c)
target_include_directories(board_bench PUBLIC
	${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/targets/virtual)
target_link_libraries(board_bench PUBLIC board_door chip_door base prelude_door)

foreach(file
	board board_control dap stlink_clock stlink_core stlink_dap stlink_faults stlink_firmware
	stlink_memory stlink_misc stlink_model stlink_session stlink_trace swd usb_control usb_device
	usbip_session usbip_urbs wire)
	unit_test(${file} LIBS board_bench virtual_board fake_chip)
endforeach()

foreach(file clients options pace server)
	unit_test(${file} LIBS board_bench stlink_board_parts virtual_board fake_chip)
	target_include_directories(virtual_${file}_test PRIVATE
		${PROJECT_SOURCE_DIR}/targets/virtual/stlink_board)
endforeach()

unit_test(whole_board LIBS board_bench virtual)
