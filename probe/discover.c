/*
 * Finding probes. Called by the server's start-up and by a worker that lost its probe.
 *
 * Enumeration and claiming are in usb_libusb*.c, the decision which probe is meant in
 * discover_choose.c, the words for what stands in the way in discover_trouble.c.
 */
#include "probe/discover.h"

#include <stdio.h>
#include <string.h>

#include "discover_choose.h"
#include "discover_trouble.h"
#include "probe/log.h"
#include "stlink.h"
#include "usb_libusb.h"
#include "usb_product.h"

static void describe(const struct usb_found *found, struct discovered *probe)
{
	const struct usb_product *product =
		usb_product_find(found->identity.vid, found->identity.pid);

	memset(probe, 0, sizeof(*probe));
	probe->identity = found->identity;
	snprintf(probe->model, sizeof(probe->model), "%s", product->model);
	probe->access = product->refusal ? ERR_UNSUPPORTED : found->access;
	discover_explain(found, probe->access, probe->problem, sizeof(probe->problem));
}

static void ask_probe(const struct usb_found *found, struct discovered *probe)
{
	struct usb *usb;
	enum err err = usb_libusb_open(&found->identity, &usb);

	if (!err) {
		err = stlink_look(usb, probe->firmware, &probe->millivolts);
		usb_close(usb);
	}
	probe->access = err;
	discover_explain(found, err, probe->problem, sizeof(probe->problem));
}

enum err discover_list(struct discovered *found, size_t *count, bool ask)
{
	struct usb_found devices[DISCOVER_MAX];
	enum err err = usb_libusb_scan(devices, DISCOVER_MAX, count);

	for (size_t i = 0; !err && i < *count; i++) {
		describe(&devices[i], &found[i]);
		if (ask && !found[i].access)
			ask_probe(&devices[i], &found[i]);
	}
	return err;
}

enum err discover_open(const struct probe_choice *choice, struct usb **usb)
{
	struct usb_found devices[DISCOVER_MAX];
	struct discovered found[DISCOVER_MAX];
	size_t count, which;
	enum err err = usb_libusb_scan(devices, DISCOVER_MAX, &count);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++)
		describe(&devices[i], &found[i]);
	err = discover_choose(found, count, choice, &which);
	if (err)
		return err;
	err = usb_libusb_open(&devices[which].identity, usb);
	if (err) {
		char problem[sizeof(found[0].problem)];
		discover_explain(&devices[which], err, problem, sizeof(problem));
		log_error("%s %s at %s: %s", found[which].model, found[which].identity.serial,
			found[which].identity.path, problem);
	}
	return err;
}
