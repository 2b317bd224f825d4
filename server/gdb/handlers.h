/*
 * The packet handlers, by the file they are in. Called by packet.c only. Worker thread.
 */
#ifndef SERVER_GDB_HANDLERS_H
#define SERVER_GDB_HANDLERS_H

#include "packet.h"

/* query.c */
packet_handler handle_supported, handle_start_no_ack, handle_thread_suffix, handle_list_threads;

/* register_packets.c */
packet_handler handle_read_all, handle_write_all, handle_read_register, handle_write_register;

/* memory.c */
packet_handler handle_read_memory, handle_read_raw, handle_write_hex, handle_write_binary;
packet_handler handle_crc;

/* region.c */
packet_handler handle_region;

/* memory_search.c */
packet_handler handle_search;

/* run.c */
packet_handler handle_continue, handle_continue_signal, handle_step, handle_step_signal;
packet_handler handle_vcont, handle_stop_reason;

/* point_packets.c */
packet_handler handle_set_software, handle_clear_software, handle_set_hardware;
packet_handler handle_clear_hardware;

/* watch_packets.c */
packet_handler handle_set_write_watch, handle_clear_write_watch, handle_set_read_watch;
packet_handler handle_clear_read_watch, handle_set_access_watch, handle_clear_access_watch;

/* flash.c */
packet_handler handle_flash_erase, handle_flash_write, handle_flash_done;

/* control.c */
packet_handler handle_detach, handle_kill, handle_vkill, handle_restart, handle_run;
packet_handler handle_attach;

/* fileio.c */
packet_handler handle_fileio;

/* threads.c */
packet_handler handle_set_thread, handle_thread_alive, handle_thread_info;

/* xfer.c */
packet_handler handle_xfer;

/* monitor.c */
packet_handler handle_monitor;

#endif
