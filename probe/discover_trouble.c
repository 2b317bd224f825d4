/* Why a probe cannot be opened, in words. */
#include "discover_trouble.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "usb_product.h"

static bool has_open(const char *proc, const char *process, const char *node)
{
	char path[PATH_MAX], target[PATH_MAX];
	bool found = false;

	snprintf(path, sizeof(path), "%s/%s/fd", proc, process);
	DIR *directory = opendir(path);
	if (!directory)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(directory));) {
		ssize_t length =
			readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
		if (length > 0) {
			target[length] = '\0';
			found = strcmp(target, node) == 0;
		}
	}
	closedir(directory);
	return found;
}

static void read_name(const char *proc, const char *process, char *name, int size)
{
	char path[PATH_MAX];

	name[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s/comm", proc, process);
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, size, file))
		name[strcspn(name, "\n")] = '\0';
	fclose(file);
}

bool discover_find_holder(const char *proc, const char *node, pid_t self, struct usb_holder *holder)
{
	DIR *directory = opendir(proc);
	bool found = false;

	if (!directory)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(directory));) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		holder->pid = (pid_t)strtol(entry->d_name, NULL, 10);
		found = holder->pid != self && has_open(proc, entry->d_name, node);
		if (found)
			read_name(proc, entry->d_name, holder->name, (int)sizeof(holder->name));
	}
	closedir(directory);
	return found;
}

static void explain_busy(const char *node, char *text, size_t size)
{
	struct usb_holder holder;

	if (discover_find_holder("/proc", node, getpid(), &holder))
		snprintf(text, size, "in use by %s (pid %d): end that program first",
			holder.name[0] ? holder.name : "another program", (int)holder.pid);
	else
		snprintf(text, size,
			"in use by another program (who has %s open?): end it, or let it go of "
			"the probe",
			node);
}

static void explain_access(const struct usb_found *found, const char *node, char *text, size_t size)
{
	struct stat status;
	unsigned mode = stat(node, &status) == 0 ? status.st_mode & 0777u : 0;

	snprintf(text, size,
		"no permission for %s (mode %04o): put this line into " DISCOVER_RULES_FILE
		" and plug the probe in again: SUBSYSTEM==\"usb\", ATTR{idVendor}==\"%04x\", "
		"ATTR{idProduct}==\"%04x\", TAG+=\"uaccess\"",
		node, mode, found->identity.vid, found->identity.pid);
}

void discover_explain(const struct usb_found *found, enum err err, char *text, size_t size)
{
	const struct usb_product *product =
		usb_product_find(found->identity.vid, found->identity.pid);
	char node[40];

	snprintf(node, sizeof(node), "/dev/bus/usb/%03u/%03u", found->bus, found->address);
	switch (err) {
	case ERR_OK:
		text[0] = '\0';
		break;
	case ERR_USB_ACCESS:
		explain_access(found, node, text, size);
		break;
	case ERR_USB_BUSY:
		explain_busy(node, text, size);
		break;
	case ERR_UNSUPPORTED:
		snprintf(text, size, "%s",
			product && product->refusal ? product->refusal : err_text(err));
		break;
	default:
		snprintf(text, size, "%s: unplug it and plug it in again", err_text(err));
	}
}
