/*
 * Commands for blocks of memory, and the status that they leave behind.
 *
 * Called by the dispatcher. Sources: see stlink_firmware.h. A read that fails still delivers the
 * length that was asked for. A length over the limit stalls the data phase.
 */
#include <string.h>

#include "probe/bytes.h"
#include "stlink_commands.h"
#include "stlink_status.h"
#include "swd_memory.h"

#define LIMIT_WORDS      6144
#define LIMIT_8BIT       64
#define LIMIT_8BIT_V3    512
#define TAR_SPAN_REAL    4096
#define JUNK             0x5c /* what an unread byte holds */
#define RW_STATUS2_BYTES 12

static const struct memory_form {
	uint8_t code;
	bool fixed;
	unsigned width;
	size_t limit;
} forms[] = {
	{0x07, false, 4, LIMIT_WORDS},
	{0x08, false, 4, FIRMWARE_DATA_MAX}, /* hosts send up to 65,532 bytes */
	{0x0c, false, 1, LIMIT_8BIT},
	{0x0d, false, 1, LIMIT_8BIT},
	{0x47, false, 2, LIMIT_WORDS},
	{0x48, false, 2, LIMIT_WORDS},
	{0x50, true, 4, LIMIT_WORDS},
	{0x54, true, 4, LIMIT_WORDS},
};

static const struct memory_form *form_of(const uint8_t *arguments)
{
	size_t i = 0;
	while (forms[i].code != arguments[1])
		i++;
	return &forms[i];
}

static size_t length_of(const uint8_t *arguments)
{
	return get_le16(arguments + 6);
}

static size_t limit(const struct firmware *firmware, const struct memory_form *form)
{
	bool wide = firmware_version_has(&firmware->version, FEATURE_MEMORY_8BIT_512);
	return form->width == 1 && wide ? LIMIT_8BIT_V3 : form->limit;
}

/* Old firmware leaves the address to the access port, which wraps. */
static bool handles_wrap(struct firmware *firmware)
{
	const struct fault *wrap = &firmware->faults->all[FAULT_TAR_WRAP];
	firmware->swd->dap->ap.tar_span = wrap->on ? wrap->value : TAR_SPAN_REAL;
	return !wrap->on && firmware_version_has(&firmware->version, FEATURE_TAR_WRAP);
}

static struct swd_block block_of(struct firmware *firmware, const uint8_t *arguments)
{
	const struct memory_form *form = form_of(arguments);
	struct swd_block block = {
		.address = get_le32(arguments + 2),
		.width = form->width,
		.fixed = form->fixed,
		.rewrite_tar = handles_wrap(firmware),
		.size = length_of(arguments),
	};
	if (firmware_version_has(&firmware->version, FEATURE_RW_MISC)) {
		block.ap = arguments[8];
		block.csw = get_le32(arguments + 8) & CSW_PROTECTION;
	}
	return block;
}

static uint8_t check(const struct firmware *firmware, const struct swd_block *block)
{
	if (block->address % block->width || block->size % block->width)
		return STATUS_ALIGNMENT;
	return firmware_ap_usable(firmware, block->ap) ? STATUS_OK : STATUS_BAD_AP;
}

/* The address is that of the whole transfer, also when a later word failed: so the authors of other
 * drivers report it. */
static void latch(struct firmware *firmware, uint8_t status, uint32_t address)
{
	firmware->memory_status = status;
	firmware->memory_address = status == STATUS_OK ? 0 : address;
}

static enum outcome refuse_length(
	struct firmware *firmware, const uint8_t *arguments, enum outcome stall)
{
	latch(firmware, STATUS_COMMAND_ERROR, get_le32(arguments + 2));
	if (form_of(arguments)->width == 1 &&
		stlink_faults_strike(firmware->faults, FAULT_CRASH_8BIT, firmware->command->name))
		return OUTCOME_DEAF;
	return stall;
}

HANDLER(firmware_read_memory)
{
	size_t length = length_of(arguments);
	if (length > limit(firmware, form_of(arguments)))
		return refuse_length(firmware, arguments, OUTCOME_STALL_IN);

	struct swd_block block = block_of(firmware, arguments);
	/* A reply of one byte does not exist. */
	firmware->reply_size = length == 1 && block.width == 1 ? 2 : length;
	memset(firmware->reply, JUNK, firmware->reply_size);
	uint8_t status = check(firmware, &block);
	if (status == STATUS_OK && length > 0)
		status = swd_read_block(firmware->swd, &block, firmware->reply);
	latch(firmware, status, block.address);
	return length > 0 ? OUTCOME_REPLY : OUTCOME_NOTHING;
}

HANDLER(firmware_write_memory)
{
	size_t length = length_of(arguments);
	if (length > limit(firmware, form_of(arguments)))
		return refuse_length(firmware, arguments, OUTCOME_STALL_OUT);
	latch(firmware, STATUS_OK, 0);
	firmware->data_size = length;
	return length > 0 ? OUTCOME_DATA : OUTCOME_NOTHING;
}

FINISHER(firmware_write_memory_data)
{
	struct swd_block block = block_of(firmware, firmware->arguments);
	uint8_t status = check(firmware, &block);
	if (status == STATUS_OK)
		status = swd_write_block(firmware->swd, &block, firmware->data);
	latch(firmware, status, block.address);
	return OUTCOME_NOTHING;
}

/* Asking does not clear it: the status stays that of the last memory command. */
HANDLER(firmware_get_rw_status)
{
	(void)arguments;
	return firmware_reply_status(firmware, firmware->memory_status);
}

HANDLER(firmware_get_rw_status2)
{
	(void)arguments;
	firmware_reply_zeros(firmware, RW_STATUS2_BYTES);
	firmware->reply[0] = firmware->memory_status;
	put_le32(firmware->reply + 4, firmware->memory_address);
	return OUTCOME_REPLY;
}
