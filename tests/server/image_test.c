/* Files to flash: what each format says, and every way in which one can be wrong. */
#include "server/image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/bytes.h"
#include "tests/prelude.h"

static struct image image;
static struct image_problem problem;

static enum err read_hex(const char *text)
{
	return image_read_hex(&image, (const uint8_t *)text, strlen(text), &problem);
}

static void expect_refused(enum err err, const char *why)
{
	assert_int_equal(err, ERR_ARGUMENT);
	if (!strstr(problem.text, why))
		fail_msg("\"%s\", expected \"%s\"", problem.text, why);
	assert_int_equal(image.count, 0);
	assert_null(image.bytes);
}

static void expect_run(size_t which, uint32_t address, const char *bytes, size_t size)
{
	assert_true(which < image.count);
	assert_int_equal(image.runs[which].address, address);
	assert_int_equal(image.runs[which].size, size);
	assert_memory_equal(image.bytes + image.runs[which].offset, bytes, size);
}

static int forget(void **state)
{
	(void)state;
	image_finish(&image);
	return 0;
}

#define END ":00000001FF\n"

/* ---- Intel HEX ---- */

static void records_become_runs(void **state)
{
	(void)state;
	assert_int_equal(read_hex(":020000040800F2\r\n"
				  ":04000000DEADBEEFC4\r\n"
				  ":020004001234B4\r\n"
				  ":01100000AA45\r\n"
				  ":0400000508000000EF\r\n" END),
		ERR_OK);
	assert_int_equal(image.count, 2);
	expect_run(0, 0x08000000, "\xDE\xAD\xBE\xEF\x12\x34", 6);
	expect_run(1, 0x08001000, "\xAA", 1);
}

/* Any order, any case, any line end, blank lines. */
static void lines_may_come_in_any_order(void **state)
{
	(void)state;
	assert_int_equal(read_hex("  :01000100bb43  \r\r\n:01000000AA55\n\n" END "\n"), ERR_OK);
	assert_int_equal(image.count, 1);
	expect_run(0, 0, "\xAA\xBB", 2);
}

static void segments_wrap(void **state)
{
	(void)state;
	/* base 0x10000, two bytes at its last address */
	assert_int_equal(read_hex(":020000021000EC\n:02FFFF001122CD\n" END), ERR_OK);
	assert_int_equal(image.count, 2);
	expect_run(0, 0x10000, "\x22", 1);
	expect_run(1, 0x1FFFF, "\x11", 1);
}

static void a_record_may_reach_the_last_address(void **state)
{
	(void)state;
	assert_int_equal(read_hex(":02000004FFFFFC\n:01FFFF0077"
				  "8A\n" END),
		ERR_OK);
	expect_run(0, 0xFFFFFFFF, "\x77", 1);
	expect_refused(read_hex(":02000004FFFFFC\n:02FFFF00778812"
				"\n" END),
		"checksum 12");
	expect_refused(read_hex(":02000004FFFFFC\n:02FFFF00778801\n" END), "line 2 goes beyond");
}

