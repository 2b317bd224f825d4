/*
 * Probes for a server whose target is in memory: there is one, or as many as FAKE_PROBES says.
 * Implements server/probes.h, and of probe/probe.h what the worker calls.
 */
#include "server/probes.h"

#include <stdio.h>
#include <stdlib.h>

#include "probe/log.h"
#include "probe/probe.h"
#include "server/virtual.h"

struct probe {
	struct probe_info info;
};

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
	(void)probes;
	*board = 0;
	*probe = calloc(1, sizeof(**probe));
	if (!*probe)
		return ERR_NO_MEMORY;
	(*probe)->info = (struct probe_info){.model = "ST-LINK/V2-1", .firmware = "V2J37M26"};
	(void)snprintf((*probe)->info.serial, sizeof((*probe)->info.serial), "FAKE%zu", which);
	return ERR_OK;
}

enum err probes_list(void)
{
	return ERR_OK;
}

void virtual_wait(pid_t child)
{
	(void)child;
}

const struct probe_info *probe_info(const struct probe *probe)
{
	return &probe->info;
}

void probe_close(struct probe *probe)
{
	free(probe);
}
