/* Messages of USB/IP against the examples and tables of the kernel's document; descriptors. */
#include "probe/usbip_protocol.h"

#include <string.h>

#include "scripted_wire.h"
#include "tests/prelude.h"

/* The document's capture, CmdIntrOUT and CmdIntrIN; start_frame and interval are 0 with us. */
static void a_submit_looks_like_the_documents(void **state)
{
	(void)state;
	static const char out[] = "00000001 00000d06 0001000f 00000000 00000001 00000000 00000040 "
				  "00000000 00000000 00000000 00000000 00000000";
	static const char in[] = "00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 "
				 "00000000 00000000 00000000 00000000 00000000";
	uint8_t header[USBIP_HEADER_SIZE], expected[USBIP_HEADER_SIZE];

	usbip_encode_submit(&(struct usbip_submit){0xD06, 0x1000F, 0x01, false, 64, NULL}, header);
	assert_int_equal(script_bytes(out, expected, sizeof(expected)), USBIP_HEADER_SIZE);
	assert_memory_equal(header, expected, sizeof(header));
	usbip_encode_submit(&(struct usbip_submit){0xD05, 0x1000F, 0x81, true, 64, NULL}, header);
	script_bytes(in, expected, sizeof(expected));
	assert_memory_equal(header, expected, sizeof(header));
}

static void a_setup_packet_goes_into_its_place(void **state)
{
	(void)state;
	static const uint8_t setup[8] = {0x80, 6, 0, 1, 0, 0, 18, 0};
	uint8_t header[USBIP_HEADER_SIZE];

	usbip_encode_submit(&(struct usbip_submit){1, 2, 0, true, 18, setup}, header);
	assert_memory_equal(header + 0x28, setup, sizeof(setup));
	assert_int_equal(header[0x13], 0);
}

static void an_unlink_names_what_it_unlinks(void **state)
{
	(void)state;
	static const char text[] = "00000002 00000008 0001000f 00000000 00000000 00000007 00000000 "
				   "00000000 00000000 00000000 00000000 00000000";
	uint8_t header[USBIP_HEADER_SIZE], expected[USBIP_HEADER_SIZE];

	usbip_encode_unlink(8, 0x1000F, 7, header);
	script_bytes(text, expected, sizeof(expected));
	assert_memory_equal(header, expected, sizeof(header));
}

static void replies_are_decoded(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		struct usbip_reply reply;
	} rows[] = {
		/* the document's RetIntrIn */
		{"00000003 00000d05 00000000 00000000 00000000 00000000 00000040 ffffffff "
		 "00000000 00000000 00000000 00000000",
			true, {3, 0xD05, 0, 64}},
		{"00000003 00000001 00000000 00000000 00000000 ffffffe0 00000000 00000000 "
		 "ffffffff 00000000 00000000 00000000",
			true, {3, 1, -32, 0}},
		/* RET_UNLINK: what stands where the length would be is padding */
		{"00000004 00000002 00000000 00000000 00000000 ffffff98 00000009 00000000 "
		 "00000000 00000000 00000000 00000000",
			true, {4, 2, -104, 0}},
		{"00000003 00000001 00000000 00000000 00000000 00000000 00000000 00000000 "
		 "00000001 00000000 00000000 00000000",
			false, {0}},
		{"00000002 00000001 00000000 00000000 00000000 00000000 00000000 00000000 "
		 "00000000 00000000 00000000 00000000",
			false, {0}},
		{"00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 "
		 "00000000 00000000 00000000 00000000",
			false, {0}},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t header[USBIP_HEADER_SIZE];
		struct usbip_reply reply;

		script_bytes(rows[i].text, header, sizeof(header));
		assert_int_equal(usbip_decode_reply(header, &reply), rows[i].good);
		if (!rows[i].good)
			continue;
		assert_int_equal(reply.command, rows[i].reply.command);
		assert_int_equal(reply.seqnum, rows[i].reply.seqnum);
		assert_int_equal(reply.status, rows[i].reply.status);
		assert_int_equal(reply.actual, rows[i].reply.actual);
	}
}

static void statuses_are_linux_errnos(void **state)
{
	(void)state;
	assert_int_equal(usbip_status_error(0), ERR_OK);
	assert_int_equal(usbip_status_error(-2), ERR_USB_TIMEOUT);   /* ENOENT */
	assert_int_equal(usbip_status_error(-19), ERR_USB_GONE);     /* ENODEV */
	assert_int_equal(usbip_status_error(-32), ERR_USB_STALL);    /* EPIPE */
	assert_int_equal(usbip_status_error(-71), ERR_USB_IO);       /* EPROTO */
	assert_int_equal(usbip_status_error(-75), ERR_USB_IO);       /* EOVERFLOW */
	assert_int_equal(usbip_status_error(-104), ERR_USB_TIMEOUT); /* ECONNRESET */
	assert_int_equal(usbip_status_error(-108), ERR_USB_GONE);    /* ESHUTDOWN */
	assert_int_equal(usbip_status_error(-110), ERR_USB_TIMEOUT); /* ETIMEDOUT */
	assert_int_equal(usbip_status_error(32), ERR_USB_IO);
}

