/* A stream socket with deadlines: what comes in pieces, what does not come, a peer that is gone. */
#include "probe/usbip_stream.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/usb_clock.h"
#include "tests/prelude.h"

#define CAPACITY 64
#define LONG_US  5000000
#define SHORT_US 5000

static uint64_t in_us(uint64_t us)
{
	return usb_clock_now_us() + us;
}

/* A stream, and the other end of its socket. */
static int open_stream(struct usbip_stream *stream)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(usbip_stream_init(stream, pair[0], CAPACITY), ERR_OK);
	return pair[1];
}

static void send_bytes(int peer, const char *bytes)
{
	assert_int_equal(send(peer, bytes, strlen(bytes), 0), strlen(bytes));
}

static void bytes_stay_until_they_are_taken(void **state)
{
	(void)state;
	struct usbip_stream stream;
	const uint8_t *bytes;
	int peer = open_stream(&stream);

	send_bytes(peer, "abcdef");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(usbip_stream_peek(&stream, 4, in_us(LONG_US), &bytes), ERR_OK);
		assert_memory_equal(bytes, "abcd", 4);
	}
	usbip_stream_take(&stream, 3);
	assert_int_equal(usbip_stream_peek(&stream, 3, in_us(LONG_US), &bytes), ERR_OK);
	assert_memory_equal(bytes, "def", 3);
	close(peer);
	usbip_stream_finish(&stream);
}

static void a_time_out_loses_nothing(void **state)
{
	(void)state;
	struct usbip_stream stream;
	const uint8_t *bytes;
	int peer = open_stream(&stream);

	send_bytes(peer, "ab");
	assert_int_equal(usbip_stream_peek(&stream, 4, in_us(SHORT_US), &bytes), ERR_USB_TIMEOUT);
	assert_true(usbip_stream_is_alive(&stream));
	send_bytes(peer, "cd");
	assert_int_equal(usbip_stream_peek(&stream, 4, in_us(LONG_US), &bytes), ERR_OK);
	assert_memory_equal(bytes, "abcd", 4);
	close(peer);
	usbip_stream_finish(&stream);
}

/* More than the buffer holds goes through it, at every alignment. */
static void the_buffer_is_used_again(void **state)
{
	(void)state;
	struct usbip_stream stream;
	int peer = open_stream(&stream);
	uint8_t next_in = 0, next_out = 0;

	for (int round = 0; round < 200; round++) {
		size_t size = 1 + (size_t)(round * 7 % CAPACITY);
		const uint8_t *bytes;
		uint8_t out[CAPACITY + 5];

		for (size_t i = 0; i < sizeof(out); i++)
			out[i] = next_out++;
		assert_int_equal(send(peer, out, sizeof(out), 0), sizeof(out));
		for (size_t left = sizeof(out); left; left -= size) {
			if (size > left)
				size = left;
			assert_int_equal(
				usbip_stream_peek(&stream, size, in_us(LONG_US), &bytes), ERR_OK);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(bytes[i], next_in++);
			usbip_stream_take(&stream, size);
		}
	}
	close(peer);
	usbip_stream_finish(&stream);
}

static void what_came_before_the_end_can_be_read(void **state)
{
	(void)state;
	struct usbip_stream stream;
	const uint8_t *bytes;
	int peer = open_stream(&stream);

	send_bytes(peer, "abc");
	close(peer);
	assert_true(usbip_stream_is_alive(&stream)); /* there is something to read */
	assert_int_equal(usbip_stream_peek(&stream, 3, in_us(LONG_US), &bytes), ERR_OK);
	assert_int_equal(usbip_stream_peek(&stream, 4, in_us(LONG_US), &bytes), ERR_USB_GONE);
	assert_int_equal(usbip_stream_peek(&stream, 3, in_us(LONG_US), &bytes), ERR_OK);
	assert_false(usbip_stream_is_alive(&stream));
	usbip_stream_finish(&stream);
}

/* A SIGPIPE would end the test program. */
static void writing_to_a_peer_that_is_gone_raises_no_signal(void **state)
{
	(void)state;
	struct usbip_stream stream;
	char text[] = "abc";
	int peer = open_stream(&stream);

	close(peer);
	for (int i = 0; i < 2; i++) {
		struct iovec part = {text, 3};
		assert_int_equal(
			usbip_stream_send(&stream, &part, 1, in_us(LONG_US)), ERR_USB_GONE);
	}
	assert_false(usbip_stream_is_alive(&stream));
	usbip_stream_finish(&stream);
}

static void a_peer_that_does_not_read_breaks_the_stream(void **state)
{
	(void)state;
	static uint8_t much[8 << 20];
	struct usbip_stream stream;
	struct iovec part = {much, sizeof(much)}, more = {much, 1};
	int peer = open_stream(&stream);

	assert_int_equal(usbip_stream_send(&stream, &part, 1, in_us(SHORT_US)), ERR_USB_TIMEOUT);
	assert_int_equal(usbip_stream_send(&stream, &more, 1, in_us(LONG_US)), ERR_USB_GONE);
	close(peer);
	usbip_stream_finish(&stream);
}

static void more_than_the_buffer_holds_is_refused(void **state)
{
	(void)state;
	struct usbip_stream stream;
	const uint8_t *bytes;
	int peer = open_stream(&stream);

	assert_int_equal(
		usbip_stream_peek(&stream, CAPACITY + 1, in_us(LONG_US), &bytes), ERR_USB_IO);
	close(peer);
	usbip_stream_finish(&stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_stay_until_they_are_taken),
		cmocka_unit_test(a_time_out_loses_nothing),
		cmocka_unit_test(the_buffer_is_used_again),
		cmocka_unit_test(what_came_before_the_end_can_be_read),
		cmocka_unit_test(writing_to_a_peer_that_is_gone_raises_no_signal),
		cmocka_unit_test(a_peer_that_does_not_read_breaks_the_stream),
		cmocka_unit_test(more_than_the_buffer_holds_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
