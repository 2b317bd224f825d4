/*
 * The monitor commands of other servers, in terms of ours. Pure data.
 *
 * From the documents of OpenOCD, pyOCD, probe-rs, Black Magic, SEGGER's and ST's servers, and from
 * what the IDEs that know them send. What has no use here but is sent by an IDE at every start is
 * accepted in silence.
 */
#include "monitor.h"

const struct monitor_dialect monitor_dialects[] = {
	/* reset */
	{"jtag_reset", "reset halt"},
	{"soft_reset_halt", "reset halt"},
	{"_reset", "reset halt"},
	{"connect_rst", "reset halt -"},
	{"connect_srst", "reset halt -"},

	/* semihosting */
	{"arm semihosting", "semihosting"},
	{"arm semihosting_fileio", "semihosting fileio"},
	{"arm semihosting_cmdline", "semihosting cmdline"},
	{"arm semihosting_basedir", "-"},
	{"arm semihosting_resexit", "-"},
	{"semihosting ioclient", "-"},
	{"semihosting thumbswi", "-"},
	{"semihosting armswi", "-"},

	/* the link */
	{"adapter speed", "speed"},
	{"adapter_khz", "speed"},
	{"frequency", "speed"},
	{"set frequency", "speed"},
	{"swdp_scan", "targets -"},
	{"swd_scan", "targets -"},
	{"jtag_scan", "targets -"},
	{"auto_scan", "targets -"},
	{"tpwr", "voltage -"},
	{"power", "voltage -"},

	/* looking */
	{"regs", "reg"},
	{"status", "info -"},
	{"st", "info -"},
	{"poll", "info -"},
	{"show fault", "fault"},
	{"show map", "info -"},
	{"memu32", "mdw"},
	{"memu16", "mdh"},
	{"memu8", "mdb"},
	{"rw", "mdw"},
	{"rh", "mdh"},
	{"rb", "mdb"},
	{"ww", "mww"},
	{"wh", "mwh"},
	{"wb", "mwb"},

	/* sent by IDEs, and nothing to do */
	{"gdb_sync", "-"},
	{"gdb sync", "-"},
	{"gdb memory_map", "-"},
	{"gdb breakpoint_override", "-"},
	{"gdb report_data_abort", "-"},
	{"device", "-"},
	{"interface", "-"},
	{"endian", "-"},
	{"clrbp", "-"},
	{"flash breakpoints", "-"},
	{"exec", "-"},
	{"sleep", "-"},
	{"cortex_m reset_config", "-"},
	{"reset_config", "-"},
	{"transport select", "-"},
	{"tcl_port", "-"},
	{"telnet_port", "-"},
	{"log_output", "-"},
	{"debug_level", "-"},
};

const size_t monitor_dialect_count = sizeof(monitor_dialects) / sizeof(monitor_dialects[0]);
