/*
 * Trace (SWO) as the probe sees it: a buffer between the target's pin and the trace endpoint.
 *
 * Commands are called by the dispatcher, the rest by the USB device and by the control language.
 * Sources: see stlink_firmware.h.
 */
#include <string.h>

#include "probe/bytes.h"
#include "stlink_commands.h"
#include "stlink_status.h"

#define BAUD_MAX_V2 2250000U
#define BAUD_MAX_V3 24000000U

HANDLER(firmware_start_trace)
{
	uint32_t baud = get_le32(arguments + 4);
	uint32_t highest = firmware->version.generation == STLINK_V2 ? BAUD_MAX_V2 : BAUD_MAX_V3;
	if (baud == 0 || baud > highest)
		return firmware_reply_status(firmware, STATUS_FREQUENCY);
	firmware->tracing = true;
	firmware->trace_spoilt = false;
	firmware->trace_head = 0;
	firmware->trace_count = 0;
	firmware->trace_announced = 0;
	return firmware_reply_status(firmware, STATUS_OK);
}

HANDLER(firmware_stop_trace)
{
	(void)arguments;
	firmware->tracing = false;
	return firmware_reply_status(firmware, STATUS_OK);
}

HANDLER(firmware_get_trace_count)
{
	(void)arguments;
	firmware->trace_announced = firmware->trace_count;
	firmware_reply_zeros(firmware, 2);
	put_le16(firmware->reply, (uint16_t)firmware->trace_announced);
	return OUTCOME_REPLY;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t firmware_take_trace(struct firmware *firmware, uint8_t *data, size_t size)
{
	size_t count = smaller(size, smaller(firmware->trace_announced, firmware->trace_count));
	for (size_t i = 0; i < count; i++)
		data[i] = firmware->trace[(firmware->trace_head + i) % FIRMWARE_TRACE_SIZE];
	firmware->trace_head = (firmware->trace_head + count) % FIRMWARE_TRACE_SIZE;
	firmware->trace_count -= count;
	firmware->trace_announced -= count;
	/* ENTER without STOP_TRACE_RX before it breaks the stream. */
	if (firmware->trace_spoilt)
		memset(data, 0, count);
	return count;
}

void firmware_feed_trace(struct firmware *firmware, const uint8_t *data, size_t size)
{
	if (!firmware->tracing)
		return;
	for (size_t i = 0; i < size; i++) {
		size_t end = firmware->trace_head + firmware->trace_count;
		firmware->trace[end % FIRMWARE_TRACE_SIZE] = data[i];
		if (firmware->trace_count < FIRMWARE_TRACE_SIZE)
			firmware->trace_count++;
		else /* not drained in time: the oldest is overwritten */
			firmware->trace_head = (firmware->trace_head + 1) % FIRMWARE_TRACE_SIZE;
	}
}
