/*
 * The messages of USB/IP: codes, sizes and where their fields are. All fields are big-endian.
 *
 * Used by the server's side only (usbip_session.c, usbip_urbs.c). From the kernel's
 * Documentation/usb/usbip_protocol.rst, version 1.1.1. Status codes of operations are those of the
 * kernel's user tools; URB statuses are negative errno values of Linux, whatever the host is.
 */
#ifndef TARGETS_VIRTUAL_USBIP_PROTOCOL_H
#define TARGETS_VIRTUAL_USBIP_PROTOCOL_H

#define USBIP_VERSION 0x0111

/* ---- operations: before a device is imported ---- */

#define OP_REQ_DEVLIST 0x8005
#define OP_REP_DEVLIST 0x0005
#define OP_REQ_IMPORT  0x8003
#define OP_REP_IMPORT  0x0003

#define OP_STATUS_OK        0
#define OP_STATUS_BUSY      2
#define OP_STATUS_NO_DEVICE 4

#define OP_VERSION_AT     0
#define OP_CODE_AT        2
#define OP_STATUS_AT      4
#define OP_HEADER_SIZE    8
#define OP_BUSID_SIZE     32
#define OP_IMPORT_SIZE    (OP_HEADER_SIZE + OP_BUSID_SIZE)
#define OP_DEVICE_SIZE    312 /* one device in a reply */
#define OP_INTERFACE_SIZE 4   /* follows each device of a list */

/* inside a device */
#define DEVICE_PATH_AT           0
#define DEVICE_PATH_SIZE         256
#define DEVICE_BUSID_AT          256
#define DEVICE_BUSNUM_AT         288
#define DEVICE_DEVNUM_AT         292
#define DEVICE_SPEED_AT          296
#define DEVICE_VENDOR_AT         300
#define DEVICE_PRODUCT_AT        302
#define DEVICE_BCD_AT            304
#define DEVICE_CLASS_AT          306
#define DEVICE_CONFIGURATION_AT  309
#define DEVICE_CONFIGURATIONS_AT 310
#define DEVICE_INTERFACES_AT     311

#define SPEED_FULL 2
#define SPEED_HIGH 3

/* ---- URBs: after the import ---- */

#define URB_HEADER_SIZE 48

#define CMD_SUBMIT 1
#define CMD_UNLINK 2
#define RET_SUBMIT 3
#define RET_UNLINK 4

#define DIRECTION_OUT 0
#define DIRECTION_IN  1

#define URB_COMMAND_AT   0
#define URB_SEQNUM_AT    4
#define URB_DEVID_AT     8
#define URB_DIRECTION_AT 12
#define URB_ENDPOINT_AT  16

#define SUBMIT_FLAGS_AT   20
#define SUBMIT_LENGTH_AT  24
#define SUBMIT_PACKETS_AT 32
#define SUBMIT_SETUP_AT   40
#define FLAG_SHORT_NOT_OK 0x0001U

#define UNLINK_SEQNUM_AT 20

#define RETURN_STATUS_AT  20
#define RETURN_LENGTH_AT  24
#define RETURN_PACKETS_AT 32

#define URB_OK         0
#define URB_PIPE       (-32)  /* the endpoint stalled */
#define URB_PROTOCOL   (-71)  /* nothing answered there */
#define URB_OVERFLOW   (-75)  /* more came than was asked for */
#define URB_CONN_RESET (-104) /* unlinked */
#define URB_REMOTE_IO  (-121) /* less came, and that was not wanted */

#endif
