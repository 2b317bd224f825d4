/* Which stops of the core the clients hear of. Worker thread. */
#include "stop_filter.h"

#include "point_code.h"
#include "session.h"

enum stop_verdict stop_filter_call(struct gdb *gdb, uint32_t pc)
{
	if (!semihosting_has_called(gdb, pc))
		return STOP_TELL;
	enum stop_verdict verdict = semihosting_serve(gdb, pc);
	return verdict == STOP_PASS ? stop_filter_step(gdb, pc + 2) : verdict;
}

enum stop_verdict stop_filter(struct gdb *gdb, enum target_stop_reason reason)
{
	uint32_t pc;

	if (reason != TARGET_STOP_BREAKPOINT)
		return STOP_TELL;
	semihosting_look_ahead(gdb);
	enum err err = target_read_register(gdb->target, TARGET_PC, &pc);
	if (err)
		return STOP_TELL;
	if (!points_find(&gdb->points, pc))
		return stop_filter_call(gdb, pc);
	return point_code_is_stop(gdb, pc) ? STOP_TELL : STOP_PASS;
}

enum stop_verdict stop_filter_step(struct gdb *gdb, uint32_t pc)
{
	if (!points_find(&gdb->points, pc))
		return STOP_PASS;
	return point_code_is_stop(gdb, pc) ? STOP_TELL : STOP_PASS;
}
