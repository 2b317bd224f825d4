/*
 * Compiled code on the virtual core: results, cycle counts, clocks, and that running, stepping and
 * watching give the same.
 */
#include "chip_rig.h"

/*
 * Built by arm-none-eabi-gcc 12.2 -Os -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
 * -ffp-contract=off, position independent; the results are those of the same source on x86-64:
 *
 * u32 crc32(u32 n) { u32 crc = ~0u; for (u32 i = 0; i < n; i++) { crc ^= (u8)(i * 7);
 *	for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (0xEDB88320u & -(crc & 1)); } return ~crc; }
 * u32 primes(u32 n): how many below n, by trial division
 * u32 sort(u32 n): insertion sort of n numbers at 0x20006000, then a hash of them
 * u32 floats(u32 n) { float x = 1, s = 0; for (u32 i = 1; i <= n; i++) {
 *	x = x * 1.01f + 0.5f / i; s += sqrtf(x); if (s > 1000) s -= 1000; } bits of s }
 * u32 longs(u32 n): 64-bit multiplications, shifts and sums
 * u32 entry(u32 which, u32 n): a switch (tbb) over these five
 */
static const uint16_t program[] = {
	0xb5f0,
	0x4602,
	0x2803,
	0xf200,
	0x80a7,
	0xe8df,
	0xf000,
	0x2813,
	0x804a,
	0xebc2,
	0x00c2,
	0xb2c0,
	0x4043,
	0x2008,
	0xf343,
	0x0400,
	0x402c,
	0x3801,
	0xea84,
	0x0353,
	0xd1f8,
	0x3201,
	0x4291,
	0xd1f0,
	0x43d8,
	0xbdf0,
	0x4d4d,
	0xf04f,
	0x33ff,
	0xe7f7,
	0xfbb3,
	0xf5f4,
	0xfb04,
	0x3515,
	0xb12d,
	0x3401,
	0xfb04,
	0xf504,
	0x42ab,
	0xd2f5,
	0x4615,
	0x4428,
	0x3301,
	0x4299,
	0xd9eb,
	0x2402,
	0xe7f4,
	0x2302,
	0x2000,
	0xe7f8,
	0x0093,
	0xf103,
	0x5300,
	0xfb04,
	0x5000,
	0xf503,
	0x43c0,
	0x1106,
	0x601e,
	0x3201,
	0x4291,
	0xd1f3,
	0x483c,
	0x2201,
	0x4291,
	0xd814,
	0x2300,
	0x4618,
	0x4299,
	0xd0d2,
	0x009a,
	0xf102,
	0x5200,
	0xf502,
	0x42c0,
	0xebc0,
	0x1040,
	0x6812,
	0x3301,
	0x4410,
	0xe7f2,
	0x4c34,
	0x4d34,
	0x2200,
	0xf243,
	0x0039,
	0xe7e4,
	0x6805,
	0x4604,
	0x4613,
	0x4627,
	0xf854,
	0x6d04,
	0x42ae,
	0xdd03,
	0x6826,
	0x603e,
	0x3b01,
	0xd1f6,
	0x009b,
	0xf103,
	0x5300,
	0xf503,
	0x43c0,
	0x3201,
	0x601d,
	0x3004,
	0xe7d3,
	0xee05,
	0x3a10,
	0xeef8,
	0x4a45,
	0x3301,
	0xee85,
	0x5aa4,
	0xee07,
	0x5a06,
	0xeeb0,
	0x7a45,
	0xeeb1,
	0x5ac7,
	0xee77,
	0x7a85,
	0xeef4,
	0x7ae6,
	0xeef1,
	0xfa10,
	0xbfc8,
	0xee77,
	0x7ae6,
	0x4299,
	0xd2e7,
	0xee17,
	0x0a90,
	0xe791,
	0xeddf,
	0x7a1b,
	0xed9f,
	0x6a1b,
	0xeddf,
	0x6a1b,
	0x2301,
	0xeeb7,
	0x7a00,
	0xeef6,
	0x5a00,
	0xe7ee,
	0xfb0c,
	0xf503,
	0xfb07,
	0x5404,
	0xfba3,
	0x3507,
	0x18f3,
	0xeb44,
	0x0405,
	0x0c5d,
	0xea45,
	0x35c4,
	0x4055,
	0xfba3,
	0x2e04,
	0xea80,
	0x4054,
	0x1952,
	0xeb40,
	0x000e,
	0x3601,
	0x42b1,
	0xd2e8,
	0x4050,
	0xe76c,
	0x2200,
	0x2601,
	0x4f0a,
	0xf8df,
	0xc02c,
	0x4610,
	0x4633,
	0x4614,
	0xe7f2,
	0xbf00,
	0x8320,
	0xedb8,
	0x6004,
	0x2000,
	0x660d,
	0x0019,
	0xf35f,
	0x3c6e,
	0x0000,
	0x0000,
	0x47ae,
	0x3f81,
	0x0000,
	0x447a,
	0x7f2d,
	0x4c95,
	0xf42d,
	0x5851,
};

