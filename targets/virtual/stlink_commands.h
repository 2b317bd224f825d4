/*
 * The table of commands: code, name, what is needed for it, and what does it.
 *
 * Private to the firmware (stlink_*.c); the books read the names. Sources: see stlink_firmware.h.
 */
#ifndef TARGETS_VIRTUAL_STLINK_COMMANDS_H
#define TARGETS_VIRTUAL_STLINK_COMMANDS_H

#include "stlink_firmware.h"

#define COMMAND_DEBUG 0xf2 /* first byte of debug commands; the second one says which */

#define IN_MODE(mode)   (1U << (mode))
#define MODES_CONNECTED (IN_MODE(MODE_IDLE) | IN_MODE(MODE_DEBUG)) /* 3.6: works before ENTER */

enum command_kind {
	KIND_PLAIN,  /* no status in the reply, or no reply */
	KIND_STATUS, /* the reply begins with a status */
	KIND_MEMORY, /* the status is kept for GETLASTRWSTATUS */
};

struct stlink_command {
	uint8_t code[2]; /* a second byte of 0: any */
	enum stlink_feature needs;
	const char *name;
	unsigned modes; /* IN_MODE() of those in which it works */
	enum command_kind kind;
	enum outcome (*start)(struct firmware *firmware, const uint8_t *arguments);
	/* With the data that the host sent; NULL: the data phase, if any, goes to the host. */
	enum outcome (*finish)(struct firmware *firmware);
};

/* The command of these bytes as this firmware knows it; NULL: it does not. */
const struct stlink_command *firmware_command_find(
	const struct firmware *firmware, const uint8_t *bytes);

/* For the books: NULL beyond the last. */
const char *firmware_command_name(size_t index);
size_t firmware_command_index(const struct stlink_command *command);

/* ---- replies, for the handlers ---- */

/* A reply of `size` zero bytes. */
enum outcome firmware_reply_zeros(struct firmware *firmware, size_t size);
enum outcome firmware_reply_status(struct firmware *firmware, uint8_t status);
/* Status, two bytes of padding, and one word: eight bytes. */
enum outcome firmware_reply_word(struct firmware *firmware, uint8_t status, uint32_t value);

/* ---- handlers, by file ---- */

#define HANDLER(name)  enum outcome name(struct firmware *firmware, const uint8_t *arguments)
#define FINISHER(name) enum outcome name(struct firmware *firmware)

/* stlink_session.c */
HANDLER(firmware_get_version);
HANDLER(firmware_get_version_ex);
HANDLER(firmware_get_mode);
HANDLER(firmware_get_voltage);
HANDLER(firmware_leave_mode);
HANDLER(firmware_enter);
HANDLER(firmware_exit);
HANDLER(firmware_drive_nrst);
HANDLER(firmware_get_board_identifiers);
void firmware_close_session(struct firmware *firmware);

/* stlink_clock.c */
HANDLER(firmware_swd_set_freq);
HANDLER(firmware_jtag_set_freq);
HANDLER(firmware_set_com_freq);
HANDLER(firmware_get_com_freq);
HANDLER(firmware_switch_stlink_freq);
void firmware_reset_clock(struct firmware *firmware);

/* stlink_core.c */
HANDLER(firmware_read_idcodes);
HANDLER(firmware_reset_system);
HANDLER(firmware_read_register);
HANDLER(firmware_write_register);
HANDLER(firmware_read_all_registers);
HANDLER(firmware_read_debug_register);
HANDLER(firmware_write_debug_register);

/* stlink_memory.c */
HANDLER(firmware_read_memory);
HANDLER(firmware_write_memory);
FINISHER(firmware_write_memory_data);
HANDLER(firmware_get_rw_status);
HANDLER(firmware_get_rw_status2);

/* stlink_dap.c */
HANDLER(firmware_read_dap_register);
HANDLER(firmware_write_dap_register);
HANDLER(firmware_init_ap);
HANDLER(firmware_close_ap);
unsigned firmware_highest_ap(const struct firmware *firmware);
/* Whether memory may be reached through this access port. */
bool firmware_ap_usable(const struct firmware *firmware, unsigned ap);

/* stlink_misc.c */
HANDLER(firmware_misc_out);
FINISHER(firmware_misc_out_data);
HANDLER(firmware_misc_in);
HANDLER(firmware_misc_get_max);

/* stlink_trace.c */
HANDLER(firmware_start_trace);
HANDLER(firmware_stop_trace);
HANDLER(firmware_get_trace_count);

#endif
