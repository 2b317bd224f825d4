/* A stop of the core, and how each client is told. Worker thread. */
#include "stop.h"

#include "probe/bytes.h"
#include "registers.h"
#include "session.h"

void stop_read_registers(struct stop *stop, struct target *target)
{
	stop->known = 0;
	for (unsigned i = 0; i < STOP_REGISTERS; i++) {
		enum err err =
			target_read_register(target, (enum target_register)i, &stop->registers[i]);
		if (err)
			return;
		stop->known |= 1U << i;
	}
}

/* LLDB takes a register's number with two digits only. */
/* Without a pc gdb tells its user, and a program that drives it, of no stop at all. This one is
 * what a core reads that is locked up (ARMv7-M ARM B1.5.15): gdb looks for no code there and for no
 * caller, and asks for nothing else. */
#define PC_OF_NOTHING 0xfffffffeU

static void format_loss(struct text *reply)
{
	uint8_t bytes[4];

	put_le32(bytes, PC_OF_NOTHING);
	text_format(reply, "%x:", TARGET_PC);
	text_add_hex(reply, bytes, sizeof(bytes));
	text_add(reply, ";");
}

static void format_registers(const struct stop *stop, struct text *reply)
{
	for (size_t i = 0; i < register_row_count; i++) {
		const struct register_row *row = &register_rows[i];
		uint8_t bytes[4];
		if (row->source >= STOP_REGISTERS || !(stop->known & 1U << row->source))
			continue;
		put_le32(bytes, stop->registers[row->source]);
		text_format(reply, "%02x:", row->number);
		text_add_hex(reply, bytes, row->bits / 8);
		text_add(reply, ";");
	}
}

/* A stop that claims one of gdb's own breakpoints where gdb has none is ignored by gdb, and the
 * core resumed: so the claim is made only for what this board's controller has set. */
static const char *breakpoint_reason(const struct stop *stop, const struct session *session)
{
	if (stop->reason != TARGET_STOP_BREAKPOINT || !(stop->known & 1U << TARGET_PC))
		return "";
	const struct point *breakpoint =
		points_find(&session->gdb->points, stop->registers[TARGET_PC]);
	if (!breakpoint)
		return "";
	if (breakpoint->type == POINT_HARDWARE)
		return session->knows_hwbreak ? "hwbreak:;" : "";
	return session->knows_swbreak ? "swbreak:;" : "";
}

/* Named for the kind of watchpoint; for the controller only, as above. */
static void format_watchpoint(
	const struct stop *stop, const struct session *session, struct text *reply)
{
	static const char *const names[] = {
		[TARGET_WATCH_WRITE] = "watch",
		[TARGET_WATCH_READ] = "rwatch",
		[TARGET_WATCH_ACCESS] = "awatch",
	};
	if (stop->watched && session->gdb->controller == session)
		text_format(reply, "%s:%x;", names[stop->watch], stop->watch_address);
}

/* For LLDB, which asks for the threads, and for their registers again, where it is not told. */
static void list_threads(const struct stop *stop, const struct session *session, struct text *reply)
{
	if (session->lists_threads && stop->known & 1U << TARGET_PC)
		text_format(reply, "threads:1;thread-pcs:%x;", stop->registers[TARGET_PC]);
}

void stop_format(const struct stop *stop, const struct session *session, struct text *reply)
{
	text_format(reply, "T%02x", stop->signal);
	if (stop->signal == STOP_SIGNAL_LOST)
		format_loss(reply);
	format_registers(stop, reply);
	text_add(reply, breakpoint_reason(stop, session));
	format_watchpoint(stop, session, reply);
	list_threads(stop, session, reply);
	text_add(reply, "thread:1;");
}
