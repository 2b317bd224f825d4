/*
 * The SWD clock: tables, choice, and the commands that set it. Always rounded down: a user who
 * asks for 2 MHz has a reason. On the worker thread of the board.
 *
 * Kilohertz by divisor are those of OpenOCD, filled up from pyOCD's where OpenOCD has none; the
 * measured ones are psdb's, taken with an oscilloscope on a V2-1, where it gives any. pyOCD calls
 * divisor 0 4,600 kHz; the pin says 2,360, so 4,000 promises nothing that could hurt.
 */
#include "stlink_speed.h"

#include <string.h>

#include "probe/bytes.h"
#include "probe/log.h"
#include "stlink.h"
#include "stlink_command.h"

#define CLOCKS_PER_WORD   46 /* request 8, turnarounds 2, acknowledge 3, data 33 */
#define V3_WORD_NS        6300
#define BLOCK_NS          100000000 /* no command keeps the wire for longer */
#define COM_FREQ_MAX      10
#define COM_FREQ_LIST     12 /* where the clocks begin */
#define COM_FREQ_SIZE     (COM_FREQ_LIST + 4 * COM_FREQ_MAX)
#define FASTEST_PRESCALER 1
#define SLOWEST_KHZ       5 /* of any probe; what moves at less would take minutes */

static const struct stlink_clock v2_clocks[] = {
	{0, 4000, 2360},
	{1, 1800, 1553},
	{2, 1200, 1230},
	{3, 950, 960},
	{5, 650, 650},
	{7, 480, 484},
	{9, 400, 390},
	{10, 360, 354},
	{15, 240, 245},
	{25, 150, 150},
	{31, 125, 123},
	{40, 100, 98},
	{79, 50, 50},
	{158, 25, 25},
	{265, 15, 15},
	{798, 5, 5},
};

const struct stlink_clock *stlink_v2_clock(unsigned khz)
{
	for (size_t i = 0; i < sizeof(v2_clocks) / sizeof(v2_clocks[0]); i++)
		if (v2_clocks[i].khz <= khz)
			return &v2_clocks[i];
	return NULL;
}

unsigned stlink_v3_clock(const uint32_t *list_khz, size_t count, unsigned khz)
{
	unsigned best = 0;

	for (size_t i = 0; i < count; i++)
		if (list_khz[i] <= khz && list_khz[i] > best)
			best = list_khz[i];
	return best;
}

unsigned stlink_word_ns(unsigned measured_khz, unsigned hardware)
{
	unsigned ns = CLOCKS_PER_WORD * 1000000u / measured_khz;
	return hardware >= 3 && ns < V3_WORD_NS ? V3_WORD_NS : ns;
}

size_t stlink_accesses_per_block(const struct stlink *st)
{
	size_t count = BLOCK_NS / st->word_ns;
	return count ? count : 1;
}

void stlink_assume_speed(struct stlink *st)
{
	unsigned khz = st->version.hardware >= 3
			       ? STLINK_V3_DEFAULT_KHZ
			       : stlink_v2_clock(STLINK_V2_POWER_UP_KHZ)->measured_khz;
	st->word_ns = stlink_word_ns(khz, st->version.hardware);
}

static enum err fail_too_slow(unsigned khz, unsigned slowest_khz)
{
	log_error("an SWD clock of %u kHz is too slow for this probe: ask for %u kHz or more", khz,
		slowest_khz);
	return ERR_UNSUPPORTED;
}

/* ---- V2: a divisor ---- */

static enum err set_divisor(struct stlink *st, unsigned khz, unsigned *actual_khz)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_SWD_SET_FREQ};
	size_t last = sizeof(v2_clocks) / sizeof(v2_clocks[0]) - 1;
	const struct stlink_clock *clock = stlink_v2_clock(khz);

	if (!clock)
		return fail_too_slow(khz, v2_clocks[last].khz);
	put_le16(command + 2, clock->divisor);
	enum err err = stlink_order(st, command, 0);
	if (err)
		return err;
	st->word_ns = stlink_word_ns(clock->measured_khz, st->version.hardware);
	*actual_khz = clock->khz;
	return ERR_OK;
}

/* ---- V3: a list of clocks, asked from the probe ---- */

struct com_freq {
	uint32_t khz[COM_FREQ_MAX];
	size_t count;
};

