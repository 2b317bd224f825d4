/*
 * The watchpoint packets: Z2 z2 (write), Z3 z3 (read), Z4 z4 (access). Worker thread.
 *
 * Written from the GDB manual, appendix E.2, "insert/remove breakpoint".
 */
#include "handlers.h"
#include "session.h"

static enum err set(struct session *session, const struct args *args, enum target_watch kind,
	struct text *reply)
{
	struct watch watch = {kind, args->number[0], args->number[1]};
	text_add(reply, "OK");
	return watches_add(&session->gdb->watches, session->gdb->target, &watch);
}

static enum err clear(struct session *session, const struct args *args, enum target_watch kind,
	struct text *reply)
{
	struct watch watch = {kind, args->number[0], args->number[1]};
	text_add(reply, "OK");
	return watches_remove(&session->gdb->watches, session->gdb->target, &watch);
}

enum err handle_set_write_watch(
	struct session *session, const struct args *args, struct text *reply)
{
	return set(session, args, TARGET_WATCH_WRITE, reply);
}

enum err handle_clear_write_watch(
	struct session *session, const struct args *args, struct text *reply)
{
	return clear(session, args, TARGET_WATCH_WRITE, reply);
}

enum err handle_set_read_watch(struct session *session, const struct args *args, struct text *reply)
{
	return set(session, args, TARGET_WATCH_READ, reply);
}

enum err handle_clear_read_watch(
	struct session *session, const struct args *args, struct text *reply)
{
	return clear(session, args, TARGET_WATCH_READ, reply);
}

enum err handle_set_access_watch(
	struct session *session, const struct args *args, struct text *reply)
{
	return set(session, args, TARGET_WATCH_ACCESS, reply);
}

enum err handle_clear_access_watch(
	struct session *session, const struct args *args, struct text *reply)
{
	return clear(session, args, TARGET_WATCH_ACCESS, reply);
}
