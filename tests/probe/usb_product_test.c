/* Product ids, endpoints, serial numbers, the outcome of a pair. */
#include "probe/usb_product.h"

#include <string.h>

#include "tests/prelude.h"

static void endpoints_follow_the_product(void **state)
{
	(void)state;
	static const struct {
		uint16_t pid;
		uint8_t command, trace;
	} rows[] = {
		{0x3748, 0x02, 0x83},
		{0x374A, 0x01, 0x82},
		{0x374B, 0x01, 0x82},
		{0x3752, 0x01, 0x82},
		{0x374E, 0x01, 0x82},
		{0x374F, 0x01, 0x82},
		{0x3753, 0x01, 0x82},
		{0x3754, 0x01, 0x82},
		{0x3757, 0x01, 0x82},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct usb_product *product = usb_product_find(0x0483, rows[i].pid);
		assert_non_null(product);
		assert_int_equal(product->command_endpoint, rows[i].command);
		assert_int_equal(product->trace_endpoint, rows[i].trace);
		assert_null(product->refusal);
	}
}

static void v1_and_loaders_are_known_and_refused(void **state)
{
	(void)state;
	static const uint16_t pids[] = {0x3744, 0x374D, 0x3755};

	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		const struct usb_product *product = usb_product_find(0x0483, pids[i]);
		assert_non_null(product);
		assert_non_null(product->refusal);
	}
}

static void other_devices_are_no_probes(void **state)
{
	(void)state;
	assert_null(usb_product_find(0x0483, 0x5740)); /* an ST serial port */
	assert_null(usb_product_find(0x0483, 0xDF11)); /* the system bootloader */
	assert_null(usb_product_find(0x1366, 0x374B)); /* another vendor */
}

/* A string descriptor with these units. */
static size_t make_descriptor(uint8_t *descriptor, const uint8_t *units, size_t count)
{
	descriptor[0] = (uint8_t)(2 + 2 * count);
	descriptor[1] = 0x03;
	for (size_t i = 0; i < count; i++) {
		descriptor[2 + 2 * i] = units[i];
		descriptor[3 + 2 * i] = 0;
	}
	return 2 + 2 * count;
}

static void a_serial_of_24_characters_stays(void **state)
{
	(void)state;
	static const char text[] = "066EFF373535503457062922";
	uint8_t descriptor[64];
	char serial[USB_SERIAL_MAX];
	size_t size = make_descriptor(descriptor, (const uint8_t *)text, 24);

	usb_serial_from_descriptor(descriptor, size, serial);
	assert_string_equal(serial, text);
	/* bLength is not to be trusted beyond what came, nor what came beyond bLength. */
	usb_serial_from_descriptor(descriptor, 48, serial);
	assert_string_equal(serial, "066EFF37353550345706292");
	memset(descriptor + size, 0x41, 8);
	usb_serial_from_descriptor(descriptor, size + 8, serial);
	assert_string_equal(serial, text);
}

static void an_old_serial_becomes_hex(void **state)
{
	(void)state;
	static const uint8_t raw[12] = {
		0x51, 0xFF, 0x6C, 0x06, 0x00, 0x88, 0x75, 0x53, 0x20, 0x43, 0x0D, 0x87};
	uint8_t descriptor[64];
	char serial[USB_SERIAL_MAX];

	usb_serial_from_descriptor(descriptor, make_descriptor(descriptor, raw, 12), serial);
	assert_string_equal(serial, "51FF6C060088755320430D87");
}

static void a_clone_with_twelve_printable_characters_becomes_hex(void **state)
{
	(void)state;
	uint8_t descriptor[64];
	char serial[USB_SERIAL_MAX];
	size_t size = make_descriptor(descriptor, (const uint8_t *)"000000000001", 12);

	usb_serial_from_descriptor(descriptor, size, serial);
	assert_string_equal(serial, "303030303030303030303031");
}

static void broken_descriptors_give_no_serial(void **state)
{
	(void)state;
	uint8_t descriptor[4] = {4, 0x02, 'A', 0};
	char serial[USB_SERIAL_MAX] = "x";

	usb_serial_from_descriptor(descriptor, 0, serial);
	assert_string_equal(serial, "");
	usb_serial_from_descriptor(descriptor, 1, serial);
	assert_string_equal(serial, "");
	usb_serial_from_descriptor(descriptor, sizeof(descriptor), serial); /* no string */
	assert_string_equal(serial, "");
	descriptor[1] = 0x03;
	usb_serial_from_descriptor(descriptor, 3, serial); /* half a unit */
	assert_string_equal(serial, "");
	descriptor[0] = 0;
	usb_serial_from_descriptor(descriptor, sizeof(descriptor), serial);
	assert_string_equal(serial, "");
}

static void an_overlong_serial_is_cut(void **state)
{
	(void)state;
	uint8_t units[126], descriptor[256];
	char serial[USB_SERIAL_MAX];

	memset(units, 'A', sizeof(units));
	usb_serial_from_descriptor(
		descriptor, make_descriptor(descriptor, units, sizeof(units)), serial);
	assert_in_range(strlen(serial), 24, USB_SERIAL_MAX - 1);
	memset(units, 0xFF, sizeof(units));
	usb_serial_from_descriptor(
		descriptor, make_descriptor(descriptor, units, sizeof(units)), serial);
	assert_in_range(strlen(serial), 24, USB_SERIAL_MAX - 1);
	assert_int_equal(strlen(serial) % 2, 0);
}

/* The kernel shows a raw serial as UTF-8: FF is C3 BF. */
static void the_kernels_text_gives_the_same_serial(void **state)
{
	(void)state;
	char serial[USB_SERIAL_MAX];

	usb_serial_from_text("066EFF373535503457062922", serial);
	assert_string_equal(serial, "066EFF373535503457062922");
	usb_serial_from_text(
		"\x51\xC3\xBF\x6C\x06\x11\xC2\x88\x75\x53\x20\x43\x0D\xC2\x87", serial);
	assert_string_equal(serial, "51FF6C061188755320430D87");
	usb_serial_from_text("", serial);
	assert_string_equal(serial, "");
}

static void the_worse_error_of_a_pair_counts(void **state)
{
	(void)state;
	assert_int_equal(usb_worse_of(ERR_OK, ERR_OK), ERR_OK);
	/* The command stalled, so its reply was cancelled. */
	assert_int_equal(usb_worse_of(ERR_USB_STALL, ERR_USB_TIMEOUT), ERR_USB_STALL);
	assert_int_equal(usb_worse_of(ERR_OK, ERR_USB_TIMEOUT), ERR_USB_TIMEOUT);
	assert_int_equal(usb_worse_of(ERR_USB_IO, ERR_USB_GONE), ERR_USB_GONE);
	assert_int_equal(usb_worse_of(ERR_USB_TIMEOUT, ERR_USB_IO), ERR_USB_IO);
	assert_int_equal(usb_worse_of(ERR_OK, ERR_NO_MEMORY), ERR_NO_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_follow_the_product),
		cmocka_unit_test(v1_and_loaders_are_known_and_refused),
		cmocka_unit_test(other_devices_are_no_probes),
		cmocka_unit_test(a_serial_of_24_characters_stays),
		cmocka_unit_test(an_old_serial_becomes_hex),
		cmocka_unit_test(a_clone_with_twelve_printable_characters_becomes_hex),
		cmocka_unit_test(broken_descriptors_give_no_serial),
		cmocka_unit_test(an_overlong_serial_is_cut),
		cmocka_unit_test(the_kernels_text_gives_the_same_serial),
		cmocka_unit_test(the_worse_error_of_a_pair_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
