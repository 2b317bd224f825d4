/* What the command line means for the target. Pure; any thread. */
#include "settings.h"

static void add_kept(struct target_options *target, const struct options *options)
{
	_Static_assert(OPTIONS_KEEP_MAX <= TARGET_KEEP_MAX, "no room for all of --keep");
	for (unsigned i = 0; i < options->keep_count; i++)
		target->keep[target->keep_count++] =
			(struct target_range){options->keep[i].start, options->keep[i].size};
}

struct target_options settings_target(const struct options *options)
{
	struct target_options target = {
		.connect =
			options->under_reset ? TARGET_CONNECT_UNDER_RESET : TARGET_CONNECT_NORMAL,
		.speed_khz = options->speed_khz,
		.vdd_mv = options->vdd_mv,
		.keep_unwritten = options->keep_unwritten,
		.no_loader = options->no_loader,
		.no_reset = options->no_reset,
		.interlock = options->interlock,
	};

	add_kept(&target, options);
	return target;
}
