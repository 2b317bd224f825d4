/*
 * The register packets: g G p P. Worker thread.
 *
 * While the core runs, or works for a load, an observer gets the registers of the last stop: gdb
 * believes it stopped then, and in all-stop mode it cannot be told otherwise. The controller gets
 * an error.
 */
#include "handlers.h"
#include "hex.h"
#include "probe/bytes.h"
#include "registers.h"
#include "session.h"

/* What gdb takes for a register that cannot be had now. */
static void unavailable(struct text *reply, const struct register_row *row)
{
	for (unsigned i = 0; i < row->bits / 8; i++)
		text_add(reply, "xx");
}

/* How many of the target's registers a row is made of. */
static size_t registers_in(const struct register_row *row)
{
	return (row->bits + 31) / 32;
}

static enum err read_halted(
	struct session *session, const struct register_row *row, struct text *reply)
{
	uint8_t bytes[REGISTER_BYTES_MAX];

	for (size_t i = 0; i < registers_in(row); i++) {
		uint32_t value;
		enum err err = target_read_register(
			session->gdb->target, row->source + (unsigned)i, &value);
		if (err)
			return err;
		put_le32(bytes + 4 * i, value);
	}
	text_add_hex(reply, bytes, row->bits / 8);
	return ERR_OK;
}

static void read_remembered(
	const struct stop *stop, const struct register_row *row, struct text *reply)
{
	uint8_t bytes[4];

	if (row->source >= STOP_REGISTERS || !(stop->known & 1U << row->source)) {
		unavailable(reply, row);
		return;
	}
	put_le32(bytes, stop->registers[row->source]);
	text_add_hex(reply, bytes, row->bits / 8);
}

static enum err read_row(
	struct session *session, const struct register_row *row, struct text *reply)
{
	struct gdb *gdb = session->gdb;

	if (gdb->state == INFERIOR_HALTED && !gdb_in_job_of_other(session))
		return read_halted(session, row, reply);
	if (gdb->controller == session)
		return session_refuse(session, ERR_TARGET_STATE, "the core is running");
	read_remembered(&gdb->stop, row, reply);
	return ERR_OK;
}

static enum err write_row(
	struct session *session, const struct register_row *row, const uint8_t *bytes)
{
	for (size_t i = 0; i < registers_in(row); i++) {
		uint32_t value = row->bits == 8 ? bytes[0] : get_le32(bytes + 4 * i);
		enum err err = target_write_register(
			session->gdb->target, row->source + (unsigned)i, value);
		if (err)
			return err;
	}
	return ERR_OK;
}

/* What `?` and observers are told: sp is msp or psp, so one write may change two. */
static void remember(struct gdb *gdb)
{
	stop_read_registers(&gdb->stop, gdb->target);
}

enum err handle_read_all(struct session *session, const struct args *args, struct text *reply)
{
	(void)args;
	for (size_t i = 0; i < REGISTERS_IN_G; i++) {
		enum err err = read_row(session, &register_rows[i], reply);
		if (err)
			return err;
	}
	return ERR_OK;
}

enum err handle_write_all(struct session *session, const struct args *args, struct text *reply)
{
	uint8_t bytes[REGISTERS_IN_G][4];

	if (args->rest_size != 2 * sizeof(bytes))
		return session_refuse(
			session, ERR_ARGUMENT, "G must carry %d registers", REGISTERS_IN_G);
	if (!hex_decode(bytes, args->rest, sizeof(bytes)))
		return session_refuse(session, ERR_ARGUMENT, "G carries what is no hex digit");
	enum err err = ERR_OK;
	for (size_t i = 0; i < REGISTERS_IN_G && !err; i++)
		err = write_row(session, &register_rows[i], bytes[i]);
	remember(session->gdb);
	text_add(reply, "OK");
	return err;
}

static const struct register_row *find(struct session *session, uint32_t number)
{
	const struct register_row *row = register_find(number);
	const struct target_identity *identity = target_identity(session->gdb->target);
	return row && row->feature == FEATURE_FPU && !identity->has_fpu ? NULL : row;
}

enum err handle_read_register(struct session *session, const struct args *args, struct text *reply)
{
	const struct register_row *row = find(session, args->number[0]);

	if (!row)
		return session_refuse(
			session, ERR_ARGUMENT, "there is no register number %u", args->number[0]);
	return read_row(session, row, reply);
}

enum err handle_write_register(struct session *session, const struct args *args, struct text *reply)
{
	const struct register_row *row = find(session, args->number[0]);
	uint8_t bytes[REGISTER_BYTES_MAX];

	if (!row)
		return session_refuse(
			session, ERR_ARGUMENT, "there is no register number %u", args->number[0]);
	size_t size = row->bits / 8;
	if (args->rest_size != 2 * size || !hex_decode(bytes, args->rest, size))
		return session_refuse(session, ERR_ARGUMENT, "%s has %zu bytes", row->name, size);
	enum err err = write_row(session, row, bytes);
	remember(session->gdb);
	text_add(reply, "OK");
	return err;
}
