/*
 * The command bytes of the ST-LINK, API version 2 and 3. Multi-byte fields are little-endian.
 * Gathered from what the open drivers send (OpenOCD, stlink, pyOCD, probe-rs, Black Magic Debug,
 * psdb): ST publishes no protocol document.
 */
#ifndef PROBE_STLINK_COMMAND_H
#define PROBE_STLINK_COMMAND_H

#include <stdint.h>

#include "probe/usb.h"

/* Byte 0. */
enum stlink_group {
	STLINK_GET_VERSION = 0xF1,
	STLINK_DEBUG = 0xF2,
	STLINK_DFU = 0xF3,
	STLINK_SWIM = 0xF4,
	STLINK_GET_CURRENT_MODE = 0xF5,
	STLINK_GET_TARGET_VOLTAGE = 0xF7,
	STLINK_GET_VERSION_EX = 0xFB,
};

/* Byte 1 after STLINK_DFU and STLINK_SWIM. */
#define STLINK_DFU_EXIT  0x07
#define STLINK_SWIM_EXIT 0x01

/* What GET_CURRENT_MODE answers. */
enum stlink_mode {
	STLINK_MODE_DFU = 0,
	STLINK_MODE_MASS_STORAGE = 1, /* idle */
	STLINK_MODE_DEBUG = 2,
	STLINK_MODE_SWIM = 3,
	STLINK_MODE_BOOTLOADER = 4,
};

/* Byte 1 after STLINK_DEBUG. */
enum stlink_debug {
	STLINK_READMEM_32BIT = 0x07,
	STLINK_WRITEMEM_32BIT = 0x08,
	STLINK_READMEM_8BIT = 0x0C,
	STLINK_WRITEMEM_8BIT = 0x0D,
	STLINK_EXIT = 0x21,
	STLINK_ENTER = 0x30,
	STLINK_READ_IDCODES = 0x31,
	STLINK_RESETSYS = 0x32,
	STLINK_READREG = 0x33,
	STLINK_WRITEREG = 0x34,
	STLINK_WRITEDEBUGREG = 0x35, /* writes any aligned word */
	STLINK_READDEBUGREG = 0x36,  /* reads any aligned word */
	STLINK_READALLREGS = 0x3A,
	STLINK_GETLASTRWSTATUS = 0x3B,
	STLINK_DRIVE_NRST = 0x3C,
	STLINK_GETLASTRWSTATUS2 = 0x3E,
	STLINK_START_TRACE_RX = 0x40,
	STLINK_STOP_TRACE_RX = 0x41,
	STLINK_GET_TRACE_NB = 0x42,
	STLINK_SWD_SET_FREQ = 0x43,
	STLINK_JTAG_SET_FREQ = 0x44,
	STLINK_READ_DAP_REG = 0x45,
	STLINK_WRITE_DAP_REG = 0x46,
	STLINK_READMEM_16BIT = 0x47,
	STLINK_WRITEMEM_16BIT = 0x48,
	STLINK_INIT_AP = 0x4B,
	STLINK_CLOSE_AP_DBG = 0x4C,
	STLINK_WRITEMEM_32BIT_NO_ADDR_INC = 0x50,
	STLINK_RW_MISC_OUT = 0x51,
	STLINK_RW_MISC_IN = 0x52,
	STLINK_RW_MISC_GET_MAX = 0x53,
	STLINK_READMEM_32BIT_NO_ADDR_INC = 0x54,
	STLINK_GET_BOARD_IDENTIFIERS = 0x56,
	STLINK_SET_COM_FREQ = 0x61,
	STLINK_GET_COM_FREQ = 0x62,
	STLINK_SWITCH_STLINK_FREQ = 0x63,
};

#define STLINK_ENTER_SWD 0xA3 /* argument of ENTER */

/* Argument of DRIVE_NRST. */
#define STLINK_NRST_LOW  0
#define STLINK_NRST_HIGH 1

#define STLINK_COM_SWD   0      /* argument of GET_ and SET_COM_FREQ */
#define STLINK_CTRL_STAT 0x4    /* of the debug port */
#define STLINK_PORT_DP   0xFFFF /* READ_ and WRITE_DAP_REG: the debug port, not an access port */
#define STLINK_AP_FIRST  0      /* the AHB-AP of every single-core STM32 */

/* Item codes of RW_MISC. */
enum stlink_item {
	STLINK_ITEM_SET_WRITE_ADDRESS = 1,
	STLINK_ITEM_WRITE = 2, /* to that address, which stays */
	STLINK_ITEM_READ = 3,
	STLINK_ITEM_SELECT_AP = 5,
};

/* A word for a message; "command" for one that is not in the lists above. */
const char *stlink_command_name(const uint8_t command[USB_COMMAND_SIZE]);

#endif
