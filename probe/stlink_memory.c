/*
 * Memory through the ST-LINK: words, and blocks of 8, 16 or 32-bit accesses. On the worker thread
 * of the board.
 *
 * A memory command has no status of its own: a second command fetches it, after every block,
 * because it speaks of the last block only. One aligned word goes as READDEBUGREG or
 * WRITEDEBUGREG, which have it in their reply: two transfers instead of four.
 */
#include <inttypes.h>
#include <string.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "stlink.h"
#include "stlink_command.h"

#define WORD_ACCESS_WORDS 5 /* SELECT, CSW, TAR, DRW, RDBUFF */
#define LONG_BLOCK        6144
#define TAR_PAGE          1024 /* the increment of TAR is promised for 10 bits only (ADIv5) */
#define SHORT_BYTES       64
#define LONG_BYTES_READ   128 /* probe-rs saw reads from 256 on fail on V3J5-J7 */
#define LONG_BYTES_WRITE  512
#define SRAM_START        0x20000000u
#define SRAM_END          0x40000000u
#define PRIVATE_END       0xE0100000u /* of the core's own peripherals (ARMv7-M B3.1) */
#define STATUS2_REPLY     12

/* ---- words ---- */

/* These are retried after a WAIT also where a write has side effects: WAIT says that the access was
 * not made (ADIv5), and there is only one. */
static enum err run_word(
	struct stlink *st, const uint8_t *command, uint32_t address, uint8_t *reply, size_t size)
{
	struct stlink_retry retry = stlink_retry_begin(st);

	do {
		enum err err = stlink_try(st, command, reply, size, WORD_ACCESS_WORDS);
		if (err)
			return err;
	} while (stlink_retry_again(st, &retry, &reply[0]));
	return stlink_judge(st, command, reply[0], &address);
}

enum err stlink_read_word(struct probe *probe, uint32_t address, uint32_t *value)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_READDEBUGREG};
	uint8_t reply[8];

	put_le32(command + 2, address);
	enum err err = run_word(stlink_from_probe(probe), command, address, reply, sizeof(reply));
	if (!err)
		*value = get_le32(reply + 4);
	return err;
}

enum err stlink_write_word(struct probe *probe, uint32_t address, uint32_t value)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_WRITEDEBUGREG};
	uint8_t reply[2];

	put_le32(command + 2, address);
	put_le32(command + 6, value);
	return run_word(stlink_from_probe(probe), command, address, reply, sizeof(reply));
}

/* ---- limits ---- */

