/*
 * What is plugged in, by libusb-1.0. Called by discovery, on any thread; see usb_libusb.h.
 *
 * A device is opened to read its serial number and closed again. Nothing is claimed and no command
 * is sent.
 */
#include "usb_libusb.h"

#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/log.h"
#include "usb_product.h"

#define DESCRIPTOR_TIMEOUT_MS 500
#define LANGUAGE_ENGLISH_US   0x0409

enum err usb_libusb_error(int libusb_error)
{
	switch (libusb_error) {
	case LIBUSB_SUCCESS:
		return ERR_OK;
	case LIBUSB_ERROR_ACCESS:
		return ERR_USB_ACCESS;
	case LIBUSB_ERROR_BUSY:
		return ERR_USB_BUSY;
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return ERR_USB_GONE;
	case LIBUSB_ERROR_TIMEOUT:
		return ERR_USB_TIMEOUT;
	case LIBUSB_ERROR_PIPE:
		return ERR_USB_STALL;
	case LIBUSB_ERROR_NO_MEM:
		return ERR_NO_MEMORY;
	default:
		return ERR_USB_IO;
	}
}

void usb_libusb_path(struct libusb_device *device, char path[USB_PATH_MAX])
{
	uint8_t ports[8];
	int count = libusb_get_port_numbers(device, ports, sizeof(ports));
	int length = snprintf(path, USB_PATH_MAX, "%u", libusb_get_bus_number(device));

	for (int i = 0; i < count; i++)
		length += snprintf(path + length, (size_t)(USB_PATH_MAX - length), "%c%u",
			i ? '.' : '-', ports[i]);
}

static void read_serial(libusb_device_handle *handle, uint8_t index, char serial[USB_SERIAL_MAX])
{
	uint8_t descriptor[255];
	int size = libusb_control_transfer(handle, LIBUSB_ENDPOINT_IN,
		LIBUSB_REQUEST_GET_DESCRIPTOR, (uint16_t)(LIBUSB_DT_STRING << 8 | index),
		LANGUAGE_ENGLISH_US, descriptor, sizeof(descriptor), DESCRIPTOR_TIMEOUT_MS);

	usb_serial_from_descriptor(descriptor, size > 0 ? (size_t)size : 0, serial);
}

/* What the kernel knows of a device that we may not open. An old serial may have a newline in it;
 * the last one is the kernel's. */
static void read_sysfs_serial(const char *path, char serial[USB_SERIAL_MAX])
{
	char name[USB_PATH_MAX + 40];
	char text[3 * USB_SERIAL_MAX] = "";

	snprintf(name, sizeof(name), "/sys/bus/usb/devices/%s/serial", path);
	FILE *file = fopen(name, "re");
	if (!file)
		return;
	size_t length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	if (length)
		text[length - 1] = '\0';
	usb_serial_from_text(text, serial);
}

static void describe(libusb_device *device, const struct libusb_device_descriptor *descriptor,
	struct usb_found *found)
{
	libusb_device_handle *handle;

	memset(found, 0, sizeof(*found));
	found->identity.vid = descriptor->idVendor;
	found->identity.pid = descriptor->idProduct;
	usb_libusb_path(device, found->identity.path);
	found->bus = libusb_get_bus_number(device);
	found->address = libusb_get_device_address(device);
	found->access = usb_libusb_error(libusb_open(device, &handle));
	if (found->access) {
		read_sysfs_serial(found->identity.path, found->identity.serial);
		return;
	}
	if (descriptor->iSerialNumber)
		read_serial(handle, descriptor->iSerialNumber, found->identity.serial);
	libusb_close(handle);
}

static int by_path(const void *a, const void *b)
{
	const struct usb_found *first = a, *second = b;
	return strverscmp(first->identity.path, second->identity.path);
}

static enum err scan(libusb_context *context, struct usb_found *found, size_t max, size_t *count)
{
	libusb_device **devices;
	ssize_t total = libusb_get_device_list(context, &devices);

	if (total < 0)
		return usb_libusb_error((int)total);
	for (ssize_t i = 0; i < total && *count < max; i++) {
		struct libusb_device_descriptor descriptor;

		if (libusb_get_device_descriptor(devices[i], &descriptor) == LIBUSB_SUCCESS &&
			usb_product_find(descriptor.idVendor, descriptor.idProduct))
			describe(devices[i], &descriptor, &found[(*count)++]);
	}
	libusb_free_device_list(devices, 1);
	qsort(found, *count, sizeof(*found), by_path);
	return ERR_OK;
}

enum err usb_libusb_scan(struct usb_found *found, size_t max, size_t *count)
{
	libusb_context *context;

	*count = 0;
	int failure = libusb_init(&context);
	if (failure == LIBUSB_ERROR_NO_MEM)
		return ERR_NO_MEMORY;
	if (failure) {
		/* libusb refuses to start where there is no usbfs, as in a bare container. */
		if (access("/dev/bus/usb", F_OK) != 0)
			return ERR_OK;
		log_error("USB cannot be used: %s; is /dev/bus/usb readable?",
			libusb_strerror(failure));
		return ERR_USB_IO;
	}
	enum err err = scan(context, found, max, count);
	libusb_exit(context);
	return err;
}
