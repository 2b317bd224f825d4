/*
 * Core registers of a halted core. On the worker thread of the board.
 *
 * The selectors are those of DCRSR (ARMv7-M, C1.6.3). Firmware before J15 has no commands for those
 * above 0x1F, where the FPU's are: they go through DCRSR and DCRDR by hand.
 */
#include "probe/bytes.h"
#include "probe/log.h"
#include "stlink.h"
#include "stlink_command.h"

#define DHCSR          0xE000EDF0u
#define DHCSR_S_REGRDY (1u << 16)
#define DCRSR          0xE000EDF4u
#define DCRSR_REGWNR   (1u << 16)
#define DCRDR          0xE000EDF8u

#define RESERVED_SELECTOR 19

#define REGISTER_WORDS     12 /* DCRSR, DHCSR, DCRDR with TAR each, and some polling */
#define LAST_COMMAND_INDEX 0x1F
#define READY_LIMIT_US     100000
#define ALL_REGISTERS_SIZE (4 + 4 * PROBE_CORE_REGISTERS)

static enum err transfer_by_hand(struct probe *probe, uint32_t selector)
{
	uint64_t deadline = usb_now_us(probe->usb) + READY_LIMIT_US;
	uint32_t dhcsr = 0;
	enum err err = stlink_write_word(probe, DCRSR, selector);

	while (!err && !(dhcsr & DHCSR_S_REGRDY)) {
		if (usb_now_us(probe->usb) > deadline) {
			log_warn("DHCSR %08x: no S_REGRDY in %u ms: is the core halted?", dhcsr,
				READY_LIMIT_US / 1000);
			return ERR_TARGET_TIMEOUT;
		}
		err = stlink_read_word(probe, DHCSR, &dhcsr);
	}
	return err;
}

static bool needs_hand(struct probe *probe, unsigned selector)
{
	return selector > LAST_COMMAND_INDEX &&
	       !stlink_has(stlink_from_probe(probe), STLINK_HAS_FPU_REGISTERS);
}

enum err stlink_read_register(struct probe *probe, unsigned selector, uint32_t *value)
{
	uint8_t command[USB_COMMAND_SIZE] = {
		STLINK_DEBUG, STLINK_READREG, (uint8_t)selector, STLINK_AP_FIRST};
	uint8_t reply[8];

	if (needs_hand(probe, selector)) {
		enum err err = transfer_by_hand(probe, selector);
		return err ? err : stlink_read_word(probe, DCRDR, value);
	}
	enum err err = stlink_query(
		stlink_from_probe(probe), command, reply, sizeof(reply), REGISTER_WORDS);
	if (!err)
		*value = get_le32(reply + 4);
	return err;
}

enum err stlink_write_register(struct probe *probe, unsigned selector, uint32_t value)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_WRITEREG, (uint8_t)selector};

	if (needs_hand(probe, selector)) {
		enum err err = stlink_write_word(probe, DCRDR, value);
		return err ? err : transfer_by_hand(probe, DCRSR_REGWNR | selector);
	}
	put_le32(command + 3, value);
	return stlink_order(stlink_from_probe(probe), command, REGISTER_WORDS);
}

static enum err read_one_by_one(struct probe *probe, uint32_t values[PROBE_CORE_REGISTERS])
{
	enum err err = ERR_OK;

	for (unsigned i = 0; i < PROBE_CORE_REGISTERS && !err; i++) {
		values[i] = 0;
		if (i != RESERVED_SELECTOR)
			err = stlink_read_register(probe, i, &values[i]);
	}
	return err;
}

/* Every ST-LINK has READALLREGS; what stands in for one may not, as OpenOCD never sends it. */
enum err stlink_read_registers(struct probe *probe, uint32_t values[PROBE_CORE_REGISTERS])
{
	struct stlink *st = stlink_from_probe(probe);
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_READALLREGS, STLINK_AP_FIRST};
	uint8_t reply[ALL_REGISTERS_SIZE];

	if (st->lacks_all_registers)
		return read_one_by_one(probe, values);
	enum err err = stlink_query(
		st, command, reply, sizeof(reply), (size_t)REGISTER_WORDS * PROBE_CORE_REGISTERS);
	if (err == ERR_PROBE_OLD || err == ERR_USB_STALL) {
		st->lacks_all_registers = true;
		return read_one_by_one(probe, values);
	}
	for (size_t i = 0; !err && i < PROBE_CORE_REGISTERS; i++)
		values[i] = get_le32(reply + 4 + 4 * i);
	return err;
}
