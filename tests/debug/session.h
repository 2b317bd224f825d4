/*
 * gdb's side of a session with the board of bench.h: packets in, replies out, in modelled time.
 */
#ifndef TESTS_DEBUG_SESSION_H
#define TESTS_DEBUG_SESSION_H

#include "bench.h"
#include "server/replug.h"

struct gdb;

struct session_log {
	struct rig rig;
	struct gdb *gdb;
	char reply[70000];   /* the last one; empty: none since it was asked for */
	uint64_t replied_us; /* when it came */
	uint64_t look_us;    /* when the target is looked for again, as the worker does */
	char console[8192];  /* what was shown since then */
	struct replug replug;
};

/* cmocka fixtures: *state is a struct session_log, with client 1 in control and the core halted at
 * the program's start; the second has no batches. */
int session_setup(void **state);
int session_setup_old(void **state);
int session_setup_v3(void **state);
int session_teardown(void **state);
#define SESSION_TEST(function) \
	cmocka_unit_test_setup_teardown(function, session_setup, session_teardown)
#define SESSION_TEST_OLD(function) \
	cmocka_unit_test_setup_teardown(function, session_setup_old, session_teardown)

/* For who starts the board himself: client 1 comes and takes control; it goes, and the board is
 * left as the server leaves it. */
void session_open(struct session_log *log);
void session_close(struct session_log *log);

/* From now on the session looks for the probe when it is unplugged, as the worker does. */
void session_watch_probe(struct session_log *log);

/* Sends a packet and returns the reply, or "" when there is none yet. */
const char *session_ask_bytes(struct session_log *log, const void *packet, size_t size);
const char *session_ask(struct session_log *log, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same; the reply must begin so. */
void session_expect(struct session_log *log, const char *packet, const char *prefix);

/* Serves the services for at most `us`, until there is a reply; false when there was none. */
bool session_wait(struct session_log *log, uint64_t us);

/* Serves them for `us`, whatever is replied, and forgets that. */
void session_pass(struct session_log *log, uint64_t us);

/* Sends a packet that lets the core go, and waits a second for the stop; returns it. */
const char *session_go(struct session_log *log, const char *packet);

/* 0x03. */
void session_interrupt(struct session_log *log);

/* What a stop reply says of a register, by gdb's number. */
uint32_t session_register(const struct session_log *log, unsigned number);

#endif
