/* gdb's File-I/O: requests, and the F packet that answers. Worker thread. */
#include "fileio.h"

#include <errno.h>

#include "handlers.h"
#include "hex.h"
#include "inferior.h"
#include "session.h"

/* Only gdb says that it knows swbreak, and only gdb knows these requests. */
bool fileio_is_possible(const struct gdb *gdb)
{
	const struct session *controller = gdb->controller;
	return controller && controller->awaits_stop && controller->knows_swbreak &&
	       !gdb->semihosting.no_fileio;
}

enum call_outcome fileio_request(
	struct gdb *gdb, struct semihosting_call *call, fileio_done *done, const char *format, ...)
{
	struct text request = {0};
	va_list arguments;

	if (!fileio_is_possible(gdb))
		return call_fail(gdb, call, ENOSYS);
	semihosting_flush(gdb);
	va_start(arguments, format);
	text_format_list(&request, format, arguments);
	va_end(arguments);
	session_send(gdb->controller, MESSAGE_REPLY, text_string(&request), request.size);
	text_finish(&request);
	gdb->semihosting.wait = WAIT_GDB;
	gdb->semihosting.done = done;
	return CALL_WAITS;
}

struct fileio_answer {
	int32_t result;
	int error;
	bool interrupted;
};

/* retcode[,errno[,C]][;attachment] */
static bool parse(const char *at, const char *end, struct fileio_answer *answer)
{
	uint32_t number;
	bool negative = at < end && *at == '-';

	*answer = (struct fileio_answer){0};
	at += negative;
	if (!hex_number(&at, end, &number))
		return false;
	answer->result = (int32_t)(negative ? 0 - number : number);
	if (at < end && *at == ',') {
		at++;
		if (!hex_number(&at, end, &number))
			return false;
		answer->error = (int)number;
	}
	if (end - at >= 2 && at[0] == ',' && at[1] == 'C') {
		answer->interrupted = true;
		at += 2;
	}
	return at == end || *at == ';';
}

/* The reply to this packet is the stop reply, or the next request. */
enum err handle_fileio(struct session *session, const struct args *args, struct text *reply)
{
	struct gdb *gdb = session->gdb;
	struct fileio_answer answer;

	(void)reply;
	if (gdb->semihosting.wait != WAIT_GDB || gdb->controller != session)
		return session_refuse(session, ERR_TARGET_STATE, "no system call was asked for");
	if (!parse(args->rest, args->rest + args->rest_size, &answer))
		answer = (struct fileio_answer){.result = -1, .error = EINVAL};
	semihosting_answer(gdb, answer.result, answer.error, answer.interrupted);
	bool runs = session->awaits_stop && gdb->semihosting.wait != WAIT_GDB;
	session->answer = runs ? ANSWER_RUNNING : ANSWER_LATE;
	return ERR_OK;
}
