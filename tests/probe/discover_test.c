/*
 * Discovery and the real wire on whatever USB this machine has. Where an ST-LINK is plugged in, it
 * is left alone: these tests ask only for what cannot be there.
 */
#include "probe/discover.h"

#include <string.h>

#include "probe/usb_libusb.h"
#include "tests/prelude.h"

static void listing_is_no_error_also_where_there_is_nothing(void **state)
{
	(void)state;
	struct discovered found[DISCOVER_MAX];
	size_t count = 999;

	assert_int_equal(discover_list(found, &count, false), ERR_OK);
	assert_in_range(count, 0, DISCOVER_MAX);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(found[i].identity.vid, 0x0483);
		assert_true(found[i].model[0]);
		assert_true(found[i].identity.path[0]);
		assert_string_equal(found[i].firmware, "");
	}
}

static void a_serial_that_nobody_has_is_not_found(void **state)
{
	(void)state;
	const struct probe_choice choice = {.serial = "no such serial number"};
	struct usb *usb = NULL;

	assert_int_equal(discover_open(&choice, &usb), ERR_USB_NOT_FOUND);
	assert_null(usb);
}

static void opening_what_is_not_there_is_not_found(void **state)
{
	(void)state;
	struct usb_identity identity = {.vid = 0x0483, .pid = 0x374B, .path = "250-7.7"};
	struct usb *usb = NULL;

	enum err err = usb_libusb_open(&identity, &usb);
	assert_true(err == ERR_USB_NOT_FOUND || err == ERR_USB_IO); /* IO: no usbfs at all */
	identity.pid = 0x0001;
	assert_int_equal(usb_libusb_open(&identity, &usb), ERR_USB_NOT_FOUND);
	assert_null(usb);
}

/* -4 and so on: enum libusb_error. */
static void libusb_errors_become_ours(void **state)
{
	(void)state;
	assert_int_equal(usb_libusb_error(0), ERR_OK);
	assert_int_equal(usb_libusb_error(-1), ERR_USB_IO);
	assert_int_equal(usb_libusb_error(-3), ERR_USB_ACCESS);
	assert_int_equal(usb_libusb_error(-4), ERR_USB_GONE);
	assert_int_equal(usb_libusb_error(-5), ERR_USB_GONE);
	assert_int_equal(usb_libusb_error(-6), ERR_USB_BUSY);
	assert_int_equal(usb_libusb_error(-7), ERR_USB_TIMEOUT);
	assert_int_equal(usb_libusb_error(-8), ERR_USB_IO);
	assert_int_equal(usb_libusb_error(-9), ERR_USB_STALL);
	assert_int_equal(usb_libusb_error(-11), ERR_NO_MEMORY);
	assert_int_equal(usb_libusb_error(-99), ERR_USB_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listing_is_no_error_also_where_there_is_nothing),
		cmocka_unit_test(a_serial_that_nobody_has_is_not_found),
		cmocka_unit_test(opening_what_is_not_there_is_not_found),
		cmocka_unit_test(libusb_errors_become_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
