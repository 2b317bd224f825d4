/*
 * What a probe driver implements. The contract of each member is that of the function of the same
 * name in probe/probe.h; probe.c has checked alignment and sizes. All are mandatory.
 *
 * For probe.c and the drivers only.
 */
#ifndef PROBE_PROBE_OPS_H
#define PROBE_PROBE_OPS_H

#include "probe/probe.h"
#include "probe/usb.h"

struct probe_ops {
	void (*close)(struct probe *probe);

	enum err (*enter)(struct probe *probe, unsigned khz, unsigned *actual_khz) MUST_USE;
	enum err (*leave)(struct probe *probe) MUST_USE;
	enum err (*read_dpidr)(struct probe *probe, uint32_t *dpidr) MUST_USE;
	enum err (*read_ctrl_stat)(struct probe *probe, uint32_t *ctrl_stat) MUST_USE;
	enum err (*read_voltage)(struct probe *probe, unsigned *millivolts) MUST_USE;
	enum err (*drive_nrst)(struct probe *probe, bool low) MUST_USE;

	enum err (*read_word)(struct probe *probe, uint32_t address, uint32_t *value) MUST_USE;
	enum err (*write_word)(struct probe *probe, uint32_t address, uint32_t value) MUST_USE;
	/* `size` is not 0 */
	enum err (*read)(struct probe *probe, unsigned width, uint32_t address, uint8_t *data,
		size_t size) MUST_USE;
	enum err (*write)(struct probe *probe, unsigned width, uint32_t address,
		const uint8_t *data, size_t size) MUST_USE;
	size_t (*block_size)(const struct probe *probe);
	/* `done` is never NULL and starts as 0 */
	enum err (*batch)(
		struct probe *probe, struct probe_item *items, size_t count, size_t *done) MUST_USE;

	enum err (*read_register)(struct probe *probe, unsigned selector, uint32_t *value) MUST_USE;
	enum err (*write_register)(struct probe *probe, unsigned selector, uint32_t value) MUST_USE;
	enum err (*read_registers)(
		struct probe *probe, uint32_t values[PROBE_CORE_REGISTERS]) MUST_USE;
};

/* Base of every probe: the first member of its private struct. */
struct probe {
	const struct probe_ops *ops;
	struct usb *usb;
	struct probe_info info;
	uint64_t transfers;   /* the driver counts them */
	probe_tracer *tracer; /* the driver calls it; NULL: nobody listens */
	void *tracer_context;
};

#endif
