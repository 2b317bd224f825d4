/* Thumb instruction classes; see insn.h. */
#include "insn.h"

#include <stddef.h>

static const struct pattern {
	uint16_t mask, value;
	uint8_t class;
} patterns[] = {
	/* 16 bit: loads at Rn */
	{0xf800, 0x6800, INSN_LOAD},                 /* LDR immediate */
	{0xf800, 0x7800, INSN_LOAD},                 /* LDRB immediate */
	{0xf800, 0x8800, INSN_LOAD},                 /* LDRH immediate */
	{0xfe00, 0x5600, INSN_LOAD},                 /* LDRSB register */
	{0xf800, 0x5800, INSN_LOAD},                 /* LDR, LDRH, LDRB, LDRSH register */
	{0xf800, 0x9800, INSN_LOAD},                 /* LDR SP */
	{0xfe00, 0xbc00, INSN_LOAD},                 /* POP */
	{0xf800, 0xc000, INSN_MULTIPLE},             /* STM */
	{0xf800, 0xc800, INSN_LOAD | INSN_MULTIPLE}, /* LDM */
	/* 16 bit: system */
	{0xff00, 0xdf00, INSN_SYSTEM}, /* SVC */
	{0xff00, 0xbe00, INSN_SYSTEM}, /* BKPT */
	{0xffe0, 0xb660, INSN_MASK},   /* CPS */
	/* 32 bit */
	{0xfe50, 0xe800, INSN_MULTIPLE},             /* STM */
	{0xfe50, 0xe810, INSN_LOAD | INSN_MULTIPLE}, /* LDM */
	{0xfff0, 0xe840, INSN_EXCLUSIVE},            /* STREX */
	{0xfff0, 0xe850, INSN_EXCLUSIVE},            /* LDREX */
	{0xfff0, 0xe8c0, INSN_EXCLUSIVE},            /* STREXB, STREXH */
	{0xfff0, 0xe8d0, INSN_EXCLUSIVE},            /* LDREXB, LDREXH, TBB, TBH */
	{0xff70, 0xe860, INSN_MULTIPLE},             /* STRD, indexed after */
	{0xff70, 0xe870, INSN_LOAD | INSN_MULTIPLE}, /* LDRD, indexed after */
	{0xff50, 0xe940, INSN_MULTIPLE},             /* STRD */
	{0xff50, 0xe950, INSN_LOAD | INSN_MULTIPLE}, /* LDRD */
	{0xfe10, 0xf810, INSN_LOAD},                 /* LDR and its narrow kin */
	{0xffe0, 0xf380, INSN_MASK},                 /* MSR */
	{0xffff, 0xf3bf, INSN_EXCLUSIVE},            /* CLREX, barriers */
	{0xffd0, 0xfb90, INSN_DIVIDE},               /* SDIV, UDIV */
	{0xec00, 0xec00, INSN_COPROCESSOR},
};

static unsigned classify_hint(uint16_t first)
{
	if ((first & 0xf) != 0)
		return INSN_IT;
	unsigned hint = first >> 4 & 0xf; /* 1 YIELD, 2 WFE, 3 WFI, 4 SEV */
	return hint >= 1 && hint <= 4 ? INSN_SYSTEM : 0;
}

unsigned insn_classify(uint16_t first)
{
	if ((first & 0xff00) == 0xbf00)
		return classify_hint(first);
	unsigned class = 0;
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
		if ((first & patterns[i].mask) == patterns[i].value)
			class |= patterns[i].class;
	return class;
}

unsigned insn_size(uint16_t first)
{
	return first >> 11 >= 0x1d ? 4 : 2;
}

unsigned insn_base_register(uint16_t first)
{
	if (insn_size(first) == 4)
		return first & 0xf;
	if ((first & 0xf000) == 0xc000)
		return first >> 8 & 7;
	if ((first & 0xf000) == 0x9000 || (first & 0xf000) == 0xb000)
		return 13;
	return first >> 3 & 7;
}

unsigned insn_it_count(uint16_t it)
{
	return 4 - (unsigned)__builtin_ctz(it & 0xf);
}

bool insn_condition(unsigned condition, uint32_t xpsr)
{
	bool n = xpsr >> 31 & 1, z = xpsr >> 30 & 1, c = xpsr >> 29 & 1, v = xpsr >> 28 & 1;
	const bool holds[8] = {z, c, n, v, c && !z, n == v, n == v && !z, true};
	bool inverted = (condition & 1) != 0 && condition != 15;
	return holds[condition >> 1] != inverted;
}

enum exclusive insn_exclusive(uint16_t first, uint16_t second)
{
	unsigned op = second >> 4 & 0xf; /* 4 byte, 5 half-word; 0, 1 TBB, TBH; 2 CLREX */
	switch (first & 0xfff0) {
	case 0xe840:
		return EXCLUSIVE_STORE;
	case 0xe850:
		return EXCLUSIVE_LOAD;
	case 0xe8c0:
		return op == 4 || op == 5 ? EXCLUSIVE_STORE : EXCLUSIVE_NONE;
	case 0xe8d0:
		return op == 4 || op == 5 ? EXCLUSIVE_LOAD : EXCLUSIVE_NONE;
	case 0xf3b0:
		return op == 2 ? EXCLUSIVE_CLEAR : EXCLUSIVE_NONE;
	default:
		return EXCLUSIVE_NONE;
	}
}
