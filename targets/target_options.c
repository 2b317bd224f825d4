/* Option bytes and read protection of an attached target: that part of target.h. Worker thread. */
#include "target_private.h"

#include "probe/log.h"

static enum err check_known(const struct target *target)
{
	if (target->device.family)
		return ERR_OK;
	log_error("the option bytes of this chip are not known");
	return ERR_UNSUPPORTED;
}

enum err target_read_options(
	struct target *target, struct target_option options[TARGET_OPTIONS_MAX], size_t *count)
{
	struct bus bus;
	enum err err = check_known(target);
	*count = 0;
	if (err)
		return err;
	bus_begin(&bus, target->probe, NULL, NULL);
	*count = target->device.family->options_show(&bus, &target->device, options);
	return bus_end(&bus);
}

enum err target_write_option(struct target *target, const char *name, const char *value)
{
	struct bus bus;
	enum err err = target_check_chip(target);
	if (err)
		return err;
	bus_begin(&bus, target->probe, NULL, NULL);
	target->device.family->options_set(&bus, &target->device, name, value);
	return bus_end(&bus);
}

enum err target_unlock(struct target *target)
{
	const struct family *family = target->device.family;
	struct bus bus;
	enum err err = target_check_chip(target);
	if (err)
		return err;
	err = target_has_reset(target, core_reset(&target->core, true));
	if (err)
		return err;
	bus_begin(&bus, target->probe, target->options.hooks.yield, target->options.hooks.context);
	if (family->options_prepare_unlock(&bus, &target->device))
		bus_fail(&bus, core_reset(&target->core, true));
	family->options_unlock(&bus, &target->device);
	err = bus_end(&bus);
	if (!err)
		target->flash_incomplete = false;
	return err ? err : target_has_reset(target, core_reset(&target->core, true));
}
