/*
 * Messages of USB/IP, version 1.1.1, made and taken apart. Pure.
 *
 * Written from the kernel's Documentation/usb/usbip_protocol.rst. All fields are big-endian, but
 * the setup packet and descriptors, which are USB's own and little-endian.
 */
#ifndef PROBE_USBIP_PROTOCOL_H
#define PROBE_USBIP_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

#define USBIP_BUSID_SIZE  32
#define USBIP_OP_SIZE     8   /* head of the messages before a device is imported */
#define USBIP_DEVICE_SIZE 312 /* one device in their replies, without its interfaces */
#define USBIP_HEADER_SIZE 48  /* head of the messages after */
#define USBIP_SETUP_SIZE  8

enum usbip_op {
	USBIP_OP_REQ_DEVLIST = 0x8005,
	USBIP_OP_REP_DEVLIST = 0x0005,
	USBIP_OP_REQ_IMPORT = 0x8003,
	USBIP_OP_REP_IMPORT = 0x0003,
};

enum usbip_command {
	USBIP_CMD_SUBMIT = 1,
	USBIP_CMD_UNLINK = 2,
	USBIP_RET_SUBMIT = 3,
	USBIP_RET_UNLINK = 4,
};

/* ---- before the import ---- */

void usbip_encode_op(enum usbip_op code, uint8_t message[USBIP_OP_SIZE]);

/* Whether this is the reply `code`; *status is 0 for ok, else one of the server's. */
bool usbip_decode_op(const uint8_t message[USBIP_OP_SIZE], enum usbip_op code, uint32_t *status);

/* What a server's refusal to export means. */
enum err usbip_op_error(uint32_t status);

struct usbip_device {
	char busid[USBIP_BUSID_SIZE + 1];
	uint32_t id; /* busnum << 16 | devnum */
	uint16_t vid, pid;
	uint8_t interfaces; /* in a list, each follows with 4 bytes */
};

void usbip_decode_device(const uint8_t entry[USBIP_DEVICE_SIZE], struct usbip_device *device);

/* ---- after the import ---- */

/* A request to transfer. `endpoint` as in a descriptor (0x81); `setup` is NULL but for endpoint
 * 0, whose direction the setup packet tells. */
struct usbip_submit {
	uint32_t seqnum, device;
	uint8_t endpoint;
	bool is_in;
	uint32_t size;
	const uint8_t *setup;
};

void usbip_encode_submit(const struct usbip_submit *submit, uint8_t header[USBIP_HEADER_SIZE]);
void usbip_encode_unlink(
	uint32_t seqnum, uint32_t device, uint32_t unlinked, uint8_t header[USBIP_HEADER_SIZE]);

struct usbip_reply {
	uint32_t command; /* USBIP_RET_SUBMIT or USBIP_RET_UNLINK */
	uint32_t seqnum;
	int32_t status;  /* 0, or a negative errno of Linux */
	uint32_t actual; /* bytes transferred; 0 for RET_UNLINK */
};

/* False: this is no reply that a bulk or control transfer can have. */
bool usbip_decode_reply(const uint8_t header[USBIP_HEADER_SIZE], struct usbip_reply *reply);

/* The error that a status of RET_SUBMIT means. */
enum err usbip_status_error(int32_t status);

/* ---- descriptors ---- */

struct usbip_endpoints {
	uint8_t configuration;         /* its number */
	uint8_t command, reply, trace; /* addresses; trace may be 0: there is none */
};

/* The endpoints of interface 0 in a configuration descriptor of `size` bytes. False: it has no bulk
 * OUT or no bulk IN, or makes no sense. */
bool usbip_find_endpoints(
	const uint8_t *descriptor, size_t size, struct usbip_endpoints *endpoints);

#endif
