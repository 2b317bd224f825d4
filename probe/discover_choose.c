/* Which of the probes that are there is meant. */
#include "discover_choose.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "probe/log.h"
#include "usb_product.h"

enum match { MATCH_NONE, MATCH_REFUSED, MATCH_PREFIX, MATCH_WHOLE };

static bool is_given(const char *text)
{
	return text && text[0];
}

static const char *refusal_of(const struct discovered *found)
{
	const struct usb_product *product =
		usb_product_find(found->identity.vid, found->identity.pid);
	return product ? product->refusal : NULL;
}

/* How well it matches: only the best rank of all counts. */
static enum match match_of(const struct discovered *found, const struct probe_choice *choice)
{
	const char *serial = choice->serial;

	if (is_given(choice->usb_path) && strcmp(choice->usb_path, found->identity.path) != 0)
		return MATCH_NONE;
	if (is_given(serial) && strncasecmp(serial, found->identity.serial, strlen(serial)) != 0)
		return MATCH_NONE;
	if (refusal_of(found))
		return MATCH_REFUSED;
	if (is_given(serial) && strlen(serial) == strlen(found->identity.serial))
		return MATCH_WHOLE;
	return MATCH_PREFIX;
}

static enum err fail_not_found(size_t count, const struct probe_choice *choice)
{
	if (count == 0) {
		log_error("no ST-LINK on USB: check that it is plugged in (a cable may be for "
			  "charging only)");
		return ERR_USB_NOT_FOUND;
	}
	log_error("none of the %zu ST-LINKs on USB has serial \"%s\" and USB path \"%s\": see "
		  "--list",
		count, is_given(choice->serial) ? choice->serial : "*",
		is_given(choice->usb_path) ? choice->usb_path : "*");
	return ERR_USB_NOT_FOUND;
}

static enum err fail_ambiguous(const struct discovered *found, size_t count,
	const struct probe_choice *choice, enum match rank)
{
	char list[600] = "";
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		if (match_of(&found[i], choice) == rank && length < sizeof(list))
			length += (size_t)snprintf(list + length, sizeof(list) - length,
				"%s%s %s at %s", length ? ", " : "", found[i].model,
				found[i].identity.serial, found[i].identity.path);
	log_error("several ST-LINKs match: %s: choose one with --serial or --usb-path", list);
	return ERR_USB_AMBIGUOUS;
}

enum err discover_choose(const struct discovered *found, size_t count,
	const struct probe_choice *choice, size_t *which)
{
	static const struct probe_choice any;
	enum match best = MATCH_NONE;
	size_t matches = 0;

	if (!choice)
		choice = &any;
	for (size_t i = 0; i < count; i++) {
		enum match match = match_of(&found[i], choice);
		if (match > best) {
			best = match;
			matches = 0;
			*which = i;
		}
		matches += match == best;
	}
	if (best == MATCH_NONE)
		return fail_not_found(count, choice);
	if (best == MATCH_REFUSED) {
		log_error("%s at %s: %s", found[*which].model, found[*which].identity.path,
			refusal_of(&found[*which]));
		return ERR_UNSUPPORTED;
	}
	return matches == 1 ? ERR_OK : fail_ambiguous(found, count, choice, best);
}
