/* The register table: as gdb's features want it, and as the description tells it. */
#include "server/gdb/registers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "tests/prelude.h"

static char *read_description(struct desk *desk)
{
	desk_packet(desk, 1, "qXfer:features:read:target.xml:0,fffff");
	struct message *message = desk_take(desk, 1);
	assert_non_null(message);
	assert_int_equal(message->data[0], 'l');
	char *text = strdup((char *)message->data + 1);
	message_destroy(message);
	return text;
}

/* The table's row for the XML element that begins at `at`. */
static void check_element(const char *at, size_t *index)
{
	char name[16];
	unsigned bits, number;

	assert_int_equal(sscanf(at, "<reg name=\"%15[^\"]\" bitsize=\"%u\" regnum=\"%u\"", name,
				 &bits, &number),
		3);
	assert_true(*index < register_row_count);
	assert_string_equal(name, register_rows[*index].name);
	assert_int_equal(bits, register_rows[*index].bits);
	assert_int_equal(number, register_rows[*index].number);
	(*index)++;
}

static void description_lists_the_table(void **state)
{
	struct desk *desk = *state;
	size_t index = 0;

	desk_join(desk, 1);
	char *xml = read_description(desk);
	for (const char *at = xml; (at = strstr(at, "<reg ")); at++)
		check_element(at, &index);
	assert_int_equal(index, register_row_count);
	assert_non_null(strstr(xml, "<feature name=\"org.gnu.gdb.arm.m-profile\">"));
	assert_non_null(strstr(xml, "<feature name=\"org.gnu.gdb.arm.m-system\">"));
	assert_non_null(strstr(xml, "<feature name=\"org.gnu.gdb.arm.vfp\">"));
	free(xml);
}

static void no_fpu_no_vfp(void **state)
{
	struct desk *desk = *state;

	desk->target->identity.has_fpu = false;
	desk_join(desk, 1);
	char *xml = read_description(desk);
	assert_null(strstr(xml, "arm.vfp"));
	assert_null(strstr(xml, "\"d0\""));
	free(xml);
	desk_ask(desk, 1, "p20", "E16");
	desk_ask(desk, 1, "P30=00000000", "E16");
}

/* Numbers that clients send: gdb 13 asks p19, p1a, p1b. */
static void numbers_are_gdbs(void **state)
{
	(void)state;
	assert_string_equal(register_find(15)->name, "pc");
	assert_string_equal(register_find(0x19)->name, "xPSR");
	assert_string_equal(register_find(0x1a)->name, "msp");
	assert_string_equal(register_find(0x1b)->name, "psp");
	assert_null(register_find(16));
	assert_null(register_find(49));
	for (size_t i = 1; i < register_row_count; i++)
		assert_true(register_rows[i].number > register_rows[i - 1].number);
	assert_int_equal(register_rows[REGISTERS_IN_G - 1].number, 25);
}

static void g_carries_r0_to_xpsr(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "g",
		"00000000"
		"01010101020202020303030304040404050505050606060607070707"
		"08080808090909090a0a0a0a0b0b0b0b0c0c0c0c"
		"001000200e0e0e0e0001000800000001");
}

static void big_g_writes_them(void **state)
{
	struct desk *desk = *state;
	char packet[2 + 136 + 1] = "G";

	desk_join(desk, 1);
	for (unsigned i = 0; i < 17; i++)
		(void)snprintf(packet + 1 + (size_t)8 * i, 9, "%02x000080", i);
	desk_ask(desk, 1, packet, "OK");
	assert_int_equal(desk->target->registers[TARGET_R0], 0x80000000);
	assert_int_equal(desk->target->registers[TARGET_PC], 0x8000000f);
	assert_int_equal(desk->target->registers[TARGET_XPSR], 0x80000010);

	packet[136] = '\0';
	desk_ask(desk, 1, packet, "E16");
	packet[136] = 'x';
	desk_ask(desk, 1, packet, "E16");
}

static void p_reads_each_size(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->registers[TARGET_CONTROL] = 4;
	desk->target->registers[TARGET_S0 + 6] = 0x11223344;
	desk->target->registers[TARGET_S0 + 7] = 0x55667788;
	desk_ask(desk, 1, "pf", "00010008");
	desk_ask(desk, 1, "p1f", "04");
	desk_ask(desk, 1, "p23", "4433221188776655");
	desk_ask(desk, 1, "p10", "E16");
	desk_ask(desk, 1, "pffffffff", "E16");
	desk_ask(desk, 1, "p", "E16");
}

static void big_p_writes_each_size(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk_ask(desk, 1, "Pf=44010008", "OK");
	assert_int_equal(desk->target->registers[TARGET_PC], 0x08000144);
	desk_ask(desk, 1, "P1d=40", "OK");
	assert_int_equal(desk->target->registers[TARGET_BASEPRI], 0x40);
	desk_ask(desk, 1, "P20=0102030405060708", "OK");
	assert_int_equal(desk->target->registers[TARGET_S0], 0x04030201);
	assert_int_equal(desk->target->registers[TARGET_S0 + 1], 0x08070605);
	desk_ask(desk, 1, "Pf=4401000", "E16");
	desk_ask(desk, 1, "P1d=40000000", "E16");
	desk_ask(desk, 1, "Pf44010008", "E16");
}

static void a_failing_register_is_an_error(void **state)
{
	struct desk *desk = *state;

	desk_join(desk, 1);
	desk->target->fail[FAKE_READ_REGISTER] = ERR_TARGET_NO_LINK;
	desk_ask(desk, 1, "g", "E06");
	desk_ask(desk, 1, "p0", "E06");
	desk->target->fail[FAKE_WRITE_REGISTER] = ERR_USB_TIMEOUT;
	desk_ask(desk, 1, "P0=00000000", "E6e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(description_lists_the_table),
		DESK_TEST(no_fpu_no_vfp),
		cmocka_unit_test(numbers_are_gdbs),
		DESK_TEST(g_carries_r0_to_xpsr),
		DESK_TEST(big_g_writes_them),
		DESK_TEST(p_reads_each_size),
		DESK_TEST(big_p_writes_each_size),
		DESK_TEST(a_failing_register_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
