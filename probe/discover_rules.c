/*
 * The udev rules for every ST-LINK: who sits at the machine may use it. Any thread.
 *
 * Written from systemd's sd-login(3) and udev(7): the tag `uaccess` is read by rules numbered 73,
 * so the file's number has to be lower.
 */
#include "discover_trouble.h"
#include "probe/discover.h"
#include "usb_product.h"

void discover_print_rules(FILE *file)
{
	const struct usb_product *product;

	fputs("# ST-LINK probes for whoever sits at this machine. Printed by stlink-gdb "
	      "--print-udev.\n"
	      "# As a file: " DISCOVER_RULES_FILE "; then: udevadm control --reload, and plug the\n"
	      "# probe in again. Without systemd's logind, add GROUP=\"plugdev\", MODE=\"0660\".\n",
		file);
	for (size_t i = 0; (product = usb_product_at(i)); i++)
		fprintf(file,
			"SUBSYSTEM==\"usb\", ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", "
			"TAG+=\"uaccess\"  # %s\n",
			USB_VID_ST, product->pid, product->model);
}
