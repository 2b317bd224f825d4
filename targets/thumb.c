/* Single Thumb instructions: length and flow of control. See thumb.h. */
#include "thumb.h"

#define BITS(value, high, low) ((uint32_t)(value) >> (low) & ((1u << ((high) - (low) + 1)) - 1))

static uint32_t sign_extend(uint32_t value, unsigned bits)
{
	uint32_t sign = 1u << (bits - 1);
	return (value ^ sign) - sign;
}

/* ---- patterns ---- */

struct pattern {
	uint16_t mask, value;
};

static bool matches(const struct pattern *patterns, size_t count, uint16_t half)
{
	for (size_t i = 0; i < count; i++)
		if ((half & patterns[i].mask) == patterns[i].value)
			return true;
	return false;
}

#define MATCHES(patterns, half) \
	matches((patterns), sizeof(patterns) / sizeof((patterns)[0]), (half))

/* 16 bit, to where only execution tells. */
static const struct pattern narrow_unknown[] = {
	{0xFF00, 0x4700}, /* BX, BLX */
	{0xFF87, 0x4487}, /* ADD pc */
	{0xFF87, 0x4687}, /* MOV pc */
	{0xFF00, 0xBD00}, /* POP with pc */
	{0xFF00, 0xBE00}, /* BKPT */
	{0xFF00, 0xDE00}, /* UDF */
};

static const struct pattern wide_multiple[] = {
	{0xFFD0, 0xE890}, /* LDM, POP */
	{0xFFD0, 0xE910}, /* LDMDB */
};

/* ---- 16 bit ---- */

static struct thumb branch(enum thumb_flow flow, unsigned size, uint32_t target)
{
	return (struct thumb){.flow = flow, .size = size, .target = target};
}

static struct thumb decode_narrow(uint32_t address, uint16_t half)
{
	uint32_t pc = address + 4;
	if (MATCHES(narrow_unknown, half))
		return (struct thumb){.flow = THUMB_UNKNOWN, .size = 2};
	if ((half & 0xF000) == 0xD000 && BITS(half, 11, 8) < 14) /* B<c>; 15 is SVC */
		return branch(THUMB_BRANCH_IF, 2, pc + 2 * sign_extend(BITS(half, 7, 0), 8));
	if ((half & 0xF800) == 0xE000)
		return branch(THUMB_BRANCH, 2, pc + 2 * sign_extend(BITS(half, 10, 0), 11));
	if ((half & 0xF500) == 0xB100) { /* CBZ, CBNZ: forward only */
		uint32_t halves = BITS(half, 9, 9) << 5 | BITS(half, 7, 3);
		return branch(THUMB_BRANCH_IF, 2, pc + 2 * halves);
	}
	struct thumb next = {.flow = THUMB_NEXT, .size = 2};
	if ((half & 0xFF00) == 0xBF00 && half & 0xF)
		next.it = 4 - (unsigned)__builtin_ctz(half & 0xF);
	return next;
}

/* ---- 32 bit ---- */

/* B.W without a condition, and BL. */
static uint32_t far_offset(uint16_t first, uint16_t second)
{
	uint32_t s = BITS(first, 10, 10);
	uint32_t i1 = ~(BITS(second, 13, 13) ^ s) & 1, i2 = ~(BITS(second, 11, 11) ^ s) & 1;
	uint32_t halves =
		s << 23 | i1 << 22 | i2 << 21 | BITS(first, 9, 0) << 11 | BITS(second, 10, 0);
	return 2 * sign_extend(halves, 24);
}

static uint32_t conditional_offset(uint16_t first, uint16_t second)
{
	uint32_t halves = BITS(first, 10, 10) << 19 | BITS(second, 11, 11) << 18 |
			  BITS(second, 13, 13) << 17 | BITS(first, 5, 0) << 11 |
			  BITS(second, 10, 0);
	return 2 * sign_extend(halves, 20);
}

/* Branches and miscellaneous control: second half-word 1xxx. */
static struct thumb decode_control(uint32_t address, uint16_t first, uint16_t second)
{
	uint32_t pc = address + 4;
	struct thumb unknown = {.flow = THUMB_UNKNOWN, .size = 4};
	switch (second & 0xD000) {
	case 0xD000: /* BL */
	case 0x9000: /* B.W */
		return branch(THUMB_BRANCH, 4, pc + far_offset(first, second));
	case 0x8000:
		if (BITS(first, 9, 6) < 14)
			return branch(THUMB_BRANCH_IF, 4, pc + conditional_offset(first, second));
		if ((first & 0xFFF0) == 0xF7F0) /* UDF.W */
			return unknown;
		return (struct thumb){.flow = THUMB_NEXT, .size = 4};
	default:
		return unknown;
	}
}

static bool loads_pc(uint16_t first, uint16_t second)
{
	bool multiple = MATCHES(wide_multiple, first) && second & 0x8000;
	bool single = (first & 0xFF70) == 0xF850 && second >> 12 == 15;
	bool table = (first & 0xFFF0) == 0xE8D0 && (second & 0xFFE0) == 0xF000; /* TBB, TBH */
	return multiple || single || table;
}

static struct thumb decode_wide(uint32_t address, uint16_t first, uint16_t second)
{
	if ((first & 0xF800) == 0xF000 && second & 0x8000)
		return decode_control(address, first, second);
	return (struct thumb){
		.flow = loads_pc(first, second) ? THUMB_UNKNOWN : THUMB_NEXT, .size = 4};
}

struct thumb thumb_decode(uint32_t address, uint16_t first, uint16_t second)
{
	bool is_wide = first >> 11 >= 0x1D;
	return is_wide ? decode_wide(address, first, second) : decode_narrow(address, first);
}

/* ---- classes ---- */

bool thumb_is_bkpt(uint16_t first)
{
	return (first & 0xFF00) == 0xBE00;
}

bool thumb_is_load_exclusive(uint16_t first, uint16_t second)
{
	return (first & 0xFFF0) == 0xE850 ||
	       ((first & 0xFFF0) == 0xE8D0 && (second & 0x0FEF) == 0x0F4F);
}

bool thumb_is_store_exclusive(uint16_t first, uint16_t second)
{
	return (first & 0xFFF0) == 0xE840 ||
	       ((first & 0xFFF0) == 0xE8C0 && (second & 0x0FE0) == 0x0F40);
}
