/*
 * Any bytes at all from a USB/IP client of the board: in one piece and in pieces the session must
 * say the same about them, and whatever they were, the next client finds the device in order.
 */
#include "board_inside.h"
#include "fuzz.h"
#include "probe/bytes.h"
#include "usbip_session.h"

/* Fetches and drops what the session has to say; returns how much that was. */
static size_t drain(struct usbip_session *session)
{
	const uint8_t *bytes;
	size_t size;
	size_t total = 0;

	while ((size = usbip_session_output(session, UINT64_MAX, &bytes)) > 0) {
		usbip_session_sent(session, size);
		total += size;
	}
	return total;
}

/* Feeds all of it in pieces of at most `piece`, until the session has enough. */
static enum err feed(struct usbip_session *session, const uint8_t *bytes, size_t size, size_t piece)
{
	enum err err = ERR_OK;

	while (size > 0 && !err) {
		size_t part = size < piece ? size : piece;
		err = usbip_session_feed(session, bytes, part);
		if (!err)
			err = usbip_session_pump(session, UINT64_MAX);
		drain(session);
		bytes += part;
		size -= part;
	}
	return err;
}

static void check_next_client(struct usbip_exports *exports)
{
	static const uint8_t import[40] = {0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1'};
	struct usbip_session *session = usbip_session_create(exports);

	require(session != NULL);
	require(usbip_session_feed(session, import, sizeof import) == ERR_OK);
	require(drain(session) == 8 + 312);
	require(usbip_session_export(session) == &exports->all[0]);
	usbip_session_destroy(session);
}

static enum err play(const uint8_t *bytes, size_t size, size_t piece)
{
	struct board_options options = {.probe = "v21"};
	struct board *board;
	require(board_create(&options, &board) == ERR_OK);
	struct usbip_export export = {.busid = "1-1", .devnum = 2, .device = &board->device};
	struct usbip_exports exports = {&export, 1};
	struct usbip_session *session = usbip_session_create(&exports);
	require(session != NULL);
	enum err err = feed(session, bytes, size, piece);
	usbip_session_destroy(session);
	require(export.user == NULL);
	check_next_client(&exports);
	board_destroy(board);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return 0;
	require(play(bytes + 1, size - 1, size) == play(bytes + 1, size - 1, 1 + bytes[0] % 64));
	return 0;
}
