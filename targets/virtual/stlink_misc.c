/*
 * RW_MISC: a batch of single-word reads and writes in one command.
 *
 * Called by the dispatcher. Sources: see stlink_firmware.h. Unknown there and chosen here: the
 * first item that fails ends the batch, and all later items report its status; results are lost by
 * any command in between, and then reading them stalls.
 */
#include "probe/bytes.h"
#include "stlink_commands.h"
#include "stlink_status.h"
#include "swd_memory.h"

#define ITEM_SET_ADDRESS 1
#define ITEM_WRITE       2
#define ITEM_READ        3
#define ITEM_SELECT_AP   5

struct batch {
	unsigned ap;
	uint32_t address;
};

static size_t codes_size(size_t items)
{
	return (items + 3) & ~(size_t)3;
}

HANDLER(firmware_misc_out)
{
	uint32_t items = get_le32(arguments + 2);
	if (items == 0 || items > firmware->model->misc_items)
		return OUTCOME_STALL_OUT;
	firmware->data_size = codes_size(items) + 4 * (size_t)items;
	return OUTCOME_DATA;
}

static uint8_t access_word(struct firmware *firmware, const struct batch *batch, uint32_t address,
	uint32_t *read, uint32_t write)
{
	if (address & 3)
		return STATUS_ALIGNMENT;
	if (!firmware_ap_usable(firmware, batch->ap))
		return STATUS_BAD_AP;
	if (read)
		return swd_read_word(firmware->swd, batch->ap, address, read);
	return swd_write_word(firmware->swd, batch->ap, address, write);
}

static uint8_t run_item(struct firmware *firmware, struct batch *batch, uint8_t code,
	uint32_t payload, uint32_t *result)
{
	switch (code) {
	case ITEM_SET_ADDRESS:
		batch->address = payload;
		return STATUS_OK;
	case ITEM_WRITE:
		return access_word(firmware, batch, batch->address, NULL, payload);
	case ITEM_READ:
		return access_word(firmware, batch, payload, result, 0);
	case ITEM_SELECT_AP:
		batch->ap = payload;
		return payload <= firmware_highest_ap(firmware) ? STATUS_OK : STATUS_BAD_AP;
	default:
		return STATUS_COMMAND_ERROR;
	}
}

FINISHER(firmware_misc_out_data)
{
	unsigned items = get_le32(firmware->arguments + 2);
	const uint8_t *payload = firmware->data + codes_size(items);
	bool goes_on = firmware->faults->all[FAULT_MISC_GOES_ON].on;
	struct batch batch = {0};
	uint8_t status = STATUS_OK;
	for (unsigned i = 0; i < items; i++) {
		firmware->misc_value[i] = 0;
		if (status == STATUS_OK || goes_on)
			status = run_item(firmware, &batch, firmware->data[i],
				get_le32(payload + 4 * (size_t)i), &firmware->misc_value[i]);
		firmware->misc_status[i] = status;
	}
	firmware->misc_items = items;
	return OUTCOME_NOTHING;
}

HANDLER(firmware_misc_in)
{
	(void)arguments;
	size_t items = firmware->misc_items;
	if (items == 0)
		return OUTCOME_STALL_IN;
	firmware_reply_zeros(firmware, 8 * items);
	for (size_t i = 0; i < items; i++) {
		put_le32(firmware->reply + 4 * i, firmware->misc_value[i]);
		put_le32(firmware->reply + 4 * (items + i), firmware->misc_status[i]);
	}
	firmware->misc_items = 0;
	return OUTCOME_REPLY;
}

HANDLER(firmware_misc_get_max)
{
	(void)arguments;
	firmware_reply_zeros(firmware, 2);
	put_le16(firmware->reply, (uint16_t)firmware->model->misc_items);
	return OUTCOME_REPLY;
}
