/* What the command line means for the target. Pure; any thread. */
#include "settings.h"

static void add_kept(struct target_options *target, const struct options *options)
{
	_Static_assert(OPTIONS_KEEP_MAX <= TARGET_KEEP_MAX, "no room for all of --keep");
	for (unsigned i = 0; i < options->keep_count; i++)
		target->keep[target->keep_count++] =
			(struct target_range){options->keep[i].start, options->keep[i].size};
}

static void add_on_halt(struct target_options *target, const struct options *options)
{
	_Static_assert(OPTIONS_WRITES_MAX <= TARGET_ON_HALT_MAX, "no room for all of --on-halt");
	for (size_t i = 0; i < options->on_halt_count; i++)
		target->on_halt[target->on_halt_count++] = (struct target_on_halt){
			options->on_halt[i].address, options->on_halt[i].value};
}

struct target_options settings_target(const struct options *options)
{
	static const enum target_exit exits[] = {
		[EXIT_RUN] = TARGET_EXIT_RUN,
		[EXIT_HALT] = TARGET_EXIT_HALT,
		[EXIT_RESET] = TARGET_EXIT_RESET,
	};
	struct target_options target = {
		.connect = options->connect,
		.speed_khz = options->speed_khz,
		.vdd_mv = options->vdd_mv,
		.chip = options->chip,
		.keep_unwritten = options->keep_unwritten,
		.no_loader = options->no_loader,
		.no_reset = options->no_reset,
		.interlock = options->interlock,
		.on_exit = exits[options->on_exit],
		.freeze_timers = options->freeze_timers,
	};

	add_kept(&target, options);
	add_on_halt(&target, options);
	return target;
}