static size_t long_block(const struct stlink *st)
{
	return stlink_has(st, STLINK_HAS_LONG_BLOCKS) ? LONG_BLOCK : TAR_PAGE;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t stlink_block_size(const struct probe *probe)
{
	const struct stlink *st = (const struct stlink *)probe;
	return smaller(long_block(st), 4 * stlink_accesses_per_block(st));
}

static size_t bytes_limit(const struct stlink *st, enum usb_direction direction)
{
	if (!stlink_has(st, STLINK_HAS_LONG_BYTES))
		return SHORT_BYTES;
	return direction == USB_IN ? LONG_BYTES_READ : LONG_BYTES_WRITE;
}

/* How much of `left` goes into the next command: a multiple of `width`. */
static size_t piece_size(const struct stlink *st, enum usb_direction direction, unsigned width,
	uint32_t address, size_t left)
{
	size_t size = width == 1 ? bytes_limit(st, direction) : long_block(st);

	size = smaller(size, width * stlink_accesses_per_block(st));
	/* Old firmware lets TAR wrap at its page. */
	if (!stlink_has(st, STLINK_HAS_LONG_BLOCKS))
		size = smaller(size, TAR_PAGE - address % TAR_PAGE);
	return smaller(size, left);
}

/* ---- blocks ---- */

static enum err fetch_status(struct stlink *st, uint8_t *code)
{
	bool has_address = stlink_has(st, STLINK_HAS_STATUS2);
	uint8_t command[USB_COMMAND_SIZE] = {
		STLINK_DEBUG, has_address ? STLINK_GETLASTRWSTATUS2 : STLINK_GETLASTRWSTATUS};
	uint8_t reply[STATUS2_REPLY];
	enum err err = stlink_try(st, command, reply, has_address ? sizeof(reply) : 2, 0);

	*code = reply[0];
	if (!err && has_address && reply[0] != STLINK_OK)
		log_debug(
			"fault address %08" PRIx32 " (status %02x)", get_le32(reply + 4), reply[0]);
	return err;
}

struct block {
	uint8_t command[USB_COMMAND_SIZE];
	uint32_t address;
	struct usb_data data;
	size_t size; /* what was commanded: data.size, or 1 where that is 2 */
	size_t accesses;
	bool repeatable;
};

/* The command with its data, then its status; again as a whole after a WAIT, if that is safe. */
static enum err run_block(struct stlink *st, struct block *block)
{
	struct stlink_retry retry = stlink_retry_begin(st);
	uint8_t code;

	do {
		enum err err = stlink_exchange(
			st, block->command, &block->data, block->accesses + WORD_ACCESS_WORDS);
		if (!err)
			err = fetch_status(st, &code);
		if (err)
			return err;
	} while (block->repeatable && stlink_retry_again(st, &retry, &code));
	enum err err = stlink_judge(st, block->command, code, &block->address);
	if (!err && block->data.direction == USB_IN && block->data.received < block->size)
		err = stlink_nonsense(st, block->command, block->data.received, block->size);
	return err;
}

static struct block make_block(
	enum usb_direction direction, unsigned width, uint32_t address, uint8_t *data, size_t size)
{
	static const uint8_t operations[][2] = {
		[1] = {STLINK_READMEM_8BIT, STLINK_WRITEMEM_8BIT},
		[2] = {STLINK_READMEM_16BIT, STLINK_WRITEMEM_16BIT},
		[4] = {STLINK_READMEM_32BIT, STLINK_WRITEMEM_32BIT},
	};
	/* A write that was broken off may have been done in part. In SRAM it can be done again;
	 * a peripheral or the flash would take the first words twice. */
	bool repeatable = direction == USB_IN || (address >= SRAM_START && address < SRAM_END);
	struct block block = {
		.command = {STLINK_DEBUG, operations[width][direction == USB_OUT]},
		.address = address,
		.data = {.direction = direction, .size = size},
		.size = size,
		.accesses = size / width,
		.repeatable = repeatable,
	};
	block.data.data = data;
	put_le32(block.command + 2, address);
	put_le16(block.command + 6, (uint16_t)size);
	block.command[8] = STLINK_AP_FIRST;
	return block;
}

/* The probe answers an 8-bit read of one byte with two, and has been seen to hang when the second
 * is not fetched. */
static enum err read_one_byte(struct stlink *st, uint32_t address, uint8_t *data)
{
	uint8_t pair[2];
	struct block block = make_block(USB_IN, 1, address, pair, 1);

	block.data.size = sizeof(pair);
	enum err err = run_block(st, &block);
	if (!err)
		*data = pair[0];
	return err;
}

static enum err run_piece(struct stlink *st, enum usb_direction direction, unsigned width,
	uint32_t address, uint8_t *data, size_t size)
{
	if (size == 4 && width == 4) {
		if (direction == USB_OUT)
			return stlink_write_word(&st->probe, address, get_le32(data));
		uint32_t value = 0;
		enum err err = stlink_read_word(&st->probe, address, &value);
		put_le32(data, value);
		return err;
	}
	if (size == 1 && direction == USB_IN)
		return read_one_byte(st, address, data);
	struct block block = make_block(direction, width, address, data, size);
	return run_block(st, &block);
}

/* Old firmware has no 16-bit access. Plain memory does not mind two bytes; a register does. Where
 * nothing is, as where a core without a program stands, the bus refuses bytes as well. */
static enum err do_without_halfwords(struct stlink *st, uint32_t address, unsigned *width)
{
	if (*width != 2 || stlink_has(st, STLINK_HAS_HALFWORDS))
		return ERR_OK;
	if (address < SRAM_END || address >= PRIVATE_END) {
		*width = 1;
		return ERR_OK;
	}
	log_line(st->told_no_halfwords ? LOG_DEBUG : LOG_WARN,
		"16 bits at %08" PRIx32
		": firmware %s has no such access: update the probe, J26 is enough",
		address, st->probe.info.firmware);
	st->told_no_halfwords = true;
	return ERR_PROBE_OLD;
}

static enum err run_pieces(struct stlink *st, enum usb_direction direction, unsigned width,
	uint32_t address, uint8_t *data, size_t size)
{
	enum err err = do_without_halfwords(st, address, &width);

	while (size && !err) {
		size_t piece = piece_size(st, direction, width, address, size);
		err = run_piece(st, direction, width, address, data, piece);
		address += (uint32_t)piece;
		data += piece;
		size -= piece;
	}
	return err;
}

enum err stlink_read(
	struct probe *probe, unsigned width, uint32_t address, uint8_t *data, size_t size)
{
	return run_pieces(stlink_from_probe(probe), USB_IN, width, address, data, size);
}

enum err stlink_write(
	struct probe *probe, unsigned width, uint32_t address, const uint8_t *data, size_t size)
{
	/* struct usb_data serves both directions; what goes out is not written to. */
	return run_pieces(stlink_from_probe(probe), USB_OUT, width, address, (uint8_t *)data, size);
}