static const struct {
	uint32_t which, n, result;
} calls[] = {
	{0, 1000, 0x114ad5ff},
	{1, 2000, 303},
	{2, 200, 0x96256703},
	{3, 300, 0x4375b17d},
	{4, 1000, 0xd14c80c1},
};

enum { CALLS = 5, RETURN_TO = 0x20000380 };

/* Sets up a call of entry() that returns to a BKPT. */
static void prepare(struct rig *rig, size_t call)
{
	rig_write(rig, CPACR, 0x00f00000);
	rig_code(rig, CODE, program, sizeof program / sizeof program[0]);
	rig_write_width(rig, RETURN_TO, 2, 0xbe00);
	for (unsigned i = 0; i <= 12; i++)
		rig_set_reg(rig, i, 0);
	rig_set_reg(rig, 0, calls[call].which);
	rig_set_reg(rig, 1, calls[call].n);
	rig_set_reg(rig, LR, RETURN_TO | 1);
	rig_set_reg(rig, SP, STACK);
	rig_set_reg(rig, XPSR, 0x01000000);
	rig_set_reg(rig, PC, CODE);
}

static void computes_what_other_machines_compute(void **state)
{
	struct rig *rig = *state;
	for (size_t i = 0; i < CALLS; i++) {
		prepare(rig, i);
		rig_resume(rig);
		assert_int_equal(rig_wait_halt(rig, 1000), RETURN_TO);
		assert_int_equal(rig_reg(rig, 0), calls[i].result);
	}
}

static void computes_the_same_while_watched(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DEMCR, 1 << 24);
	rig_write(rig, 0xe0001020, DATA); /* DWT_COMP0: a place that nobody touches */
	rig_write(rig, 0xe0001028, 7);
	for (size_t i = 0; i < CALLS; i++) {
		prepare(rig, i);
		rig_resume(rig);
		assert_int_equal(rig_wait_halt(rig, 1000), RETURN_TO);
		assert_int_equal(rig_reg(rig, 0), calls[i].result);
	}
}

/* A million steps would take long: the first 700 of each. */
static void stepping_and_running_agree(void **state)
{
	struct rig *stepped = *state, ran;
	enum { STEPS = 700 };
	rig_start(&ran);
	for (size_t i = 0; i < CALLS; i++) {
		prepare(stepped, i);
		prepare(&ran, i);
		for (unsigned step = 0; step < STEPS; step++)
			(void)rig_step(stepped, true);
		rig_resume(&ran);
		uint64_t before = chip_books(ran.chip)->instructions;
		while (chip_books(ran.chip)->instructions < before + STEPS)
			rig_run(&ran, 63); /* a cycle, at 16 MHz */
		rig_write(&ran, DHCSR, KEY | 3);
		/* In an IT block it may be a few instructions ahead. */
		while (chip_books(stepped->chip)->instructions < chip_books(ran.chip)->instructions)
			(void)rig_step(stepped, true);
		for (unsigned selector = 0; selector <= XPSR; selector++)
			assert_int_equal(rig_reg(stepped, selector), rig_reg(&ran, selector));
		for (unsigned selector = S0; selector < S0 + 32; selector++)
			assert_int_equal(rig_reg(stepped, selector), rig_reg(&ran, selector));
	}
	rig_stop(&ran);
}

