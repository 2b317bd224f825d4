/*
 * A desk for session tests: a gdb on a fake target, with its clock and what it has sent.
 */
#ifndef TESTS_GDB_DESK_H
#define TESTS_GDB_DESK_H

#include "fake_target.h"
#include "server/gdb/gdb.h"

struct desk {
	struct target *target;
	struct gdb *gdb;
	uint64_t now_us;
	struct message *sent, **sent_end; /* in order, all clients */
	bool quit;
	unsigned exits, exit_code; /* of the program */
	char console[4096];        /* what came to the console port */
	bool reset_runs;           /* of the next gdb */
	bool keeps_markers;        /* MESSAGE_RUNNING and MESSAGE_KEEP_ALIVE are kept, too */
	/* called from the target's yield hook, to hand in messages in the midst of a job */
	void (*in_job)(struct desk *desk);
	unsigned jobs;
};

/* For cmocka: *state is the desk, with nobody connected. */
int desk_set_up(void **state);
int desk_tear_down(void **state);

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)

/* Starts over with another gdb: with files for semihosting, or a console port. */
void desk_renew(struct desk *desk, const struct files *files, bool has_console);

void desk_message(struct desk *desk, enum message_kind kind, unsigned client);
void desk_packet(struct desk *desk, unsigned client, const char *packet);
void desk_packet_bytes(struct desk *desk, unsigned client, const void *packet, size_t size);

/* Opens a client and has it send its first packet. */
void desk_join(struct desk *desk, unsigned client);

/* Calls gdb_poll() whenever it is due, for `us` of the desk's clock; then returns what it said. */
uint64_t desk_run(struct desk *desk, uint64_t us);

/* The oldest message for a client, taken off; NULL: there is none. The caller frees it. */
struct message *desk_take(struct desk *desk, unsigned client);

/* Fails the test unless the oldest message for the client is this reply. */
void desk_expect(struct desk *desk, unsigned client, const char *reply);

/* ... unless it begins like this. */
void desk_expect_prefix(struct desk *desk, unsigned client, const char *prefix);

/* ... unless there is none. */
void desk_expect_nothing(struct desk *desk, unsigned client);

/* ... unless it is console output that contains this text. */
void desk_expect_console(struct desk *desk, unsigned client, const char *text);

/* Sends a packet and expects the reply. */
void desk_ask(struct desk *desk, unsigned client, const char *packet, const char *reply);

/* Sends a monitor command. */
void desk_monitor(struct desk *desk, unsigned client, const char *command);

#endif