static void bad_lines_are_named(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{":01000000AA56\n" END, "line 1 has checksum 56, and its bytes make 55"},
		{":01000000AA55\nhello\n" END, "line 2 does not begin with a colon"},
		{":02000000AA54\n" END, "line 1 is not as long"},
		{":01000000AA5500\n" END, "line 1 is not as long"},
		{":01000000AG55\n" END, "line 1 is not as long"},
		{":0100000\n" END, "line 1 is not as long"},
		{":\n" END, "line 1 is not as long"},
		{":01000006AA4F\n" END, "line 1 has a record type that there is not"},
		{":0100000408F3\n" END, "line 1 has a size"},
		{":01000001AA54\n", "line 1 has a size"},
		{END ":01000000AA55\n", "line 2 comes after the end record"},
		{":01000000AA55\n", "it was cut off"},
		{"", "it was cut off"},
		{END, "nothing to flash"},
		{":01000000AA55\n:01000000AA55\n" END, "it holds 0x00000000 twice"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_refused(read_hex(cases[i].text), cases[i].why);
}

/* Whatever a cable or an editor does to one character, the file is refused. */
static void no_changed_digit_goes_unnoticed(void **state)
{
	const char good[] = ":020000040800F2\n:04000000DEADBEEFC4\n" END;

	(void)state;
	for (size_t i = 0; i < strlen(good); i++) {
		char text[sizeof(good)];
		memcpy(text, good, sizeof(good));
		if (text[i] == '\n')
			continue;
		text[i] = text[i] == '7' ? '8' : '7';
		assert_int_equal(read_hex(text), ERR_ARGUMENT);
	}
}

static void nor_any_missing_end(void **state)
{
	const char good[] = ":020000040800F2\n:04000000DEADBEEFC4\n:00000001FF";

	(void)state;
	for (size_t size = 0; size < strlen(good); size++)
		assert_int_equal(image_read_hex(&image, (const uint8_t *)good, size, &problem),
			ERR_ARGUMENT);
}

/* ---- ELF ---- */

#define SEGMENTS_AT 52
#define SECTIONS_AT (SEGMENTS_AT + 2 * 32)
#define CONTENT_AT  (SECTIONS_AT + 4 * 40)
#define CONTENT     8
#define ELF_SIZE    (CONTENT_AT + CONTENT)

static void put_words(uint8_t *at, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_le32(at + 4 * i, words[i]);
}

/* A segment of 8 bytes for 0x08000000 that runs at 0x20000000; sections: none, 6 bytes of it, .bss,
 * a comment. */
static void make_elf(uint8_t elf[ELF_SIZE])
{
	static const uint32_t segments[2][8] = {
		{1, CONTENT_AT, 0x20000000, 0x08000000, 8, 8, 5, 4},
		{1, 0, 0x20000100, 0x20000100, 0, 64, 6, 4},
	};
	static const uint32_t sections[4][10] = {
		{0},
		{0, 1, 6, 0x20000002, CONTENT_AT + 2, 6},
		{0, 8, 3, 0x20000100, CONTENT_AT, 64},
		{0, 1, 0, 0, CONTENT_AT, 8},
	};

	memset(elf, 0, ELF_SIZE);
	memcpy(elf, (const uint8_t[]){0x7F, 'E', 'L', 'F', 1, 1, 1}, 7);
	put_le16(elf + 16, 2);
	put_le16(elf + 18, 40);
	put_le32(elf + 28, SEGMENTS_AT);
	put_le32(elf + 32, SECTIONS_AT);
	put_le16(elf + 42, 32);
	put_le16(elf + 44, 2);
	put_le16(elf + 46, 40);
	put_le16(elf + 48, 4);
	put_words(elf + SEGMENTS_AT, &segments[0][0], 16);
	put_words(elf + SECTIONS_AT, &sections[0][0], 40);
	memcpy(elf + CONTENT_AT, "ABCDEFGH", CONTENT);
}

static enum err read_elf(const uint8_t *elf, size_t size)
{
	/* a copy of exactly that size, so that a sanitizer sees every read beyond it */
	uint8_t *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, elf, size);
	enum err err = image_read_elf(&image, copy, size, &problem);
	free(copy);
	return err;
}

static void sections_are_loaded_where_their_segment_is(void **state)
{
	uint8_t elf[ELF_SIZE];

	(void)state;
	make_elf(elf);
	assert_int_equal(read_elf(elf, sizeof(elf)), ERR_OK);
	assert_int_equal(image.count, 1);
	expect_run(0, 0x08000002, "CDEFGH", 6);
}

static void without_sections_the_segments_count(void **state)
{
	uint8_t elf[ELF_SIZE];

	(void)state;
	make_elf(elf);
	put_le32(elf + 32, 0);
	put_le16(elf + 48, 0);
	assert_int_equal(read_elf(elf, sizeof(elf)), ERR_OK);
	expect_run(0, 0x08000000, "ABCDEFGH", 8);
}