/* ---- cycles ---- */

/* adds r0, #1; b .-2, for 100 ms; r0 counts the rounds. */
static uint32_t rounds(struct rig *rig)
{
	RIG_CODE(rig, CODE, 0x3001, 0xe7fd);
	rig_set_reg(rig, 0, 0);
	rig_go(rig, CODE);
	rig_run(rig, 100 * MS);
	rig_write(rig, DHCSR, KEY | 3);
	return rig_reg(rig, 0);
}

static void runs_16_million_instructions_a_second(void **state)
{
	struct rig *rig = *state;
	uint64_t before = chip_books(rig->chip)->instructions;
	assert_int_equal(rounds(rig), 800000);
	assert_int_equal(chip_books(rig->chip)->instructions, before + 1600000);
}

static void odd_slices_add_up(void **state)
{
	struct rig *rig = *state;
	RIG_CODE(rig, CODE, 0x3001, 0xe7fd);
	rig_set_reg(rig, 0, 0);
	uint64_t begin = rig->now_ns, before = chip_books(rig->chip)->instructions;
	rig_go(rig, CODE);
	for (unsigned i = 0; rig->now_ns < begin + MS; i++)
		rig_run(rig, 1 + i * 37 % 1009);
	uint64_t expected = (rig->now_ns - begin) * 16 / 1000;
	assert_in_range(chip_books(rig->chip)->instructions - before, expected - 1, expected + 1);
}

#define RCC_CR      UINT32_C(0x40023800)
#define RCC_PLLCFGR UINT32_C(0x40023804)
#define RCC_CFGR    UINT32_C(0x40023808)

static void follows_the_pll(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, RCC_CR, 0x00010083); /* HSEON */
	assert_int_equal(rig_read(rig, RCC_CR) & 0x00020000, 0);
	rig_run(rig, 3 * MS);
	assert_int_equal(rig_read(rig, RCC_CR) & 0x00020000, 0x00020000); /* HSERDY */
	/* 16 MHz / 16 x 336 / 4 = 84 MHz */
	rig_write(rig, RCC_PLLCFGR, 0x24000000 | 1 << 22 | 1 << 16 | 336 << 6 | 16);
	rig_write(rig, RCC_CR, 0x01010083); /* PLLON */
	assert_int_equal(rig_read(rig, RCC_CR) & 0x02000000, 0);
	rig_write(rig, RCC_CFGR, 2); /* asked for before it is ready: SWS waits */
	assert_int_equal(rig_read(rig, RCC_CFGR), 2);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, RCC_CR) & 0x02000000, 0x02000000);
	assert_int_equal(rig_read(rig, RCC_CFGR), 0xa);
	assert_int_equal(rounds(rig), 4200000);
	rig_write(rig, RCC_CFGR, 0x82); /* HPRE: by two */
	assert_int_equal(rounds(rig), 2100000);
	rig_write(rig, RCC_CFGR, 0x80); /* HSI again */
	assert_int_equal(rounds(rig), 400000);
}

static void the_system_clock_cannot_be_switched_off(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, RCC_CR, 0);
	assert_int_equal(rig_read(rig, RCC_CR) & 3, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(computes_what_other_machines_compute),
		RIG_TEST(computes_the_same_while_watched),
		RIG_TEST(stepping_and_running_agree),
		RIG_TEST(runs_16_million_instructions_a_second),
		RIG_TEST(odd_slices_add_up),
		RIG_TEST(follows_the_pll),
		RIG_TEST(the_system_clock_cannot_be_switched_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
