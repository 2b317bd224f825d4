/* Probes that are none, for tests of the worker and of the whole server. */
#ifndef TESTS_SERVER_FAKE_PROBES_H
#define TESTS_SERVER_FAKE_PROBES_H

struct probe;

/* NULL when out of memory. The worker closes it. */
struct probe *fake_probe_create(const char *serial);

/* From now on it is gone. Any thread. */
void fake_probe_unplug(struct probe *probe);

#endif
