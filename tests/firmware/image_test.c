/*
 * What the committed flight.hex and flight.elf promise to whoever loads them: README.md, "The
 * image". HEX records: Intel, Hexadecimal Object File Format Specification, revision A. ELF:
 * TIS 1.2 and ELF for the Arm Architecture. Vectors: RM0368 10.1.3.
 */
#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/prelude.h"

enum {
	FLASH_START = 0x08000000,
	RAM_END = 0x20010000,
	VECTORS = 16 + 85,
	RESET_VECTOR = 1,
	RECORD_DATA = 0x00,
	RECORD_END = 0x01,
	RECORD_LINEAR = 0x04,
	RECORD_START = 0x05,
	RECORD_BYTES = 1 + 2 + 1 + 255 + 1, /* length, address, type, data, checksum */
	RECORD_LINE = 1 + 2 * RECORD_BYTES + 3,
	ROW = 16,
};

struct image {
	uint8_t bytes[256 * 1024];
	size_t size;
	unsigned linear_records;
};

struct file {
	uint8_t *bytes;
	size_t size;
};

static struct image hex;
static struct file elf;

static uint32_t word_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t vector_at(size_t number)
{
	return word_at(hex.bytes + 4 * number);
}

/* Decodes ":LLAAAATT...CC" into bytes, checksum proved; returns how many are data. */
static size_t decode_record(const char *line, uint8_t record[RECORD_BYTES])
{
	size_t digits = strspn(line + 1, "0123456789ABCDEF");
	uint8_t sum = 0;

	assert_int_equal(line[0], ':');
	memset(record, 0, RECORD_BYTES);
	assert_true(digits % 2 == 0 && digits >= 10 && digits / 2 <= RECORD_BYTES);
	for (size_t i = 0; i < digits / 2; i++) {
		unsigned byte;
		assert_int_equal(sscanf(line + 1 + 2 * i, "%2x", &byte), 1);
		record[i] = (uint8_t)byte;
		sum = (uint8_t)(sum + byte);
	}
	assert_int_equal(sum, 0);
	assert_int_equal(record[0], digits / 2 - 5);
	return record[0];
}

/* Data must follow on what came before: that is what makes the file one run of bytes. */
static void append(struct image *image, uint32_t address, const uint8_t *data, size_t size)
{
	assert_int_equal(address, FLASH_START + image->size);
	assert_true(image->size + size <= sizeof image->bytes);
	memcpy(image->bytes + image->size, data, size);
	image->size += size;
}

static int load_hex(void **state)
{
	char line[RECORD_LINE];
	uint8_t record[RECORD_BYTES];
	uint32_t upper = 0;
	bool ended = false;
	FILE *file = fopen(FLIGHT_HEX, "r");

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		size_t size = decode_record(line, record);
		uint32_t offset = (uint32_t)record[1] << 8 | record[2];

		assert_false(ended);
		switch (record[3]) {
		case RECORD_DATA:
			append(&hex, upper + offset, record + 4, size);
			break;
		case RECORD_LINEAR:
			upper = (uint32_t)record[4] << 24 | (uint32_t)record[5] << 16;
			hex.linear_records++;
			break;
		case RECORD_END:
			ended = true;
			break;
		default:
			assert_int_equal(record[3], RECORD_START);
		}
	}
	assert_true(ended);
	return fclose(file);
}

static int load_elf(void **state)
{
	FILE *file = fopen(FLIGHT_ELF, "rb");

	(void)state;
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	elf.size = (size_t)ftell(file);
	elf.bytes = malloc(elf.size);
	assert_non_null(elf.bytes);
	rewind(file);
	assert_int_equal(fread(elf.bytes, 1, elf.size, file), elf.size);
	return fclose(file);
}

static int load(void **state)
{
	return load_hex(state) != 0 || load_elf(state) != 0;
}

static int unload(void **state)
{
	(void)state;
	free(elf.bytes);
	return 0;
}

static void size_is_that_of_a_flight_controller(void **state)
{
	(void)state;
	assert_in_range(hex.size, 70000, 80000);
	assert_int_equal(hex.size % 2, 1);
}

