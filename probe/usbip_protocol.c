/* Messages of USB/IP, made and taken apart. Pure; from Documentation/usb/usbip_protocol.rst. */
#include "usbip_protocol.h"

#include <string.h>

#include "probe/bytes.h"

#define VERSION        0x0111
#define URB_DIR_IN     0x0200 /* transfer_flags, include/uapi/linux/usbip.h */
#define NO_ISO_PACKETS 0xFFFFFFFFu

/* The errno of Linux, whatever this machine's own are. */
enum linux_errno {
	LINUX_ENOENT = -2,
	LINUX_ENODEV = -19,
	LINUX_EPIPE = -32,
	LINUX_ECONNRESET = -104,
	LINUX_ESHUTDOWN = -108,
	LINUX_ETIMEDOUT = -110,
};

/* ---- before the import ---- */

void usbip_encode_op(enum usbip_op code, uint8_t message[USBIP_OP_SIZE])
{
	put_be16(message, VERSION);
	put_be16(message + 2, (uint16_t)code);
	put_be32(message + 4, 0);
}

bool usbip_decode_op(const uint8_t message[USBIP_OP_SIZE], enum usbip_op code, uint32_t *status)
{
	*status = get_be32(message + 4);
	return get_be16(message) == VERSION && get_be16(message + 2) == code;
}

/* The document knows only 1, "error"; the kernel's own server says more. */
enum err usbip_op_error(uint32_t status)
{
	static const enum err errors[] = {
		ERR_OK, ERR_USB_NOT_FOUND, /* not available */
		ERR_USB_BUSY, ERR_USB_IO,  /* the device is in an error state */
		ERR_USB_NOT_FOUND,         /* no such device */
	};
	return status < sizeof(errors) / sizeof(errors[0]) ? errors[status] : ERR_USB_IO;
}

void usbip_decode_device(const uint8_t entry[USBIP_DEVICE_SIZE], struct usbip_device *device)
{
	memcpy(device->busid, entry + 0x100, USBIP_BUSID_SIZE);
	device->busid[USBIP_BUSID_SIZE] = '\0';
	device->id = get_be32(entry + 0x120) << 16 | get_be32(entry + 0x124);
	device->vid = get_be16(entry + 0x12C);
	device->pid = get_be16(entry + 0x12E);
	device->interfaces = entry[0x137];
}

/* ---- after the import ---- */

static void encode_basic(
	uint8_t *header, enum usbip_command command, uint32_t seqnum, uint32_t device)
{
	memset(header, 0, USBIP_HEADER_SIZE);
	put_be32(header, command);
	put_be32(header + 4, seqnum);
	put_be32(header + 8, device);
}

void usbip_encode_submit(const struct usbip_submit *submit, uint8_t header[USBIP_HEADER_SIZE])
{
	encode_basic(header, USBIP_CMD_SUBMIT, submit->seqnum, submit->device);
	put_be32(header + 0x0C, submit->is_in);
	put_be32(header + 0x10, submit->endpoint & 0x0F);
	put_be32(header + 0x14, submit->is_in ? URB_DIR_IN : 0);
	put_be32(header + 0x18, submit->size);
	/* number_of_packets stays 0, which is what the kernel's client sends for transfers that are
	 * not isochronous, although the document asks for FFFFFFFF. */
	if (submit->setup)
		memcpy(header + 0x28, submit->setup, USBIP_SETUP_SIZE);
}

void usbip_encode_unlink(
	uint32_t seqnum, uint32_t device, uint32_t unlinked, uint8_t header[USBIP_HEADER_SIZE])
{
	encode_basic(header, USBIP_CMD_UNLINK, seqnum, device);
	put_be32(header + 0x14, unlinked);
}

bool usbip_decode_reply(const uint8_t header[USBIP_HEADER_SIZE], struct usbip_reply *reply)
{
	uint32_t packets = get_be32(header + 0x20);

	reply->command = get_be32(header);
	reply->seqnum = get_be32(header + 4);
	reply->status = (int32_t)get_be32(header + 0x14);
	reply->actual = 0;
	if (reply->command == USBIP_RET_UNLINK)
		return true;
	reply->actual = get_be32(header + 0x18);
	return reply->command == USBIP_RET_SUBMIT && (packets == 0 || packets == NO_ISO_PACKETS);
}

enum err usbip_status_error(int32_t status)
{
	switch (status) {
	case 0:
		return ERR_OK;
	case LINUX_EPIPE:
		return ERR_USB_STALL;
	case LINUX_ENODEV:
	case LINUX_ESHUTDOWN:
		return ERR_USB_GONE;
	case LINUX_ENOENT:
	case LINUX_ECONNRESET:
	case LINUX_ETIMEDOUT:
		return ERR_USB_TIMEOUT;
	default:
		return ERR_USB_IO;
	}
}

/* ---- descriptors ---- */

#define DESCRIPTOR_CONFIGURATION 2
#define DESCRIPTOR_INTERFACE     4
#define DESCRIPTOR_ENDPOINT      5
#define ENDPOINT_TYPE            0x03
#define ENDPOINT_BULK            0x02
#define ENDPOINT_IN              0x80
#define ENDPOINT_REPLY           0x81 /* of every ST-LINK */

/* Interface 0 has one bulk OUT and two bulk IN: replies, and trace. */
static void take_endpoint(const uint8_t *descriptor, struct usbip_endpoints *endpoints)
{
	uint8_t address = descriptor[2];

	if ((descriptor[3] & ENDPOINT_TYPE) != ENDPOINT_BULK)
		return;
	if (!(address & ENDPOINT_IN) && !endpoints->command)
		endpoints->command = address;
	else if (address == ENDPOINT_REPLY)
		endpoints->reply = address;
	else if ((address & ENDPOINT_IN) && !endpoints->trace)
		endpoints->trace = address;
}

bool usbip_find_endpoints(const uint8_t *descriptor, size_t size, struct usbip_endpoints *endpoints)
{
	bool wanted = false;

	memset(endpoints, 0, sizeof(*endpoints));
	if (size < 9 || descriptor[1] != DESCRIPTOR_CONFIGURATION)
		return false;
	endpoints->configuration = descriptor[5];
	for (size_t at = 0, length; at + 2 <= size; at += length) {
		length = descriptor[at];
		if (length < 2 || at + length > size)
			return false;
		if (descriptor[at + 1] == DESCRIPTOR_INTERFACE && length >= 9)
			wanted = descriptor[at + 2] == 0 && descriptor[at + 3] == 0;
		else if (descriptor[at + 1] == DESCRIPTOR_ENDPOINT && length >= 7 && wanted)
			take_endpoint(descriptor + at, endpoints);
	}
	return endpoints->command && endpoints->reply;
}
