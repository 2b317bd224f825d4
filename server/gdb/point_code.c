/* What gdb wants done at a breakpoint without being asked. Worker thread. */
#include "point_code.h"

#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "hex.h"
#include "inferior.h"
#include "probe/bytes.h"
#include "probe/log.h"
#include "registers.h"

/* Longer than any expression that is meant; the firmware stands still meanwhile. */
#define TIME_LIMIT_US 100000

/* ---- the packet ---- */

static void destroy_list(struct bytecode *list)
{
	while (list) {
		struct bytecode *next = list->next;
		free(list);
		list = next;
	}
}

void point_code_destroy(struct point_code *code)
{
	if (!code)
		return;
	destroy_list(code->conditions);
	destroy_list(code->commands);
	free(code);
}

static enum err malformed(struct session *session)
{
	return session_refuse(session, ERR_ARGUMENT, "malformed condition or command");
}

static enum err check(struct session *session, const struct bytecode *bytecode)
{
	enum agent_fault fault = agent_check(bytecode->bytes, bytecode->size);

	if (!fault)
		return ERR_OK;
	return session_refuse(session, ERR_ARGUMENT,
		"the condition or command cannot be evaluated here: %s", agent_fault_text(fault));
}

/* One `Xlength,bytes` in hex. */
static enum err parse_expression(
	struct session *session, const char **at, const char *end, struct bytecode **parsed)
{
	uint32_t size;

	++*at;
	if (!hex_number(at, end, &size) || *at == end || *(*at)++ != ',')
		return malformed(session);
	if (size > AGENT_CODE_MAX || (size_t)(end - *at) < 2 * (size_t)size)
		return malformed(session);
	*parsed = malloc(sizeof(**parsed) + size);
	if (!*parsed)
		return ERR_NO_MEMORY;
	(*parsed)->next = NULL;
	(*parsed)->size = size;
	enum err err = ERR_OK;
	if (!hex_decode((*parsed)->bytes, *at, size))
		err = malformed(session);
	if (!err)
		err = check(session, *parsed);
	*at += 2 * (size_t)size;
	return err;
}

/* Expressions one behind the other. */
static enum err parse_list(
	struct session *session, const char **at, const char *end, struct bytecode **list)
{
	while (*at < end && **at == 'X') {
		enum err err = parse_expression(session, at, end, list);
		if (err)
			return err;
		if (*list)
			list = &(*list)->next;
	}
	return ERR_OK;
}

/* `;X...` and `;cmds:PERSIST,X...`, either or both. */
static enum err parse(
	struct session *session, const char *at, const char *end, struct point_code *code)
{
	static const char commands[] = ";cmds:";
	uint32_t persists = 0;
	enum err err = ERR_OK;

	if (end - at > 1 && at[0] == ';' && at[1] == 'X') {
		at++;
		err = parse_list(session, &at, end, &code->conditions);
	}
	if (err || at == end)
		return err;
	size_t length = strlen(commands);
	if ((size_t)(end - at) < length || memcmp(at, commands, length) != 0)
		return malformed(session);
	at += length;
	if (!hex_number(&at, end, &persists) || at == end || *at++ != ',')
		return malformed(session);
	code->persists = persists;
	err = parse_list(session, &at, end, &code->commands);
	return err || at == end ? err : malformed(session);
}

enum err point_code_parse(
	struct session *session, const char *text, size_t size, struct point_code **code)
{
	*code = NULL;
	if (!size)
		return ERR_OK;
	*code = calloc(1, sizeof(**code));
	if (!*code)
		return ERR_NO_MEMORY;
	enum err err = parse(session, text, text + size, *code);
	if (err) {
		point_code_destroy(*code);
		*code = NULL;
	}
	return err;
}

/* ---- the list ---- */

