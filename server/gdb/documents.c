/* The XML documents that gdb reads. Worker thread; no access to the target. */
#include "documents.h"

#include "registers.h"
#include "session.h"
#include "threads.h"

struct field {
	const char *name;
	unsigned start, end; /* bits, both included */
};

struct flags {
	const char *id;
	unsigned bytes;
	enum register_feature feature;
	const struct field *fields;
	size_t count;
};

#define FIELDS(array) array, sizeof(array) / sizeof((array)[0])

/* ARMv7-M Architecture Reference Manual, B1.4.2, B1.4.4 and A2.5.3. */
static const struct field xpsr_fields[] = {
	{"ISR", 0, 8},
	{"ICI_IT", 10, 15},
	{"GE", 16, 19},
	{"T", 24, 24},
	{"IT", 25, 26},
	{"Q", 27, 27},
	{"V", 28, 28},
	{"C", 29, 29},
	{"Z", 30, 30},
	{"N", 31, 31},
};

static const struct field control_fields[] = {
	{"nPRIV", 0, 0},
	{"SPSEL", 1, 1},
	{"FPCA", 2, 2},
};

static const struct field fpscr_fields[] = {
	{"IOC", 0, 0},
	{"DZC", 1, 1},
	{"OFC", 2, 2},
	{"UFC", 3, 3},
	{"IXC", 4, 4},
	{"IDC", 7, 7},
	{"RMode", 22, 23},
	{"FZ", 24, 24},
	{"DN", 25, 25},
	{"AHP", 26, 26},
	{"V", 28, 28},
	{"C", 29, 29},
	{"Z", 30, 30},
	{"N", 31, 31},
};

static const struct flags flags[] = {
	{"xpsr_bits", 4, FEATURE_CORE, FIELDS(xpsr_fields)},
	{"control_bits", 1, FEATURE_SYSTEM, FIELDS(control_fields)},
	{"fpscr_bits", 4, FEATURE_FPU, FIELDS(fpscr_fields)},
};

static const char *const feature_names[] = {
	[FEATURE_CORE] = "org.gnu.gdb.arm.m-profile",
	[FEATURE_SYSTEM] = "org.gnu.gdb.arm.m-system",
	[FEATURE_FPU] = "org.gnu.gdb.arm.vfp",
};

static void add_flags(struct text *xml, enum register_feature feature)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].feature != feature)
			continue;
		text_format(xml, "<flags id=\"%s\" size=\"%u\">\n", flags[i].id, flags[i].bytes);
		for (size_t j = 0; j < flags[i].count; j++) {
			const struct field *field = &flags[i].fields[j];
			text_format(xml, "<field name=\"%s\" start=\"%u\" end=\"%u\"/>\n",
				field->name, field->start, field->end);
		}
		text_add(xml, "</flags>\n");
	}
}

static void add_register(struct text *xml, const struct register_row *row)
{
	text_format(xml, "<reg name=\"%s\" bitsize=\"%u\" regnum=\"%u\"", row->name, row->bits,
		row->number);
	if (row->type)
		text_format(xml, " type=\"%s\"", row->type);
	if (row->group)
		text_format(xml, " group=\"%s\"", row->group);
	text_add(xml, "/>\n");
}

static void add_feature(struct text *xml, enum register_feature feature)
{
	text_format(xml, "<feature name=\"%s\">\n", feature_names[feature]);
	add_flags(xml, feature);
	for (size_t i = 0; i < register_row_count; i++) {
		if (register_rows[i].feature == feature)
			add_register(xml, &register_rows[i]);
	}
	text_add(xml, "</feature>\n");
}

void documents_features(const struct gdb *gdb, struct text *xml)
{
	/* Without an OS ABI gdb-multiarch takes the program for one of Linux, and at every stop
	   looks for the trampolines of its signals: sixteen small reads around pc. */
	text_add(xml, "<?xml version=\"1.0\"?>\n"
		      "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
		      "<target version=\"1.0\">\n"
		      "<architecture>arm</architecture>\n"
		      "<osabi>none</osabi>\n");
	add_feature(xml, FEATURE_CORE);
	add_feature(xml, FEATURE_SYSTEM);
	if (target_identity(gdb->target)->has_fpu)
		add_feature(xml, FEATURE_FPU);
	text_add(xml, "</target>\n");
}

static void add_region(struct text *xml, const struct target_region *region)
{
	static const char *const types[] = {
		[TARGET_RAM] = "ram",
		[TARGET_FLASH] = "flash",
		[TARGET_ROM] = "rom",
	};

	text_format(xml, "<memory type=\"%s\" start=\"0x%x\" length=\"0x%x\"", types[region->kind],
		region->start, region->size);
	if (region->kind == TARGET_FLASH)
		text_format(xml, "><property name=\"blocksize\">0x%x</property></memory>\n",
			region->sector_size);
	else
		text_add(xml, "/>\n");
}

void documents_memory_map(const struct gdb *gdb, struct text *xml)
{
	size_t count;
	const struct target_region *regions = target_memory_map(gdb->target, &count);

	text_add(xml, "<?xml version=\"1.0\"?>\n"
		      "<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\""
		      " \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n"
		      "<memory-map>\n");
	for (size_t i = 0; i < count; i++)
		add_region(xml, &regions[i]);
	text_add(xml, "</memory-map>\n");
}

void documents_threads(const struct gdb *gdb, struct text *xml)
{
	struct text text = {0};

	threads_describe(gdb, &text);
	text_add(xml, "<?xml version=\"1.0\"?>\n<threads>\n<thread id=\"1\" core=\"0\" name=\"");
	text_add_xml(xml, target_identity(gdb->target)->chip);
	text_add(xml, "\">");
	text_add_xml(xml, text_string(&text));
	text_add(xml, "</thread>\n</threads>\n");
	text_finish(&text);
}
