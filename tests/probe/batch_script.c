/* What the probe is to see and to say of a batch: see batch_script.h. */
#include "batch_script.h"

#include <stdio.h>
#include <string.h>

#include "opened_probe.h"
#include "tests/prelude.h"

void put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

void build(struct expected *e, const struct probe_item *list, size_t count)
{
	uint8_t codes[2 * ITEMS_MAX + 1];
	uint32_t words[2 * ITEMS_MAX + 1];
	size_t n = 0;

	memset(e, 0, sizeof(*e));
	codes[n] = 5;
	words[n++] = 0;
	for (size_t i = 0; i < count; i++) {
		codes[n] = list[i].write ? 1 : 3;
		words[n++] = list[i].address;
		if (list[i].write) {
			codes[n] = 2;
			words[n++] = list[i].value;
		}
	}
	e->codes = n;
	memcpy(e->out, codes, n);
	e->size = (n + 3) / 4 * 4;
	for (size_t i = 0; i < n; i++, e->size += 4)
		put32(e->out + e->size, words[i]);
	/* Results: what is at an address is its complement; all is well. */
	for (size_t i = 0; i < n; i++) {
		if (codes[i] == 3)
			put32(e->in + 4 * i, ~words[i]);
		put32(e->in + 4 * (n + i), 0x80);
	}
}

void expect_out(struct script *script, const struct expected *e)
{
	char command[40];

	snprintf(command, sizeof(command), "F2 51 %02x %02x 00 00", (unsigned)e->codes & 0xFF,
		(unsigned)e->codes >> 8);
	script_expect_write(script, command, e->out, e->size);
}

void expect_batch(struct script *script, const struct expected *e)
{
	expect_out(script, e);
	script_expect_read(script, "F2 52", 8 * e->codes, e->in, 8 * e->codes);
}

struct expected expected;
struct probe_item items[ITEMS_MAX];

void make_items(size_t count)
{
	for (size_t i = 0; i < count; i++)
		items[i] = (struct probe_item){
			.address = 0x20000000 + 4 * (uint32_t)i,
			.value = 0xC0DE0000 + (uint32_t)i,
			.write = i % 3 == 2,
		};
}

void assert_values(size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(
			items[i].value, items[i].write ? 0xC0DE0000 + i : ~items[i].address);
}

void expect_single_cpuid(struct script *script)
{
	script_expect_in(script, "F2 36 00 ED 00 E0", "80 00 00 00 41 C2 0F 41");
}

void expect_proof_out(struct script *script)
{
	script_expect_out(script, "F2 51 04 00 00 00",
		"05 03 03 03 00 00 00 00 00 ED 00 E0 00 ED 00 E0 00 ED 00 E0");
}

void expect_proof(struct script *script)
{
	expect_single_cpuid(script);
	expect_proof_out(script);
	script_expect_in(script, "F2 52",
		"00 00 00 00 41 C2 0F 41 41 C2 0F 41 41 C2 0F 41 "
		"80 00 00 00 80 00 00 00 80 00 00 00 80 00 00 00");
}

struct probe *proved_probe(struct script **script, const char *firmware)
{
	struct probe *probe = entered_probe(script, firmware);
	expect_proof(*script);
	return probe;
}
