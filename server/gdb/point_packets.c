/*
 * The breakpoint packets: Z0 z0 Z1 z1. Worker thread.
 *
 * The target sets both kinds with its hardware comparators; they differ in what a stop is called.
 * Written from the GDB manual, appendix E.2, "insert/remove breakpoint".
 */
#include "handlers.h"
#include "point_code.h"
#include "session.h"

/* gdb says 2, 3 or 4 for Thumb code (ARM Breakpoint Kinds); LLDB says 0 or 4. */
static enum err check(struct session *session, const struct args *args)
{
	uint32_t address = args->number[0], kind = args->number[1];

	if (address & 1)
		return session_refuse(session, ERR_ARGUMENT,
			"no instruction is at the odd address 0x%08x", address);
	if (kind == 1 || kind > 4)
		return session_refuse(
			session, ERR_ARGUMENT, "there is no breakpoint kind %u", kind);
	return ERR_OK;
}

/* The same packet again, with other conditions, replaces them. */
static enum err set(
	struct session *session, const struct args *args, enum point_type type, struct text *reply)
{
	struct gdb *gdb = session->gdb;
	struct point_code *code = NULL;

	enum err err = check(session, args);
	if (!err)
		err = point_code_parse(session, args->rest, args->rest_size, &code);
	if (!err)
		err = points_add(&gdb->points, gdb->target, args->number[0], type);
	if (err)
		point_code_destroy(code);
	else
		point_code_put(&gdb->points.codes, args->number[0], (int)type, code);
	text_add(reply, "OK");
	return err;
}

static enum err clear(
	struct session *session, const struct args *args, enum point_type type, struct text *reply)
{
	struct gdb *gdb = session->gdb;

	enum err err = check(session, args);
	if (!err)
		err = points_remove(&gdb->points, gdb->target, args->number[0], type);
	text_add(reply, "OK");
	return err;
}

enum err handle_set_software(struct session *session, const struct args *args, struct text *reply)
{
	return set(session, args, POINT_SOFTWARE, reply);
}

enum err handle_clear_software(struct session *session, const struct args *args, struct text *reply)
{
	return clear(session, args, POINT_SOFTWARE, reply);
}

enum err handle_set_hardware(struct session *session, const struct args *args, struct text *reply)
{
	return set(session, args, POINT_HARDWARE, reply);
}

enum err handle_clear_hardware(struct session *session, const struct args *args, struct text *reply)
{
	return clear(session, args, POINT_HARDWARE, reply);
}
