/*
 * Random code, random registers, random debugger: nothing of it may hang or break the chip, time
 * must pass as told, and the same seed must give the same. Seeded: every run is alike.
 */
#include "chip_rig.h"

static uint32_t next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*seed >> 32);
}

/* Words that are instructions more often than chance has it, or addresses of something. */
static uint32_t spice(uint64_t *seed)
{
	static const uint32_t words[] = {0xbf30bf20, 0xdf00be00, 0x4770bd10, 0xe7fe4718, 0xf3bf8f4f,
		0xe8503f00, 0xe8401300, 0xeeb70a00, 0xed2d8b10, 0xbf0cbf08, 0xbf07bf01, 0xfbb0f2f1,
		0xb672b662, 0xf3808814, 0xf3808811, 0x20000400, 0x20005001, 0x08000001, 0x40023c10,
		0x40023c0c, 0xe000ed04, 0xe000ed0c, 0xe000e010, 0x40000000, 0x40020000, 0x22000000,
		0x42000000, 0x60000000, 0xfffffff9, 0xffffffe1, 0x05fa0004, 0x00010202};
	uint32_t random = next(seed);
	return random % 3 == 0 ? words[next(seed) % (sizeof words / sizeof words[0])] : random;
}

static void make_a_mess(struct rig *rig, uint64_t *seed)
{
	for (uint32_t i = 0; i < 0x400; i += 4) /* vectors, most of them in the mess below */
		rig_write(rig, RAM + i,
			next(seed) % 4 != 0 ? CODE + (next(seed) & 0xfff) : spice(seed));
	for (uint32_t i = 0; i < 0x1000; i += 4)
		rig_write(rig, CODE + i, spice(seed));
	for (unsigned i = 0; i <= 12; i++)
		rig_set_reg(rig, i, spice(seed));
	rig_set_reg(rig, LR, spice(seed));
	rig_write(rig, VTOR, RAM);
	rig_write(rig, SHCSR, next(seed) & 0x70000);
	rig_write(rig, CCR, next(seed) & 0x31b);
	rig_write(rig, CPACR, next(seed));
	rig_write(rig, DEMCR, next(seed) & 0x010107f0);
	rig_write(rig, 0xe0002000, 3);
	rig_write(rig, 0xe0002008, CODE | 1 | (next(seed) & 0xc0000000));
	rig_write(rig, 0xe0001020, RAM + (next(seed) & 0x1ffc));
	rig_write(rig, 0xe0001028, next(seed) & 7);
	rig_write(rig, 0xe000e100, next(seed));
	rig_write(rig, 0xe000e010, next(seed) & 7);
	rig_write(rig, 0xe000e014, next(seed) & 0xfff);
}

/* What a debugger may do at any time; answers do not matter. */
static void poke(struct rig *rig, uint64_t *seed)
{
	static const uint32_t registers[] = {DHCSR, DCRSR, DCRDR, DEMCR, DFSR, ICSR, FLASH_SR,
		FLASH_CR, FLASH_KEYR, 0xe000101c, 0xe0001028, 0xe0002008, 0x20000400, 0x08000000,
		0xe0042004};
	uint32_t address = registers[next(seed) % (sizeof registers / sizeof registers[0])];
	uint32_t value = address == DHCSR ? KEY | (next(seed) & 0x2f) : spice(seed);
	(void)rig_try_write(rig, address, value);
	(void)rig_try_read(rig, address);
}

/* A sum over everything that can be seen afterwards. */
static uint64_t storm(uint64_t seed)
{
	struct rig rig;
	uint8_t memory[0x2000];
	rig_start(&rig);
	make_a_mess(&rig, &seed);
	rig_go(&rig, CODE + (next(&seed) & 0xffe));
	for (unsigned i = 0; i < 50; i++) {
		rig_run(&rig, next(&seed) % (200 * US));
		poke(&rig, &seed);
	}
	uint64_t sum = chip_books(rig.chip)->instructions;
	assert_true(chip_peek(rig.chip, RAM, memory, sizeof memory));
	for (size_t i = 0; i < sizeof memory; i++)
		sum = sum * 31 + memory[i];
	rig_stop(&rig);
	return sum;
}

static void nothing_breaks_it(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++)
		(void)storm(seed);
}

static void the_same_seed_gives_the_same(void **state)
{
	(void)state;
	for (uint64_t seed = 1000; seed < 1010; seed++)
		assert_int_equal(storm(seed), storm(seed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_breaks_it),
		cmocka_unit_test(the_same_seed_gives_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