void point_code_put(struct point_code **list, uint32_t address, int type, struct point_code *code)
{
	while (*list) {
		struct point_code *each = *list;
		if (each->address != address || each->type != type) {
			list = &each->next;
			continue;
		}
		*list = each->next;
		point_code_destroy(each);
	}
	if (!code)
		return;
	code->address = address;
	code->type = type;
	code->next = NULL;
	*list = code;
}

void point_code_clear(struct point_code **list)
{
	unsigned persistent = 0;

	while (*list) {
		struct point_code *code = *list;
		*list = code->next;
		persistent += code->persists;
		point_code_destroy(code);
	}
	if (persistent)
		log_info("%u dprintf ended with the client: nothing stays behind on the board",
			persistent);
}

/* ---- at a stop ---- */

struct evaluation {
	struct gdb *gdb;
	uint64_t deadline_us;
};

static enum err read_register(void *context, unsigned number, uint64_t *value)
{
	const struct evaluation *evaluation = context;
	const struct register_row *row = register_find(number);
	uint32_t low, high = 0;

	if (!row)
		return ERR_ARGUMENT;
	enum err err = target_read_register(evaluation->gdb->target, row->source, &low);
	if (!err && row->bits == 64)
		err = target_read_register(evaluation->gdb->target, row->source + 1, &high);
	if (!err)
		*value = (uint64_t)high << 32 | low;
	return err;
}

static enum err read_memory(void *context, uint32_t address, void *data, size_t size)
{
	const struct evaluation *evaluation = context;
	return target_read_memory(evaluation->gdb->target, address, data, size);
}

static void print(void *context, const char *text, size_t size)
{
	const struct evaluation *evaluation = context;
	inferior_show(evaluation->gdb, text, size);
}

static bool is_late(void *context)
{
	const struct evaluation *evaluation = context;
	return gdb_now_us(evaluation->gdb) >= evaluation->deadline_us;
}

/* Whether the expression could be evaluated; if not, the user is told. */
static bool evaluate(struct gdb *gdb, uint32_t pc, const struct bytecode *code, int64_t *value)
{
	struct evaluation evaluation = {gdb, gdb_now_us(gdb) + TIME_LIMIT_US};
	const struct agent agent = {&evaluation, read_register, read_memory, print, is_late};

	enum agent_fault fault = agent_run(&agent, code->bytes, code->size, value);
	if (fault)
		inferior_tell(gdb,
			"the condition or command of the breakpoint at 0x%08x cannot be "
			"evaluated: %s",
			pc, agent_fault_text(fault));
	return !fault;
}

/* A condition that cannot be evaluated counts as true, as it does when gdb evaluates it. */
static bool is_met(struct gdb *gdb, const struct point_code *code)
{
	for (const struct bytecode *each = code->conditions; each; each = each->next) {
		int64_t value;
		if (!evaluate(gdb, code->address, each, &value) || value)
			return true;
	}
	return !code->conditions;
}

static bool run_commands(struct gdb *gdb, const struct point_code *code)
{
	for (const struct bytecode *each = code->commands; each; each = each->next) {
		int64_t value;
		if (!evaluate(gdb, code->address, each, &value))
			return false;
	}
	return true;
}

static const struct point_code *find(const struct points *points, uint32_t address, int type)
{
	const struct point_code *code = points->codes;
	while (code && (code->address != address || code->type != type))
		code = code->next;
	return code;
}

static bool is_stop_for(struct gdb *gdb, uint32_t pc, enum point_type type)
{
	const struct point_code *code = find(&gdb->points, pc, (int)type);

	if (!code)
		return true;
	if (!is_met(gdb, code))
		return false;
	return !code->commands || !run_commands(gdb, code);
}

bool point_code_is_stop(struct gdb *gdb, uint32_t pc)
{
	bool is_stop = false;

	for (enum point_type type = POINT_SOFTWARE; type <= POINT_HARDWARE; type++) {
		if (points_has(&gdb->points, pc, type))
			is_stop |= is_stop_for(gdb, pc, type);
	}
	return is_stop;
}
