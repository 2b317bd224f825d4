/* Semihosting: recognising calls, and their beginning and end. Worker thread. */
#include "semihosting.h"

#include <errno.h>
#include <string.h>

#include "fileio.h"
#include "inferior.h"
#include "probe/bytes.h"
#include "probe/log.h"
#include "semihosting_calls.h"
#include "session.h"

#define BKPT_AB  0xbeabU
#define KEYS_MAX 4096
#define BUSY_US  50000

/* What a call needs. */
#define CALL_REGISTERS (1U << 0 | 1U << 1 | 1U << TARGET_PC)

bool semihosting_is_call(struct gdb *gdb, uint32_t pc)
{
	uint8_t bytes[2];

	if (gdb->semihosting.off)
		return false;
	enum err err = target_read_memory(gdb->target, pc, bytes, sizeof(bytes));
	return !err && (bytes[0] | (unsigned)bytes[1] << 8) == BKPT_AB;
}

bool semihosting_has_called(struct gdb *gdb, uint32_t pc)
{
	struct semihosting *semihosting = &gdb->semihosting;
	uint8_t word[4]; /* takes half the time of a half-word */

	if (semihosting->off)
		return false;
	if (semihosting_is_busy(gdb) && semihosting->flash_pc == pc) {
		foresight_begin(&semihosting->foresight);
		return true;
	}
	enum err err = target_read_once(gdb->target, pc & ~3U, word, sizeof(word));
	bool called = !err && (get_le32(word) >> 8 * (pc & 2) & 0xffff) == BKPT_AB;
	bool flash = called && gdb_has_flash(gdb, pc);
	semihosting->flash_pc = flash ? pc : 0;
	foresight_begin(&semihosting->foresight);
	if (!flash)
		foresight_note(&semihosting->foresight, pc & ~3U, sizeof(word));
	return called;
}

void semihosting_look_ahead(struct gdb *gdb)
{
	struct target_range ranges[FORESIGHT_RANGES];

	if (!semihosting_is_busy(gdb))
		return;
	size_t count = foresight_tell(&gdb->semihosting.foresight, ranges);
	enum err err = target_fetch(gdb->target, CALL_REGISTERS, ranges, count);
	if (err)
		log_debug("nothing was read ahead: %s", err_text(err));
}

bool semihosting_is_busy(const struct gdb *gdb)
{
	uint64_t served_us = gdb->semihosting.served_us;
	return served_us && gdb_now_us(gdb) - served_us < BUSY_US;
}

/* One line for each place in the firmware: a loop must not flood the console. */
static void complain(struct gdb *gdb, const struct semihosting_call *call, const char *what)
{
	const struct call_rule *rule = call_find(call->number);

	if (gdb->semihosting.bad_pc == call->pc)
		return;
	gdb->semihosting.bad_pc = call->pc;
	semihosting_flush(gdb);
	inferior_tell(gdb, "semihosting: call 0x%02x (%s) at pc 0x%08x: %s", call->number,
		rule ? rule->name : "unknown", call->pc, what);
}

static void complain_of_address(
	struct gdb *gdb, const struct semihosting_call *call, const char *verb, uint32_t address)
{
	struct text what = {0};

	text_format(&what, "cannot %s memory at 0x%08x", verb, address);
	complain(gdb, call, text_string(&what));
	text_finish(&what);
	gdb->semihosting.last_error = EFAULT;
}

bool call_read(struct gdb *gdb, const struct semihosting_call *call, uint32_t address, void *data,
	size_t size)
{
	bool wraps = size && address + (uint32_t)(size - 1) < address;
	enum err err =
		wraps ? ERR_TARGET_FAULT : target_read_once(gdb->target, address, data, size);
	foresight_note(&gdb->semihosting.foresight, address, size);
	if (err)
		complain_of_address(gdb, call, "read", address);
	return !err;
}

bool call_write(struct gdb *gdb, const struct semihosting_call *call, uint32_t address,
	const void *data, size_t size)
{
	bool wraps = size && address + (uint32_t)(size - 1) < address;
	enum err err =
		wraps ? ERR_TARGET_FAULT : target_write_memory(gdb->target, address, data, size);
	if (err)
		complain_of_address(gdb, call, "write", address);
	return !err;
}

enum call_outcome call_return(struct semihosting_call *call, uint32_t result)
{
	call->result = result;
	call->has_result = true;
	return CALL_DONE;
}

/* newlib's numbers, where they differ from those of this machine. */
static int error_number(int error)
{
	switch (error) {
	case ENAMETOOLONG:
		return 91;
	case ELOOP:
		return 92;
	case ENOSYS:
		return 88;
	case ENOTEMPTY:
		return 90;
	default:
		return error;
	}
}

enum call_outcome call_fail(struct gdb *gdb, struct semihosting_call *call, int error)
{
	gdb->semihosting.last_error = error_number(error);
	return call_return(call, UINT32_MAX);
}

enum call_outcome call_exit(struct gdb *gdb, struct semihosting_call *call, unsigned code)
{
	(void)call;
	semihosting_flush(gdb);
	handles_close_all(&gdb->semihosting.handles);
	inferior_exited(gdb, code);
	return CALL_EXITED;
}

static bool read_words(struct gdb *gdb, struct semihosting_call *call, unsigned count)
{
	uint8_t bytes[sizeof(call->word)];

	if (count && !call_read(gdb, call, call->argument, bytes, (size_t)count * 4))
		return false;
	for (size_t i = 0; i < count; i++)
		call->word[i] = get_le32(bytes + 4 * i);
	return true;
}

