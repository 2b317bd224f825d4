/*
 * Probes for a server whose target is in memory: there is one, or as many as FAKE_PROBES says.
 * Implements server/probes.h.
 */
#include "server/probes.h"

#include <stdio.h>
#include <stdlib.h>

#include "fake_probes.h"
#include "probe/log.h"
#include "server/virtual.h"

enum err probes_choose(const struct options *options, struct probes *probes)
{
	const char *count = getenv("FAKE_PROBES");

	*probes = (struct probes){.count = 1};
	if (count && (options->all || atoi(count) == 0))
		probes->count = (size_t)atoi(count);
	if (probes->count)
		return ERR_OK;
	log_error("no ST-LINK on USB");
	return ERR_USB_NOT_FOUND;
}

enum err probes_open(const struct probes *probes, size_t which, struct probe **probe, pid_t *board)
{
	char serial[32];

	const char *broken = getenv("FAKE_BROKEN_PROBE");

	(void)probes;
	*board = 0;
	if (broken && (size_t)atoi(broken) == which) {
		log_error("the probe is in use by another program");
		return ERR_USB_BUSY;
	}
	(void)snprintf(serial, sizeof(serial), "FAKE%zu", which);
	*probe = fake_probe_create(serial);
	return *probe ? ERR_OK : ERR_NO_MEMORY;
}

enum err probes_reopen(
	const struct probes *probes, const struct probe_info *lost, struct probe **probe)
{
	(void)probes;
	(void)lost;
	(void)probe;
	return ERR_USB_NOT_FOUND;
}

void discover_print_rules(FILE *file)
{
	fputs("no rules\n", file);
}

enum err probes_list(void)
{
	return ERR_OK;
}

void virtual_wait(pid_t child)
{
	(void)child;
}