static enum err get_com_freq(struct stlink *st, struct com_freq *list)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_GET_COM_FREQ, STLINK_COM_SWD};
	uint8_t reply[COM_FREQ_SIZE] = {0};
	struct usb_data data = {USB_IN, reply, sizeof(reply), 0};
	enum err err = stlink_exchange(st, command, &data, 0);

	if (!err && data.received < 2)
		err = stlink_nonsense(st, command, data.received, sizeof(reply));
	if (!err)
		err = stlink_judge(st, command, reply[0], NULL);
	if (err)
		return err;
	list->count = get_le32(reply + 8);
	/* The places behind the last clock are padding, which may be left out. */
	size_t listed = list->count <= COM_FREQ_MAX ? list->count : 0;
	if (data.received < COM_FREQ_LIST + 4 * listed)
		return stlink_nonsense(st, command, data.received, sizeof(reply));
	if (list->count == 0 || list->count > COM_FREQ_MAX) {
		log_error("the probe lists %zu clocks: update its firmware", list->count);
		return ERR_PROBE_PROTOCOL;
	}
	for (size_t i = 0; i < list->count; i++)
		list->khz[i] = get_le32(reply + COM_FREQ_LIST + 4 * i);
	return ERR_OK;
}

/* An earlier program may have slowed the probe's own core clock down; its list then ends below
 * 24 MHz. Only then, because changing it also disturbs the probe's serial port; only before ENTER,
 * because no driver has tried it later; and only on a V3, because the V3PWR is other hardware. */
static bool is_slowed_down(const struct stlink *st, const struct com_freq *list, unsigned khz)
{
	unsigned fastest = stlink_v3_clock(list->khz, list->count, UINT32_MAX);

	return st->version.hardware == 3 && !st->entered && fastest < STLINK_V3_DEFAULT_KHZ &&
	       khz > fastest;
}

static enum err speed_up_probe(struct stlink *st, struct com_freq *list)
{
	uint8_t command[USB_COMMAND_SIZE] = {
		STLINK_DEBUG, STLINK_SWITCH_STLINK_FREQ, FASTEST_PRESCALER};
	uint8_t reply[8];
	enum err err = stlink_try(st, command, reply, sizeof(reply), 0);

	/* Refused, it is no loss: the slower clocks are good too. */
	if (err == ERR_USB_GONE)
		return err;
	if (!err && reply[0] != STLINK_CONFIGURATION_CHANGED && reply[0] != STLINK_OK)
		log_debug("SWITCH_STLINK_FREQ: status %02x", reply[0]);
	return get_com_freq(st, list);
}

static enum err set_com_freq(struct stlink *st, unsigned khz, unsigned *actual_khz)
{
	uint8_t command[USB_COMMAND_SIZE] = {STLINK_DEBUG, STLINK_SET_COM_FREQ, STLINK_COM_SWD};
	uint8_t reply[8];

	put_le32(command + 4, khz);
	enum err err = stlink_query(st, command, reply, sizeof(reply), 0);
	if (err)
		return err;
	*actual_khz = get_le32(reply + 4);
	if (*actual_khz < SLOWEST_KHZ || *actual_khz > khz) {
		log_error("the probe set %u kHz when asked for %u: update its firmware",
			*actual_khz, khz);
		return ERR_PROBE_PROTOCOL;
	}
	st->word_ns = stlink_word_ns(*actual_khz, st->version.hardware);
	return ERR_OK;
}

static unsigned slowest_of(const struct com_freq *list)
{
	unsigned slowest = list->khz[0];

	for (size_t i = 1; i < list->count; i++)
		if (list->khz[i] < slowest)
			slowest = list->khz[i];
	return slowest;
}

static enum err set_from_list(struct stlink *st, unsigned khz, unsigned *actual_khz)
{
	struct com_freq list;
	enum err err = get_com_freq(st, &list);

	if (!err && is_slowed_down(st, &list, khz))
		err = speed_up_probe(st, &list);
	if (err)
		return err;
	unsigned best = stlink_v3_clock(list.khz, list.count, khz);
	if (!best)
		return fail_too_slow(khz, slowest_of(&list));
	return set_com_freq(st, best, actual_khz);
}

enum err stlink_set_speed(struct stlink *st, unsigned khz, unsigned *actual_khz)
{
	if (stlink_has(st, STLINK_HAS_COM_FREQ))
		return set_from_list(st, khz, actual_khz);
	if (stlink_has(st, STLINK_HAS_DIVISOR))
		return set_divisor(st, khz, actual_khz);

	/* Older firmware has one clock, which cannot be changed. */
	if (khz < STLINK_V2_POWER_UP_KHZ)
		return fail_too_slow(khz, STLINK_V2_POWER_UP_KHZ);
	stlink_assume_speed(st);
	*actual_khz = STLINK_V2_POWER_UP_KHZ;
	return ERR_OK;
}
