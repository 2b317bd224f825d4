/*
 * Which packets there are. Pure data; the order is free, because the longest name that fits counts.
 *
 * Not here, so answered with the empty reply that means "not supported": packets of other
 * dialects, tracepoints (qTStatus), QNonStop:1, vMustReplyEmpty, and what nobody knows.
 */
#include "packet_table.h"

#include "handlers.h"

#define RUN   (PACKET_CONTROLS | PACKET_TARGET | PACKET_TELLS)
#define WRITE (PACKET_CONTROLS | PACKET_TARGET | PACKET_HALTED | PACKET_HALTS)
#define LOOK  (PACKET_TARGET | PACKET_OBSERVED | PACKET_HALTS)
#define FLASH (PACKET_CONTROLS | PACKET_TARGET | PACKET_NOTES)
#define BREAK (PACKET_CONTROLS | PACKET_TARGET | PACKET_NOTES)
#define CLEAR (PACKET_CONTROLS | PACKET_NOTES) /* a list is changed, the target later */
#define READ  (PACKET_TARGET | PACKET_IN_JOB)

const struct packet_rule packet_rules[] = {
	/* who are we both */
	{"qSupported", "", handle_supported, NULL, PACKET_IN_JOB},
	{"qSupported:", "*", handle_supported, NULL, PACKET_IN_JOB},
	{"QStartNoAckMode", "", handle_start_no_ack, NULL, PACKET_IN_JOB},
	{"QThreadSuffixSupported", "", handle_thread_suffix, NULL, PACKET_IN_JOB},
	{"QListThreadsInStopReply", "", handle_list_threads, NULL, PACKET_IN_JOB},
	{"!", "", NULL, "OK", PACKET_IN_JOB},
	{"qAttached", "*", NULL, "1", PACKET_IN_JOB},
	{"qOffsets", "", NULL, "Text=0;Data=0;Bss=0", PACKET_IN_JOB},
	{"qSymbol::", "", NULL, "OK", PACKET_IN_JOB},
	{"QNonStop:0", "", NULL, "OK", PACKET_IN_JOB},
	{"QThreadEvents:0", "", NULL, "OK", PACKET_IN_JOB},
	{"QThreadEvents:1", "", NULL, "OK", PACKET_IN_JOB},
	{"qXfer:", "*", handle_xfer, NULL, PACKET_IN_JOB},
	{"qRcmd,", "*", handle_monitor, NULL, PACKET_TELLS},

	/* threads: the core is the only one, number 1 */
	{"H", "*", handle_set_thread, NULL, PACKET_IN_JOB},
	{"T", "*", handle_thread_alive, NULL, PACKET_IN_JOB},
	{"qC", "", NULL, "QC1", PACKET_IN_JOB},
	{"qfThreadInfo", "", NULL, "m1", PACKET_IN_JOB},
	{"qsThreadInfo", "", NULL, "l", PACKET_IN_JOB},
	{"qThreadExtraInfo,", "*", handle_thread_info, NULL, PACKET_IN_JOB},

	/* registers and memory */
	{"g", "", handle_read_all, NULL, LOOK},
	{"G", "*", handle_write_all, NULL, WRITE},
	{"p", "#", handle_read_register, NULL, LOOK},
	{"P", "#=*", handle_write_register, NULL, WRITE},
	{"m", "#,#", handle_read_memory, NULL, READ},
	{"x", "#,#", handle_read_raw, NULL, READ},
	{"qMemoryRegionInfo:", "#", handle_region, NULL, PACKET_IN_JOB},
	{"qSearch:memory:", "#;#;*", handle_search, NULL, PACKET_TARGET},
	{"M", "#,#:*", handle_write_hex, NULL, PACKET_CONTROLS | PACKET_TARGET},
	{"X", "#,#:*", handle_write_binary, NULL, PACKET_CONTROLS | PACKET_TARGET},
	{"qCRC:", "#,#", handle_crc, NULL, PACKET_TARGET},

	/* run control */
	{"?", "", handle_stop_reason, NULL, PACKET_IN_JOB},
	{"c", "*", handle_continue, NULL, RUN},
	{"C", "#*", handle_continue_signal, NULL, RUN},
	{"s", "*", handle_step, NULL, RUN},
	{"S", "#*", handle_step_signal, NULL, RUN},
	{"vCont?", "", NULL, "vCont;c;C;s;S;t;r", PACKET_IN_JOB},
	{"vCont;", "*", handle_vcont, NULL, RUN},

	/* what gdb was asked for by the firmware */
	{"F", "*", handle_fileio, NULL, 0},

	/* breakpoints; conditions and commands may follow the kind */
	{"Z0,", "#,#*", handle_set_software, NULL, BREAK},
	{"z0,", "#,#", handle_clear_software, NULL, CLEAR},
	{"Z1,", "#,#*", handle_set_hardware, NULL, BREAK},
	{"z1,", "#,#", handle_clear_hardware, NULL, CLEAR},
	{"Z2,", "#,#", handle_set_write_watch, NULL, BREAK},
	{"z2,", "#,#", handle_clear_write_watch, NULL, CLEAR},
	{"Z3,", "#,#", handle_set_read_watch, NULL, BREAK},
	{"z3,", "#,#", handle_clear_read_watch, NULL, CLEAR},
	{"Z4,", "#,#", handle_set_access_watch, NULL, BREAK},
	{"z4,", "#,#", handle_clear_access_watch, NULL, CLEAR},

	/* loading */
	{"vFlashErase:", "#,#", handle_flash_erase, NULL, FLASH},
	{"vFlashWrite:", "#:*", handle_flash_write, NULL, FLASH},
	{"vFlashDone", "", handle_flash_done, NULL, FLASH},

	/* coming and going */
	{"D", "", handle_detach, NULL, PACKET_OBSERVED},
	{"D;", "#", handle_detach, NULL, PACKET_OBSERVED},
	{"k", "", handle_kill, NULL, 0},
	{"vKill;", "#", handle_vkill, NULL, PACKET_CONTROLS},
	{"R", "*", handle_restart, NULL, 0},
	{"vRun", "*", handle_run, NULL, PACKET_CONTROLS | PACKET_NOTES},
	{"vAttach;", "#", handle_attach, NULL, PACKET_NOTES},
};

const size_t packet_rule_count = sizeof(packet_rules) / sizeof(packet_rules[0]);