static void an_exported_device_is_decoded(void **state)
{
	(void)state;
	uint8_t entry[USBIP_DEVICE_SIZE] = {0};
	struct usbip_device device;

	memset(entry + 256, '7', 32); /* a bus id that is not closed with a zero */
	entry[0x123] = 3;
	entry[0x127] = 9;
	entry[0x12C] = 0x04;
	entry[0x12D] = 0x83;
	entry[0x12E] = 0x37;
	entry[0x12F] = 0x4B;
	entry[0x137] = 4;
	usbip_decode_device(entry, &device);
	assert_int_equal(strlen(device.busid), 32);
	assert_int_equal(device.id, 0x00030009);
	assert_int_equal(device.vid, 0x0483);
	assert_int_equal(device.pid, 0x374B);
	assert_int_equal(device.interfaces, 4);
}

/* ---- descriptors ---- */

#define CONFIG  "09 02 27 00 01 01 00 80 32 "
#define DEBUG   "09 04 00 00 03 FF FF FF 04 "
#define BULK_IN "07 05 81 02 40 00 00 "
#define OUT     "07 05 02 02 40 00 00 "
#define TRACE   "07 05 83 02 40 00 00 "

static void endpoints_are_found_wherever_they_are(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		struct usbip_endpoints endpoints;
	} rows[] = {
		{CONFIG DEBUG BULK_IN OUT TRACE, true, {1, 0x02, 0x81, 0x83}},
		{CONFIG DEBUG OUT BULK_IN TRACE, true, {1, 0x02, 0x81, 0x83}},
		{CONFIG DEBUG TRACE OUT BULK_IN, true, {1, 0x02, 0x81, 0x83}},
		{CONFIG DEBUG OUT BULK_IN, true, {1, 0x02, 0x81, 0}},
		/* another interface, another setting, an interrupt endpoint are not ours */
		{CONFIG "09 04 01 00 02 08 06 50 06 07 05 84 02 40 00 00 07 05 04 02 40 00 "
			"00 " DEBUG BULK_IN OUT TRACE,
			true, {1, 0x02, 0x81, 0x83}},
		{CONFIG DEBUG BULK_IN OUT "09 04 00 01 01 FF FF FF 04 07 05 85 02 40 00 00", true,
			{1, 0x02, 0x81, 0}},
		{CONFIG DEBUG "07 05 84 03 08 00 0A " BULK_IN OUT TRACE, true,
			{1, 0x02, 0x81, 0x83}},
		/* an unknown descriptor in between */
		{CONFIG "08 0B 00 03 FF FF FF 00 " DEBUG BULK_IN OUT TRACE, true,
			{1, 0x02, 0x81, 0x83}},
		{CONFIG DEBUG BULK_IN, false, {0}}, {CONFIG DEBUG OUT, false, {0}},
		{CONFIG DEBUG OUT TRACE, false, {0}}, {CONFIG, false, {0}}, {"", false, {0}},
		{DEBUG BULK_IN OUT, false, {0}},
		{CONFIG DEBUG BULK_IN OUT "00 05", false, {0}},       /* would not end */
		{CONFIG DEBUG BULK_IN OUT "07 05 83 02", false, {0}}, /* cut off */
		{CONFIG DEBUG BULK_IN OUT "01 05 83", false, {0}},
		{CONFIG DEBUG "03 05 81 03 05 02", false, {0}}, /* too short to be one */
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t descriptor[128];
		struct usbip_endpoints endpoints;
		size_t size = script_bytes(rows[i].text, descriptor, sizeof(descriptor));

		assert_int_equal(usbip_find_endpoints(descriptor, size, &endpoints), rows[i].good);
		if (!rows[i].good)
			continue;
		assert_int_equal(endpoints.configuration, rows[i].endpoints.configuration);
		assert_int_equal(endpoints.command, rows[i].endpoints.command);
		assert_int_equal(endpoints.reply, rows[i].endpoints.reply);
		assert_int_equal(endpoints.trace, rows[i].endpoints.trace);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_submit_looks_like_the_documents),
		cmocka_unit_test(a_setup_packet_goes_into_its_place),
		cmocka_unit_test(an_unlink_names_what_it_unlinks),
		cmocka_unit_test(replies_are_decoded),
		cmocka_unit_test(statuses_are_linux_errnos),
		cmocka_unit_test(an_exported_device_is_decoded),
		cmocka_unit_test(endpoints_are_found_wherever_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
