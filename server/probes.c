/* Which probes the command line means. Main thread. */
#include "probes.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "probe/log.h"
#include "probe/probe.h"
#include "probe/usb_usbip.h"
#include "virtual.h"

static enum err choose_all(struct probes *probes)
{
	struct discovered found[DISCOVER_MAX];
	size_t count;

	enum err err = discover_list(found, &count, false);
	if (err)
		return err;
	if (!count) {
		log_error("no ST-LINK on USB: plug one in, or use --virtual");
		return ERR_USB_NOT_FOUND;
	}
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(
			probes->paths[i], sizeof(probes->paths[i]), "%s", found[i].identity.path);
		probes->choice[i].usb_path = probes->paths[i];
	}
	probes->count = count;
	return ERR_OK;
}

enum err probes_choose(const struct options *options, struct probes *probes)
{
	*probes = (struct probes){.is_virtual = options->is_virtual, .count = 1};
	if (options->remote.host[0])
		probes->remote = &options->remote;
	if (options->all)
		return choose_all(probes);
	probes->choice[0] = (struct probe_choice){
		.serial = options->serial,
		.usb_path = options->usb_path,
	};
	return ERR_OK;
}

/* What else there is, after the finder has said what is wrong. */
static void hint(enum err err)
{
	if (err == ERR_USB_NOT_FOUND)
		log_info("`stlink-gdb --virtual` serves a board in software");
	if (err == ERR_USB_ACCESS)
		log_info("`stlink-gdb --print-udev` prints the rules for every ST-LINK");
	if (err == ERR_USB_AMBIGUOUS)
		log_info("`stlink-gdb --all` serves them all, a port each");
}

static enum err open_local(const struct probe_choice *choice, struct usb **usb)
{
	enum err err = discover_open(choice, usb);
	hint(err);
	return err;
}

static enum err open_wire(const struct probes *probes, size_t which, struct usb **usb, pid_t *child)
{
	const struct options_remote *remote = probes->remote;

	if (probes->is_virtual)
		return virtual_start(usb, child);
	if (remote)
		return usb_usbip_connect(remote->host, remote->port, remote->busid, usb);
	return open_local(&probes->choice[which], usb);
}

enum err probes_open(const struct probes *probes, size_t which, struct probe **probe, pid_t *board)
{
	struct usb *usb;
	pid_t child = 0;

	*board = 0;
	enum err err = open_wire(probes, which, &usb, &child);
	if (err)
		return err;
	err = probe_open(usb, probe);
	if (!err)
		*board = child;
	else if (child)
		virtual_wait(child);
	if (err == ERR_USB_GONE)
		log_error("the probe was unplugged while it was opened: plug it in again");
	return err;
}

static enum err reopen_wire(
	const struct probes *probes, const struct probe_info *lost, struct usb **usb)
{
	const struct options_remote *remote = probes->remote;
	struct probe_choice choice = {.serial = lost->serial};

	assert(!probes->is_virtual);
	if (remote)
		return usb_usbip_connect(remote->host, remote->port, remote->busid, usb);
	if (!lost->serial[0])
		choice.usb_path = lost->path;
	return discover_open(&choice, usb);
}

enum err probes_reopen(
	const struct probes *probes, const struct probe_info *lost, struct probe **probe)
{
	struct usb *usb;

	enum err err = reopen_wire(probes, lost, &usb);
	if (!err)
		err = probe_open(usb, probe);
	if (err || strcmp(probe_info(*probe)->serial, lost->serial) == 0)
		return err;
	probe_close(*probe);
	return ERR_USB_NOT_FOUND;
}

static void print(const struct discovered *found)
{
	printf("%-26s  %-16s  %-12s  %-10s",
		found->identity.serial[0] ? found->identity.serial : "-", found->model,
		found->firmware[0] ? found->firmware : "-", found->identity.path);
	if (found->access)
		printf("  %s\n", found->problem[0] ? found->problem : err_text(found->access));
	else if (found->millivolts)
		printf("  %u.%02u V\n", found->millivolts / 1000, found->millivolts % 1000 / 10);
	else
		printf("  -\n");
}

enum err probes_list(void)
{
	struct discovered found[DISCOVER_MAX];
	size_t count;

	enum err err = discover_list(found, &count, true);
	if (err) {
		log_error("cannot list the USB devices: %s", err_text(err));
		return err;
	}
	if (count)
		printf("%-26s  %-16s  %-12s  %-10s  %s\n", "serial", "model", "firmware",
			"USB path", "target");
	else
		printf("no ST-LINK on USB\n");
	for (size_t i = 0; i < count; i++)
		print(&found[i]);
	return ERR_OK;
}
