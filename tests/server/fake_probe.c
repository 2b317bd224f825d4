/* What the worker calls of probe/probe.h, without a probe. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake_probes.h"
#include "probe/probe.h"

struct probe {
	struct probe_info info;
	atomic_bool unplugged;
};

void fake_probe_unplug(struct probe *probe)
{
	probe->unplugged = true;
}

struct probe *fake_probe_create(const char *serial)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	if (!probe)
		return NULL;
	probe->info = (struct probe_info){.model = "ST-LINK/V2-1", .firmware = "V2J37M26"};
	(void)snprintf(probe->info.serial, sizeof(probe->info.serial), "%s", serial);
	return probe;
}

const struct probe_info *probe_info(const struct probe *probe)
{
	return &probe->info;
}

bool probe_plugged(struct probe *probe)
{
	return !probe->unplugged;
}

void probe_trace(struct probe *probe, probe_tracer *tracer, void *context)
{
	(void)probe;
	(void)tracer;
	(void)context;
}

void probe_close(struct probe *probe)
{
	free(probe);
}
