/* Words written while the core is halted: see on_halt.h. */
#include "on_halt.h"

#include "probe/log.h"

static enum err write_one(
	struct on_halt *on_halt, struct core *core, const struct target_on_halt *word, size_t i)
{
	enum err err = probe_read_word(core->probe, word->address, &on_halt->before[i].value);
	on_halt->before[i].done = !err;
	if (!err)
		err = probe_write_word(core->probe, word->address, word->value);
	cache_drop(&core->cache);
	return err;
}

void on_halt_write(struct on_halt *on_halt, struct core *core, const struct target_options *options)
{
	if (on_halt->written || !core->halted)
		return;
	on_halt->written = true;
	for (size_t i = 0; i < options->on_halt_count; i++) {
		const struct target_on_halt *word = &options->on_halt[i];
		enum err err = write_one(on_halt, core, word, i);
		if (err)
			log_error("--on-halt could not write 0x%08X to 0x%08X (%s): what it was "
				  "to make safe is not; check the address",
				word->value, word->address, err_text(err));
	}
}

enum err on_halt_undo(
	struct on_halt *on_halt, struct core *core, const struct target_options *options)
{
	enum err err = ERR_OK;
	if (!on_halt->written)
		return ERR_OK;
	for (size_t i = options->on_halt_count; i-- > 0 && !err;)
		if (on_halt->before[i].done)
			err = probe_write_word(
				core->probe, options->on_halt[i].address, on_halt->before[i].value);
	on_halt->written = err != ERR_OK;
	return err;
}

void on_halt_forget(struct on_halt *on_halt)
{
	on_halt->written = false;
}
