/* Thumb instructions and the exits of a range of code; encodings from ARMv7-M ARM A7.7. */
#include "tests/prelude.h"
#include "thumb.h"

#define HERE 0x08000100u

static struct thumb decode(uint16_t first, uint16_t second)
{
	return thumb_decode(HERE, first, second);
}

static void tells_length_flow_and_target(void **state)
{
	static const struct {
		uint16_t first, second;
		enum thumb_flow flow;
		unsigned size;
		uint32_t target;
	} rows[] = {
		{0x3001, 0, THUMB_NEXT, 2, 0},                  /* adds r0, #1 */
		{0xE7FE, 0, THUMB_BRANCH, 2, HERE},             /* b . */
		{0xD0FE, 0, THUMB_BRANCH_IF, 2, HERE},          /* beq . */
		{0xB108, 0, THUMB_BRANCH_IF, 2, HERE + 6},      /* cbz r0, . + 6 */
		{0xDF03, 0, THUMB_NEXT, 2, 0},                  /* svc 3 */
		{0x4770, 0, THUMB_UNKNOWN, 2, 0},               /* bx lr */
		{0xBD10, 0, THUMB_UNKNOWN, 2, 0},               /* pop {r4, pc} */
		{0x4687, 0, THUMB_UNKNOWN, 2, 0},               /* mov pc, r0 */
		{0xBE00, 0, THUMB_UNKNOWN, 2, 0},               /* bkpt 0 */
		{0xF000, 0xF800, THUMB_BRANCH, 4, HERE + 4},    /* bl . + 4 */
		{0xF7FF, 0xFFFE, THUMB_BRANCH, 4, HERE},        /* bl . */
		{0xF000, 0x8002, THUMB_BRANCH_IF, 4, HERE + 8}, /* beq.w . + 8 */
		{0xF04F, 0x0001, THUMB_NEXT, 4, 0},             /* mov.w r0, #1 */
		{0xF3BF, 0x8F5F, THUMB_NEXT, 4, 0},             /* dmb sy */
		{0xE8BD, 0x8010, THUMB_UNKNOWN, 4, 0},          /* pop.w {r4, pc} */
		{0xE8BD, 0x0010, THUMB_NEXT, 4, 0},             /* pop.w {r4} */
		{0xF85D, 0xFB04, THUMB_UNKNOWN, 4, 0},          /* ldr.w pc, [sp], #4 */
		{0xE8DF, 0xF000, THUMB_UNKNOWN, 4, 0},          /* tbb [pc, r0] */
		{0xED2D, 0x8B02, THUMB_NEXT, 4, 0},             /* vpush {d8} */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct thumb thumb = decode(rows[i].first, rows[i].second);
		if (thumb.flow != rows[i].flow || thumb.size != rows[i].size ||
			(rows[i].target && thumb.target != rows[i].target))
			fail_msg("%04x %04x: flow %d, %u bytes, target %08x", rows[i].first,
				rows[i].second, thumb.flow, thumb.size, thumb.target);
	}
}

static void knows_exclusive_accesses(void **state)
{
	(void)state;
	assert_true(thumb_is_load_exclusive(0xE854, 0x1F00));   /* ldrex r1, [r4] */
	assert_true(thumb_is_load_exclusive(0xE8D4, 0x1F4F));   /* ldrexb */
	assert_true(thumb_is_store_exclusive(0xE844, 0x1200));  /* strex r2, r1, [r4] */
	assert_true(thumb_is_store_exclusive(0xE8C4, 0x1F42));  /* strexb */
	assert_false(thumb_is_load_exclusive(0xE8DF, 0xF000));  /* tbb */
	assert_false(thumb_is_store_exclusive(0xE884, 0x0006)); /* stm.w r4, {r1, r2} */
}

static void expect_exits(
	const struct thumb_code *code, uint32_t pc, const uint32_t *exits, size_t count)
{
	struct thumb_exits found;
	assert_true(thumb_find_exits(code, pc, &found));
	assert_int_equal(found.count, count);
	for (size_t i = 0; i < count; i++) {
		bool known = false;
		for (size_t j = 0; j < count; j++)
			known |= found.address[j] == exits[i];
		assert_true(known);
	}
}

/* adds; beq . + 8; adds; bl . + 0x104; b . - 10 */
static const uint8_t branches[] = {
	0x01, 0x30, 0x02, 0xD0, 0x01, 0x30, 0x00, 0xF0, 0x80, 0xF8, 0xF9, 0xE7};

static void finds_every_way_out(void **state)
{
	const struct thumb_code code = {HERE, sizeof(branches), branches};
	static const uint32_t exits[] = {HERE + sizeof(branches), HERE + 0x10A};
	(void)state;
	expect_exits(&code, HERE, exits, COUNT_OF(exits));
}

/* it eq; bxeq lr; adds: the branch may do nothing */
static void an_it_block_may_be_passed(void **state)
{
	static const uint8_t block[] = {0x08, 0xBF, 0x70, 0x47, 0x01, 0x30};
	const struct thumb_code code = {HERE, sizeof(block), block};
	static const uint32_t exits[] = {HERE + 6, HERE + 2};
	(void)state;
	expect_exits(&code, HERE, exits, COUNT_OF(exits));
}

static void gives_up_where_it_cannot_know(void **state)
{
	static const uint8_t half[] = {0x01, 0x30, 0x00, 0xF0}; /* ends within a BL */
	static const uint8_t ret[] = {0x70, 0x47};
	struct thumb_exits exits;
	(void)state;
	assert_false(
		thumb_find_exits(&(struct thumb_code){HERE, sizeof(half), half}, HERE, &exits));
	assert_false(thumb_find_exits(&(struct thumb_code){HERE, sizeof(ret), ret}, HERE, &exits));
	assert_false(thumb_find_exits(
		&(struct thumb_code){HERE, sizeof(branches), branches}, HERE + 1, &exits));
	assert_false(thumb_find_exits(
		&(struct thumb_code){HERE, sizeof(branches), branches}, HERE + 64, &exits));
}

/* Any bytes, any place: no exit is lost for good, nothing is read outside. */
static void random_code_does_no_harm(void **state)
{
	uint8_t bytes[THUMB_RANGE_MAX];
	uint32_t seed = 1;
	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525u + 1013904223u;
			bytes[i] = (uint8_t)(seed >> 24);
		}
		size_t size = 2 * (size_t)(1 + (seed >> 8) % (THUMB_RANGE_MAX / 2));
		struct thumb_code code = {HERE, size, bytes};
		struct thumb_exits exits;
		uint32_t pc = HERE + (seed >> 4) % (uint32_t)size;
		if (thumb_find_exits(&code, pc, &exits))
			assert_in_range(exits.count, 1, THUMB_EXITS_MAX);
		uint32_t end = thumb_exclusive_end(&code);
		assert_true(end == 0 || (end > HERE && end <= HERE + size));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_length_flow_and_target),
		cmocka_unit_test(knows_exclusive_accesses),
		cmocka_unit_test(finds_every_way_out),
		cmocka_unit_test(an_it_block_may_be_passed),
		cmocka_unit_test(gives_up_where_it_cannot_know),
		cmocka_unit_test(random_code_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