static void strange_elf_files_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *why;
	} cases[] = {
		{4, 0x00010102, "32-bit little-endian"},
		{4, 0x00010201, "32-bit little-endian"},
		{16, 0x00280001, "it is no executable (type 1)"},
		{16, 0x003E0002, "another machine than Arm (number 62)"},
		{28, ELF_SIZE - 40, "a table of 2 entries"},
		{28, 0xFFFFFFF0, "a table of 2 entries"},
		{32, ELF_SIZE, "a table of 4 entries"},
		{48, 5 + 65536, "a table of 5 entries"},
		{SECTIONS_AT + 40 + 16, 0xFFFFFFFF, "are beyond its end"},
		{SECTIONS_AT + 40 + 20, 0xFFFFFFFF, "are beyond its end"},
		{SEGMENTS_AT + 12, 0xFFFFFFFC, "goes beyond the last address"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t elf[ELF_SIZE];
		make_elf(elf);
		put_le32(elf + cases[i].at, cases[i].value);
		expect_refused(read_elf(elf, sizeof(elf)), cases[i].why);
	}
}

static void a_short_elf_file_is_refused(void **state)
{
	uint8_t elf[ELF_SIZE];

	(void)state;
	make_elf(elf);
	for (size_t size = 0; size < sizeof(elf); size++)
		assert_int_equal(read_elf(elf, size), ERR_ARGUMENT);
}

/* ---- binaries, and which is which ---- */

static void a_binary_is_taken_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(
		image_read_binary(&image, (const uint8_t *)"\0\1\2", 3, 0x08004000, &problem),
		ERR_OK);
	expect_run(0, 0x08004000, "\0\1\2", 3);
	expect_refused(image_read_binary(&image, (const uint8_t *)"", 0, 0, &problem), "nothing");
	expect_refused(image_read_binary(&image, (const uint8_t *)"abc", 3, 0xFFFFFFFE, &problem),
		"do not fit");
}

static void the_content_tells_the_kind(void **state)
{
	static const struct {
		const char *text;
		enum image_kind kind;
	} cases[] = {
		{":020000040800F2\n:", IMAGE_HEX},
		{END, IMAGE_HEX},
		{":020000040800F3\n", IMAGE_BINARY},
		{": hello", IMAGE_BINARY},
		{"\177ELF", IMAGE_ELF},
		{"\177EL", IMAGE_BINARY},
		{"", IMAGE_BINARY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			image_kind_of((const uint8_t *)cases[i].text, strlen(cases[i].text)),
			cases[i].kind);
}

/* ---- the committed firmware: both files are the same program ---- */

static uint8_t *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	uint8_t *bytes = malloc(1 << 20);
	assert_non_null(bytes);
	*size = fread(bytes, 1, 1 << 20, file);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

static void hex_and_elf_of_one_program_agree(void **state)
{
	struct image other = {0};
	size_t size;

	(void)state;
	uint8_t *file = slurp(FIRMWARE "/flight.hex", &size);
	assert_int_equal(image_kind_of(file, size), IMAGE_HEX);
	assert_int_equal(image_read_hex(&image, file, size, &problem), ERR_OK);
	free(file);
	file = slurp(FIRMWARE "/flight.elf", &size);
	assert_int_equal(image_kind_of(file, size), IMAGE_ELF);
	assert_int_equal(image_read_elf(&other, file, size, &problem), ERR_OK);
	free(file);
	assert_int_equal(other.count, 1);
	assert_int_equal(image.count, 1);
	assert_int_equal(other.runs[0].address, 0x08000000);
	assert_int_equal(image.runs[0].address, 0x08000000);
	assert_int_equal(other.runs[0].size, image.runs[0].size);
	assert_memory_equal(other.bytes, image.bytes, image.runs[0].size);
	image_finish(&other);
}

#define IMAGE_TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMAGE_TEST(records_become_runs),
		IMAGE_TEST(lines_may_come_in_any_order),
		IMAGE_TEST(segments_wrap),
		IMAGE_TEST(a_record_may_reach_the_last_address),
		IMAGE_TEST(bad_lines_are_named),
		IMAGE_TEST(no_changed_digit_goes_unnoticed),
		IMAGE_TEST(nor_any_missing_end),
		IMAGE_TEST(sections_are_loaded_where_their_segment_is),
		IMAGE_TEST(without_sections_the_segments_count),
		IMAGE_TEST(strange_elf_files_are_refused),
		IMAGE_TEST(a_short_elf_file_is_refused),
		IMAGE_TEST(a_binary_is_taken_as_it_is),
		IMAGE_TEST(the_content_tells_the_kind),
		IMAGE_TEST(hex_and_elf_of_one_program_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
