/*
 * Threads: the core is the only one, number 1. Worker thread.
 *
 * Written from the GDB manual, appendix E.2 "Packets", H, T and thread-id syntax.
 */
#include <string.h>

#include "handlers.h"
#include "hex.h"
#include "session.h"
#include "threads.h"

bool threads_is_ours(const char *id, size_t size)
{
	const char *end = id + size;
	uint32_t number;

	if (size == 2 && memcmp(id, "-1", 2) == 0)
		return true;
	return hex_number(&id, end, &number) && id == end && number <= 1;
}

enum err handle_set_thread(struct session *session, const struct args *args, struct text *reply)
{
	bool known = args->rest_size > 1 && strchr("cg", args->rest[0]) &&
		     threads_is_ours(args->rest + 1, args->rest_size - 1);
	if (!known)
		return session_refuse(session, ERR_ARGUMENT, "there is only thread 1");
	text_add(reply, "OK");
	return ERR_OK;
}

enum err handle_thread_alive(struct session *session, const struct args *args, struct text *reply)
{
	if (!threads_is_ours(args->rest, args->rest_size))
		return session_refuse(session, ERR_ARGUMENT, "there is only thread 1");
	text_add(reply, "OK");
	return ERR_OK;
}

void threads_describe(const struct gdb *gdb, struct text *text)
{
	static const char *const exceptions[16] = {
		[2] = "NMI",
		[3] = "HardFault",
		[4] = "MemManage",
		[5] = "BusFault",
		[6] = "UsageFault",
		[11] = "SVCall",
		[12] = "DebugMonitor",
		[14] = "PendSV",
		[15] = "SysTick",
	};

	if (gdb->state == INFERIOR_RUNNING || !(gdb->stop.known & 1U << TARGET_XPSR)) {
		text_add(text, "Running");
		return;
	}
	unsigned exception = gdb->stop.registers[TARGET_XPSR] & 0x1ff;
	if (!exception)
		text_add(text, "Thread mode");
	else if (exception >= 16)
		text_format(text, "IRQ %u handler", exception - 16);
	else if (exceptions[exception])
		text_format(text, "%s handler", exceptions[exception]);
	else
		text_format(text, "Exception %u", exception);
}

enum err handle_thread_info(struct session *session, const struct args *args, struct text *reply)
{
	struct text text = {0};

	if (!threads_is_ours(args->rest, args->rest_size))
		return session_refuse(session, ERR_ARGUMENT, "there is only thread 1");
	threads_describe(session->gdb, &text);
	text_add_hex(reply, text_string(&text), text.size);
	text_finish(&text);
	return ERR_OK;
}
