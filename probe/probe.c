/*
 * The door to the probe drivers: finds the driver, checks what a caller may not do, hands on.
 * On the worker thread of the board.
 */
#include "probe/probe.h"

#include <assert.h>

#include "probe_ops.h"
#include "stlink.h"

enum err probe_open(struct usb *usb, struct probe **probe)
{
	return stlink_open(usb, probe);
}

void probe_close(struct probe *probe)
{
	if (probe)
		probe->ops->close(probe);
}

const struct probe_info *probe_info(const struct probe *probe)
{
	return &probe->info;
}

bool probe_plugged(struct probe *probe)
{
	return usb_plugged(probe->usb);
}

uint64_t probe_transfers(const struct probe *probe)
{
	return probe->transfers;
}

void probe_trace(struct probe *probe, probe_tracer *tracer, void *context)
{
	probe->tracer = tracer;
	probe->tracer_context = context;
}

uint64_t probe_now_us(struct probe *probe)
{
	return usb_now_us(probe->usb);
}

void probe_sleep_us(struct probe *probe, uint64_t us)
{
	usb_sleep_us(probe->usb, us);
}

enum err probe_enter(struct probe *probe, unsigned khz, unsigned *actual_khz)
{
	unsigned ignored;
	return probe->ops->enter(probe, khz, actual_khz ? actual_khz : &ignored);
}

enum err probe_leave(struct probe *probe)
{
	return probe->ops->leave(probe);
}

enum err probe_read_ctrl_stat(struct probe *probe, uint32_t *ctrl_stat)
{
	return probe->ops->read_ctrl_stat(probe, ctrl_stat);
}

enum err probe_read_dpidr(struct probe *probe, uint32_t *dpidr)
{
	return probe->ops->read_dpidr(probe, dpidr);
}

enum err probe_read_voltage(struct probe *probe, unsigned *millivolts)
{
	return probe->ops->read_voltage(probe, millivolts);
}

enum err probe_drive_nrst(struct probe *probe, bool low)
{
	return probe->ops->drive_nrst(probe, low);
}

enum err probe_read_word(struct probe *probe, uint32_t address, uint32_t *value)
{
	assert(address % 4 == 0);
	return probe->ops->read_word(probe, address, value);
}

enum err probe_write_word(struct probe *probe, uint32_t address, uint32_t value)
{
	assert(address % 4 == 0);
	return probe->ops->write_word(probe, address, value);
}

static bool is_access(unsigned width, uint32_t address, size_t size)
{
	return (width == 1 || width == 2 || width == 4) && address % width == 0 &&
	       size % width == 0;
}

enum err probe_read(
	struct probe *probe, unsigned width, uint32_t address, uint8_t *data, size_t size)
{
	if (!is_access(width, address, size))
		return ERR_ARGUMENT;
	return size ? probe->ops->read(probe, width, address, data, size) : ERR_OK;
}

enum err probe_write(
	struct probe *probe, unsigned width, uint32_t address, const uint8_t *data, size_t size)
{
	if (!is_access(width, address, size))
		return ERR_ARGUMENT;
	return size ? probe->ops->write(probe, width, address, data, size) : ERR_OK;
}

size_t probe_block_size(const struct probe *probe)
{
	return probe->ops->block_size(probe);
}

enum err probe_batch(struct probe *probe, struct probe_item *items, size_t count, size_t *done)
{
	size_t ignored;

	if (!done)
		done = &ignored;
	*done = 0;
	return probe->ops->batch(probe, items, count, done);
}

enum err probe_read_register(struct probe *probe, unsigned selector, uint32_t *value)
{
	return probe->ops->read_register(probe, selector, value);
}

enum err probe_write_register(struct probe *probe, unsigned selector, uint32_t value)
{
	return probe->ops->write_register(probe, selector, value);
}

enum err probe_read_registers(struct probe *probe, uint32_t values[PROBE_CORE_REGISTERS])
{
	return probe->ops->read_registers(probe, values);
}