static enum call_outcome dispatch(struct gdb *gdb, struct semihosting_call *call)
{
	const struct call_rule *rule = call_find(call->number);

	if (!rule) {
		complain(gdb, call, "there is no such call");
		return call_fail(gdb, call, ENOSYS);
	}
	if (!read_words(gdb, call, rule->words))
		return call_return(call, UINT32_MAX);
	return rule->run(gdb, call);
}

/* The result, and the pc behind the BKPT: only then is the call over. */
static enum err write_back(struct gdb *gdb, const struct semihosting_call *call)
{
	enum err err = ERR_OK;

	if (call->has_result)
		err = target_write_register_soon(gdb->target, TARGET_R0, call->result);
	if (!err)
		err = target_write_register_soon(gdb->target, TARGET_PC, call->pc + 2);
	if (err) {
		gdb_keep_failure(gdb, "cannot answer a semihosting call", err);
		inferior_tell(gdb, "cannot answer a semihosting call: %s", gdb_reason(gdb, err));
	}
	return err;
}

enum stop_verdict semihosting_serve(struct gdb *gdb, uint32_t pc)
{
	struct semihosting_call *call = &gdb->semihosting.call;

	semihosting_settle(gdb);
	*call = (struct semihosting_call){.pc = pc};
	gdb->semihosting.served_us = gdb_now_us(gdb);
	enum err err = target_read_register(gdb->target, TARGET_R0, &call->number);
	if (!err)
		err = target_read_register(gdb->target, (enum target_register)1, &call->argument);
	if (err)
		return STOP_TELL;
	switch (dispatch(gdb, call)) {
	case CALL_DONE:
		return write_back(gdb, call) ? STOP_TELL : STOP_PASS;
	case CALL_WAITS:
	case CALL_EXITED:
		break;
	}
	return STOP_WAIT;
}

static void settle(struct gdb *gdb, enum call_outcome outcome, bool interrupted)
{
	if (outcome == CALL_WAITS)
		gdb->semihosting.interrupted = interrupted;
	if (outcome != CALL_DONE)
		return;
	bool failed = write_back(gdb, &gdb->semihosting.call);
	inferior_call_done(gdb, interrupted || failed);
}

void semihosting_answer(struct gdb *gdb, int32_t result, int error, bool interrupted)
{
	struct semihosting *semihosting = &gdb->semihosting;

	interrupted |= semihosting->interrupted;
	semihosting->wait = WAIT_NOTHING;
	semihosting->interrupted = false;
	if (interrupted && result < 0 && error == FILEIO_EINTR) {
		/* it did nothing: the core stays at the BKPT, and makes the call again */
		inferior_stopped(gdb, STOP_SIGNAL_INT, TARGET_STOP_REQUEST);
		return;
	}
	settle(gdb, semihosting->done(gdb, &semihosting->call, result, error), interrupted);
}

bool semihosting_interrupt(struct gdb *gdb, bool *stop_now)
{
	struct semihosting *semihosting = &gdb->semihosting;

	if (semihosting->wait == WAIT_NOTHING)
		return false;
	/* gdb was asked for something and its answer is on the way, unless it was lost. */
	*stop_now = semihosting->wait == WAIT_KEY || semihosting->interrupted;
	semihosting->interrupted = true;
	return true;
}

void semihosting_typed(struct gdb *gdb, const void *keys, size_t size)
{
	struct text *kept = &gdb->semihosting.keys;

	if (kept->size + size > KEYS_MAX)
		log_warn("the program does not read its console: %zu bytes are dropped", size);
	else
		text_add_bytes(kept, keys, size);
	gdb_schedule(gdb, SERVICE_KEYS, gdb_now_us(gdb));
}

void semihosting_poll_keys(struct gdb *gdb)
{
	struct semihosting *semihosting = &gdb->semihosting;

	gdb_schedule(gdb, SERVICE_KEYS, NEVER);
	if (semihosting->wait != WAIT_KEY || !semihosting->keys.size)
		return;
	semihosting->wait = WAIT_NOTHING;
	settle(gdb, dispatch(gdb, &semihosting->call), false);
}

void semihosting_forget(struct gdb *gdb)
{
	semihosting_settle(gdb);
	semihosting_flush(gdb);
	gdb->semihosting.wait = WAIT_NOTHING;
	gdb->semihosting.interrupted = false;
}

void semihosting_restart(struct gdb *gdb)
{
	semihosting_forget(gdb);
	handles_close_all(&gdb->semihosting.handles);
	text_clear(&gdb->semihosting.keys);
	gdb->semihosting.last_error = 0;
	gdb->semihosting.bad_pc = 0;
	gdb->semihosting.flash_pc = 0;
	gdb->semihosting.start_us = gdb_now_us(gdb);
}

void semihosting_leave(struct gdb *gdb)
{
	struct semihosting *semihosting = &gdb->semihosting;

	if (semihosting->wait != WAIT_NOTHING) {
		enum call_outcome outcome = call_fail(gdb, &semihosting->call, EINTR);
		semihosting_forget(gdb);
		settle(gdb, outcome, true);
	}
	semihosting_restart(gdb);
}

void semihosting_finish(struct gdb *gdb)
{
	struct semihosting *semihosting = &gdb->semihosting;

	handles_close_all(&semihosting->handles);
	text_finish(&semihosting->line);
	text_finish(&semihosting->keys);
	text_finish(&semihosting->cmdline);
}
