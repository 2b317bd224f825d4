/* Status codes of the ST-LINK firmware: byte 0 of most replies. Sources: see stlink_firmware.h. */
#ifndef TARGETS_VIRTUAL_STLINK_STATUS_H
#define TARGETS_VIRTUAL_STLINK_STATUS_H

#include <stdint.h>

#define STATUS_OK             0x80
#define STATUS_UNKNOWN        0x01
#define STATUS_UNKNOWN_CHAIN  0x04
#define STATUS_COMMAND_ERROR  0x08
#define STATUS_NO_IDCODE      0x09
#define STATUS_ALIGNMENT      0x0a
#define STATUS_POWER_UP       0x0b
#define STATUS_ALREADY_OPEN   0x0e
#define STATUS_AP_WAIT        0x10
#define STATUS_AP_FAULT       0x11
#define STATUS_AP_PARITY      0x13
#define STATUS_DP_WAIT        0x14
#define STATUS_DP_FAULT       0x15
#define STATUS_DP_ERROR       0x16
#define STATUS_DP_PARITY      0x17
#define STATUS_AP_WDATA       0x18
#define STATUS_AP_STICKY      0x19
#define STATUS_BAD_AP         0x1d
#define STATUS_CONFIG_CHANGED 0x40
#define STATUS_FREQUENCY      0x41
#define STATUS_UNKNOWN_CMD    0x42

#endif
