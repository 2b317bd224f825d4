/* The table of commands. See the header. */
#include "stlink_commands.h"

#define DEBUG     IN_MODE(MODE_DEBUG)
#define ANY       (IN_MODE(MODE_COUNT) - 1)
#define CONNECTED MODES_CONNECTED
#define NOT_DFU   (CONNECTED | IN_MODE(MODE_SWIM))

/* Rows: top-level commands by two bytes; debug commands by their second byte, those whose data
 * phase goes to the host (or that have none) and those that write. */
#define TOP(first, second, name, needs, modes, handler)                                         \
	{                                                                                       \
		{first, second}, FEATURE_##needs, #name, modes, KIND_PLAIN, firmware_##handler, \
			NULL                                                                    \
	}
#define REPLY(code, name, needs, modes, kind, handler)                             \
	{                                                                          \
		{COMMAND_DEBUG, code}, FEATURE_##needs, #name, modes, KIND_##kind, \
			firmware_##handler, NULL                                   \
	}
#define WRITE(code, name, needs, modes, kind, handler)                             \
	{                                                                          \
		{COMMAND_DEBUG, code}, FEATURE_##needs, #name, modes, KIND_##kind, \
			firmware_##handler, firmware_##handler##_data              \
	}

static const struct stlink_command commands[] = {
	TOP(0xf1, 0, GET_VERSION, ALWAYS, ANY, get_version),
	TOP(0xfb, 0, GET_VERSION_EX, VERSION_EX, ANY, get_version_ex),
	TOP(0xf5, 0, GET_CURRENT_MODE, ALWAYS, ANY, get_mode),
	TOP(0xf7, 0, GET_TARGET_VOLTAGE, TRACE, NOT_DFU, get_voltage),
	TOP(0xf3, 0x07, DFU_EXIT, ALWAYS, ANY, leave_mode),
	TOP(0xf4, 0x01, SWIM_EXIT, ALWAYS, ANY, leave_mode),

	REPLY(0x21, EXIT, ALWAYS, ANY, PLAIN, exit),
	REPLY(0x30, ENTER, ALWAYS, CONNECTED, STATUS, enter),
	REPLY(0x31, READ_IDCODES, ALWAYS, DEBUG, STATUS, read_idcodes),
	REPLY(0x32, RESETSYS, ALWAYS, DEBUG, STATUS, reset_system),
	REPLY(0x33, READREG, ALWAYS, DEBUG, STATUS, read_register),
	REPLY(0x34, WRITEREG, ALWAYS, DEBUG, STATUS, write_register),
	REPLY(0x35, WRITEDEBUGREG, ALWAYS, DEBUG, STATUS, write_debug_register),
	REPLY(0x36, READDEBUGREG, ALWAYS, DEBUG, STATUS, read_debug_register),
	REPLY(0x3a, READALLREGS, ALWAYS, DEBUG, STATUS, read_all_registers),
	REPLY(0x3b, GETLASTRWSTATUS, ALWAYS, DEBUG, STATUS, get_rw_status),
	REPLY(0x3c, DRIVE_NRST, ALWAYS, CONNECTED, STATUS, drive_nrst),
	REPLY(0x3e, GETLASTRWSTATUS2, RW_STATUS2, DEBUG, STATUS, get_rw_status2),
	REPLY(0x40, START_TRACE_RX, TRACE, DEBUG, STATUS, start_trace),
	REPLY(0x41, STOP_TRACE_RX, TRACE, DEBUG, STATUS, stop_trace),
	REPLY(0x42, GET_TRACE_NB, TRACE, DEBUG, PLAIN, get_trace_count),
	REPLY(0x43, SWD_SET_FREQ, SWD_SET_FREQ, CONNECTED, STATUS, swd_set_freq),
	REPLY(0x44, JTAG_SET_FREQ, JTAG_SET_FREQ, CONNECTED, STATUS, jtag_set_freq),
	REPLY(0x45, READ_DAP_REG, DAP_REGISTERS, DEBUG, STATUS, read_dap_register),
	REPLY(0x46, WRITE_DAP_REG, DAP_REGISTERS, DEBUG, STATUS, write_dap_register),
	REPLY(0x4b, INIT_AP, INIT_AP, DEBUG, STATUS, init_ap),
	REPLY(0x4c, CLOSE_AP_DBG, INIT_AP, DEBUG, STATUS, close_ap),
	WRITE(0x51, RW_MISC_OUT, RW_MISC, DEBUG, PLAIN, misc_out),
	REPLY(0x52, RW_MISC_IN, RW_MISC, DEBUG, PLAIN, misc_in),
	REPLY(0x53, RW_MISC_GET_MAX, RW_MISC, DEBUG, PLAIN, misc_get_max),
	REPLY(0x56, GET_BOARD_IDENTIFIERS, BOARD_IDENTIFIERS, CONNECTED, STATUS,
		get_board_identifiers),
	REPLY(0x61, SET_COM_FREQ, COM_FREQ, CONNECTED, STATUS, set_com_freq),
	REPLY(0x62, GET_COM_FREQ, COM_FREQ, CONNECTED, STATUS, get_com_freq),
	REPLY(0x63, SWITCH_STLINK_FREQ, COM_FREQ, CONNECTED, STATUS, switch_stlink_freq),

	REPLY(0x07, READMEM_32BIT, ALWAYS, DEBUG, MEMORY, read_memory),
	WRITE(0x08, WRITEMEM_32BIT, ALWAYS, DEBUG, MEMORY, write_memory),
	REPLY(0x0c, READMEM_8BIT, ALWAYS, DEBUG, MEMORY, read_memory),
	WRITE(0x0d, WRITEMEM_8BIT, ALWAYS, DEBUG, MEMORY, write_memory),
	REPLY(0x47, READMEM_16BIT, MEMORY_16BIT, DEBUG, MEMORY, read_memory),
	WRITE(0x48, WRITEMEM_16BIT, MEMORY_16BIT, DEBUG, MEMORY, write_memory),
	WRITE(0x50, WRITEMEM_32BIT_NO_ADDR_INC, MEMORY_16BIT, DEBUG, MEMORY, write_memory),
	REPLY(0x54, READMEM_32BIT_NO_ADDR_INC, RW_MISC, DEBUG, MEMORY, read_memory),
};

#define COUNT (sizeof commands / sizeof commands[0])
_Static_assert(COUNT <= FIRMWARE_COMMANDS, "no counter for every command");

static bool matches(const struct stlink_command *command, const uint8_t *bytes)
{
	return bytes[0] == command->code[0] &&
	       (command->code[1] == 0 || bytes[1] == command->code[1]);
}

const struct stlink_command *firmware_command_find(
	const struct firmware *firmware, const uint8_t *bytes)
{
	for (size_t i = 0; i < COUNT; i++)
		if (matches(&commands[i], bytes) &&
			firmware_version_has(&firmware->version, commands[i].needs))
			return &commands[i];
	return NULL;
}

const char *firmware_command_name(size_t index)
{
	return index < COUNT ? commands[index].name : NULL;
}

size_t firmware_command_index(const struct stlink_command *command)
{
	return (size_t)(command - commands);
}