static void image_crosses_the_64_kb_boundary(void **state)
{
	(void)state;
	assert_true(hex.size > 0x10000);
	assert_int_equal(hex.linear_records, 2);
}

/* No row that reads as erased, and hardly one that repeats a single byte: nothing to skip. */
static void image_holds_no_padding(void **state)
{
	size_t uniform = 0;

	(void)state;
	for (size_t i = 0; i + ROW <= hex.size; i += ROW) {
		const uint8_t *row = hex.bytes + i;
		bool same = memcmp(row, row + 1, ROW - 1) == 0;

		assert_false(same && row[0] == 0xFF);
		uniform += same;
	}
	assert_true(uniform * ROW < hex.size / 100);
}

static void vectors_are_sane(void **state)
{
	(void)state;
	assert_int_equal(vector_at(0), RAM_END);
	for (size_t i = RESET_VECTOR; i < VECTORS; i++) {
		uint32_t vector = vector_at(i);
		bool reserved = (i >= 7 && i <= 10) || i == 13;

		if (reserved) {
			assert_int_equal(vector, 0);
		} else {
			assert_int_equal(vector & 1, 1);
			assert_in_range(vector, FLASH_START + 4 * VECTORS, FLASH_START + hex.size);
		}
	}
}

static void elf_loads_the_same_bytes(void **state)
{
	Elf32_Ehdr header;
	size_t loaded = 0;

	(void)state;
	memcpy(&header, elf.bytes, sizeof header);
	assert_memory_equal(header.e_ident, ELFMAG, SELFMAG);
	assert_int_equal(header.e_machine, EM_ARM);
	assert_int_equal(header.e_entry, vector_at(RESET_VECTOR));
	for (unsigned i = 0; i < header.e_phnum; i++) {
		Elf32_Phdr segment;

		memcpy(&segment, elf.bytes + header.e_phoff + i * sizeof segment, sizeof segment);
		if (segment.p_type != PT_LOAD || segment.p_filesz == 0) {
			continue;
		}
		assert_int_equal(segment.p_paddr, FLASH_START + loaded);
		assert_true(loaded + segment.p_filesz <= hex.size);
		assert_memory_equal(
			elf.bytes + segment.p_offset, hex.bytes + loaded, segment.p_filesz);
		loaded += segment.p_filesz;
	}
	assert_int_equal(loaded, hex.size);
}

static Elf32_Shdr section(unsigned index)
{
	Elf32_Ehdr header;
	Elf32_Shdr result;

	memcpy(&header, elf.bytes, sizeof header);
	memcpy(&result, elf.bytes + header.e_shoff + index * sizeof result, sizeof result);
	return result;
}

static bool has_symbol(const char *name)
{
	Elf32_Shdr table = {0};

	for (unsigned i = 0; table.sh_type != SHT_SYMTAB; i++) {
		table = section(i);
	}
	const char *names = (const char *)elf.bytes + section(table.sh_link).sh_offset;
	for (size_t at = 0; at < table.sh_size; at += sizeof(Elf32_Sym)) {
		Elf32_Sym symbol;

		memcpy(&symbol, elf.bytes + table.sh_offset + at, sizeof symbol);
		if (strcmp(names + symbol.st_name, name) == 0) {
			return true;
		}
	}
	return false;
}

static void elf_names_what_the_readme_names(void **state)
{
	static const char *const names[] = {"ticks", "flight", "telemetry", "practice", "image",
		"flight_log", "last_fault", "motors_armed", "clock_hz", "clock_source", "tim4",
		"debug_command", "debug_result", "debug_done", "transfer_buffer", "transfers_done",
		"control_handler", "control_step", "pid_update", "telemetry_pack", "factorial",
		"ram_sum", "fault_stop", "background"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!has_symbol(names[i])) {
			fail_msg("flight.elf has no symbol `%s`", names[i]);
		}
	}
	assert_false(has_symbol("no_such_symbol"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(size_is_that_of_a_flight_controller),
		cmocka_unit_test(image_crosses_the_64_kb_boundary),
		cmocka_unit_test(image_holds_no_padding),
		cmocka_unit_test(vectors_are_sane),
		cmocka_unit_test(elf_loads_the_same_bytes),
		cmocka_unit_test(elf_names_what_the_readme_names),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
