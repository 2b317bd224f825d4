/* A probe that may be unplugged: see replug.h. Worker thread. */
#include "server/replug.h"

#include "probe/log.h"
#include "probe/probe.h"
#include "server/gdb/gdb.h"
#include "targets/target.h"

/* A lost probe is looked for this often, each time with a new libusb context. */
#define SEARCH_US 500000

static void lose(struct replug *replug)
{
	replug->is_lost = true;
	replug->search_err = ERR_USB_NOT_FOUND;
	gdb_probe_lost(replug->gdb);
}

static void take(struct replug *replug, struct probe *found)
{
	target_set_probe(replug->target, found);
	probe_close(replug->probe);
	replug->probe = found;
	replug->is_lost = false;
	if (replug->returned)
		replug->returned(replug->context);
	gdb_probe_back(replug->gdb);
}

static enum err reopen(struct replug *replug, bool quietly)
{
	struct probe *found;

	log_quiet(quietly);
	enum err err = replug->reopen(replug->reopen_context, probe_info(replug->probe), &found);
	log_quiet(false);
	if (!err)
		take(replug, found);
	return err;
}

/* The lost probe's object stays until there is another: it fails whatever is asked of it. What
 * stands in the way of one that is plugged in again is told in full, once. */
static enum err search(struct replug *replug)
{
	if (!replug->reopen)
		return ERR_USB_GONE;
	enum err err = reopen(replug, true);
	if (err && err != ERR_USB_NOT_FOUND && err != replug->search_err) {
		log_warn("the probe cannot be used again yet (%s)", err_text(err));
		replug->search_err = err;
		err = reopen(replug, false);
	}
	if (err == ERR_USB_NOT_FOUND)
		replug->search_err = err;
	return ERR_OK;
}

enum err replug_look(struct replug *replug, uint64_t *wait_us)
{
	enum err err = ERR_OK;

	if (!replug->is_lost && !probe_plugged(replug->probe))
		lose(replug);
	else if (replug->is_lost)
		err = search(replug);
	gdb_look(replug->gdb);
	*wait_us = replug->is_lost ? SEARCH_US : GDB_LOOK_US;
	return err;
}
