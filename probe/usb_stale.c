/* What an earlier program left in the probe: see usb_stale.h. */
#include "usb_stale.h"

#include "probe/log.h"

#define SILENCE_MS 5
#define READS_MAX  64 /* 256 KiB: more than any reply is long */
#define READ_SIZE  4096

enum err usb_stale_drop(struct usb *usb, usb_stale_reader *read)
{
	uint8_t waste[READ_SIZE];
	size_t received = 1;

	for (int i = 0; i < READS_MAX && received; i++) {
		enum err err = read(usb, waste, sizeof(waste), &received, SILENCE_MS);
		if (err)
			return err;
		if (received)
			log_debug("%s: dropped %zu stale bytes", usb->identity.path, received);
	}
	return ERR_OK;
}
