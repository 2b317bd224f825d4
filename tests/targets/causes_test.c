/*
 * The causes, one by one: each situation beside its nearest look-alike, as evidence written down by
 * hand. What the board makes of it is tests/flash/fault_test.c.
 */
#include "tests/prelude.h"

#include <stdio.h>
#include <string.h>

#include "family.h"
#include "situation.h"
#include "stm32f4_chips.h"

static const struct situation situations[] = {
	{"idle", "", NULL, ATTACHED},
	{"a load", "", NULL, IN(VERIFY, ERR_OK), ATTACHED},
	{"unplugged", "FD35", "the probe was unplugged", IN(ERASE, ERR_USB_GONE),
		.unplugged = true},
	{"busy probe", "FD35", "another program", IN(ATTACH, ERR_USB_BUSY)},
	{"old probe", "FD35", "too old", IN(ATTACH, ERR_PROBE_OLD)},
	{"USB time-out", "FD35", "the probe itself", IN(ATTACH, ERR_USB_TIMEOUT)},
	{"no power", "FD01", "0.52 V", IN(ATTACH, ERR_TARGET_NO_LINK), .vdd_mv = 520,
		.dp = ERR_TARGET_NO_LINK},
	{"only the VTref wire is off", "", NULL, ATTACHED, .vdd_mv = 520},
	{"resets for ever", "FD36", "12 resets in 1010 ms", IN(RESET, ERR_TARGET_TIMEOUT),
		.link = {.was_attached = true, .resets = 12, .watched_ms = 1010}},
	{"three resets", NULL, NULL, IN(RESET, ERR_TARGET_TIMEOUT),
		.link = {.was_attached = true, .resets = 3, .watched_ms = 1010}},
	{"NRST low", "FD06", "S_RESET_ST", IN(ATTACH, ERR_TARGET_TIMEOUT),
		.changes = {{SNAPSHOT_DHCSR_AGAIN, DHCSR_S_RESET_ST}}},
	{"one reset since the last look", "", NULL, ATTACHED,
		.changes = {{SNAPSHOT_DHCSR, DHCSR_S_RESET_ST}}},
	{"STOP", "FD09", "bus stays busy", IN(ATTACH, ERR_TARGET_WAIT), .ap = ERR_TARGET_WAIT,
		.link = {.first = ERR_TARGET_WAIT}},
	{"STOP, under reset", "FD09", "it answers", IN(ATTACH, ERR_OK),
		.link = {.first = ERR_TARGET_WAIT, .under_reset = ATTEMPT_WORKED}},
	{"level 2", "FD11", "permanent", IN(ATTACH, ERR_TARGET_FAULT), .ap = ERR_TARGET_FAULT},
	{"never an answer", "FD11", "no answer either", IN(ATTACH, ERR_TARGET_NO_LINK),
		.dp = ERR_TARGET_NO_LINK,
		.link = {.first = ERR_TARGET_NO_LINK, .under_reset = ATTEMPT_FAILED}},
	{"an answer once", "FD04", NULL, IN(NOTHING, ERR_TARGET_NO_LINK), .dp = ERR_TARGET_NO_LINK,
		ATTACHED},
	{"a pattern that does not come back", "FD04", "wrote AAAAAAAA, read AAAAA0AA",
		.trouble = {.doing = DOING_CHECK,
			.err = ERR_TARGET_NO_LINK,
			.is_noisy = true,
			.address = 0x20000448,
			.wanted = 0xAAAAAAAA,
			.found = 0xAAAAA0AA},
		ATTACHED},
	{"works at a lower clock", "FD04", "errs at 4000 kHz and works at 480 kHz",
		IN(ATTACH, ERR_OK), .link = {.slowed_from_khz = 4000, .khz = 480}},
	{"Standby", "FD08", "SBF", IN(ATTACH, ERR_OK),
		.link = {.first = ERR_TARGET_NO_LINK, .under_reset = ATTEMPT_WORKED},
		.changes = {{SNAPSHOT_PWR_CSR, PWR_CSR_SBF}}},
	{"pins off", "FD07", NULL, IN(ATTACH, ERR_OK),
		.link = {.first = ERR_TARGET_NO_LINK, .under_reset = ATTEMPT_WORKED}},
	{"NRST open", "FD05", NULL, IN(ATTACH, ERR_OK), .link = {.nrst = ATTEMPT_FAILED}},
	{"NRST wired", "", NULL, IN(ATTACH, ERR_OK), .link = {.nrst = ATTEMPT_WORKED}},
	{"garbage for a CPUID", "FD32", "0374B", IN(ATTACH, ERR_TARGET_UNKNOWN),
		.changes = {{SNAPSHOT_CPUID, 0x0000374B}}},
	{"another id than at attach", "FD32", "05FA0004", IN(CHECK, ERR_OK),
		.changes = {{SNAPSHOT_IDCODE, 0x05FA0004}}},
	{"a Cortex-M3", "FD33", "412FC230", IN(CHECK, ERR_OK),
		.changes = {{SNAPSHOT_CPUID, 0x412FC230}}},
	{"another maker", "FD33", "JEP106 51", IN(CHECK, ERR_OK),
		.changes = {{SNAPSHOT_PIDR1, 0x14}, {SNAPSHOT_PIDR2, 0x0D}}},
	{"another maker, and named", "FD33", "is taken for an STM32F401xB/C", IN(CHECK, ERR_OK),
		.changes = {{SNAPSHOT_PIDR1, 0x14}, {SNAPSHOT_PIDR2, 0x0D}}, .chip = NAMED},
	{"named, and another id since", "FD32", "10016999", IN(CHECK, ERR_OK),
		.changes = {{SNAPSHOT_IDCODE, 0x10016999}}, .chip = NAMED},
	{"unknown from the start", "FD33", "no chip that is known here", IN(CHECK, ERR_OK),
		.changes = {{SNAPSHOT_IDCODE, 0x10016999}}, .chip = UNKNOWN},
	{"held in reset at attach", "FD06", "could not be read then", IN(CHECK, ERR_OK),
		.changes = {{SNAPSHOT_IDCODE, 0x10016423}}, .chip = HALF_KNOWN},
	{"unknown, and another id since", "FD32", "10016998", IN(CHECK, ERR_OK),
		.changes = {{SNAPSHOT_IDCODE, 0x10016998}}, .chip = UNKNOWN},
	{"too big", "FD28", "needs 300 KiB",
		.trouble = {.doing = DOING_CHECK, .err = ERR_FLASH_RANGE, .image_kb = 300}},
	{"level 1", "FD12", "FLASH_OPTCR 0FFF55ED", SECTORS(ERR_OK, 1),
		.changes = {{SNAPSHOT_FLASH_OPTCR, 0x0FFF55ED}}, .flash = ERR_TARGET_FAULT},
	{"level 1 while the link is lost", "FD04", NULL, IN(NOTHING, ERR_TARGET_NO_LINK), ATTACHED,
		.changes = {{SNAPSHOT_FLASH_OPTCR, 0x0FFF55ED}}},
	{"intrusion", "FD13", "RDP level 0", SECTORS(ERR_OK, 1), .flash = ERR_TARGET_FAULT},
	{"intrusion, core shut out", "FD13", "RDP level 1", SECTORS(ERR_OK, 1),
		.flash = ERR_TARGET_FAULT,
		.changes = {{SNAPSHOT_FLASH_OPTCR, 0x0FFF55ED}, {SNAPSHOT_HFSR, HFSR_FORCED},
			{SNAPSHOT_CFSR, CFSR_IBUSERR}}},
	{"write protection", "FD14", "sectors 0-1, 3 are", SECTORS(ERR_OK, 0x1B),
		.changes = {{SNAPSHOT_FLASH_OPTCR, 0x0FD4AAED}}},
	{"write protection of others", "", NULL, SECTORS(ERR_OK, 0x1F),
		.changes = {{SNAPSHOT_FLASH_OPTCR, 0x0FDFAAED}}},
	{"PCROP", "FD15", "sector 1 is", SECTORS(ERR_OK, 0x03),
		.changes = {{SNAPSHOT_FLASH_OPTCR, 0x8002AAED}}},
	{"PCROP of others", "", NULL, SECTORS(ERR_OK, 0x03),
		.changes = {{SNAPSHOT_FLASH_OPTCR, 0x8004AAED}}},
	{"self erase", "FD20", "erasing or writing", IN(HALT, ERR_TARGET_TIMEOUT),
		.changes = {{SNAPSHOT_FLASH_SR, BUSY}, {SNAPSHOT_DHCSR_AGAIN, 3}}},
	{"stuck core", "FD20", "stuck on a bus", IN(HALT, ERR_TARGET_TIMEOUT),
		.changes = {{SNAPSHOT_DHCSR_AGAIN, 3}}},
	{"halted after all", NULL, NULL, IN(HALT, ERR_TARGET_TIMEOUT)},
	{"stale flags", "FD23", "PGSERR", IN(CHECK, ERR_OK), .stale = SR_PGSERR},
	{"no flags but EOP", "", NULL, IN(CHECK, ERR_OK), .stale = SR_EOP},
	{"wrong keys", "FD24", "FLASH_CR 80000000", IN(UNLOCK, ERR_FLASH_ERASE),
		.changes = {{SNAPSHOT_FLASH_CR, LOCKED}}},
	{"busy when it was to be unlocked", NULL, NULL, IN(UNLOCK, ERR_FLASH_ERASE),
		.changes = {{SNAPSHOT_FLASH_SR, BUSY}}},
	{"running core", "FD25", NULL, IN(ERASE, ERR_FLASH_ERASE),
		.changes = {{SNAPSHOT_DHCSR_AGAIN, 1}}},
	{"slow clock", "FD26", "31 kHz", IN(ERASE, ERR_FLASH_ERASE),
		.changes = {{SNAPSHOT_RCC_CFGR, 0xF0}}},
	{"1 MHz", NULL, NULL, IN(ERASE, ERR_FLASH_ERASE), .changes = {{SNAPSHOT_RCC_CFGR, 0xB0}}},
	{"stays busy", "FD21", "1.93 s passed, limit 1.90 s",
		.trouble = {.doing = DOING_ERASE,
			.err = ERR_FLASH_ERASE,
			.took_ms = 1930,
			.limit_ms = 1900},
		.changes = {{SNAPSHOT_FLASH_SR, BUSY}}},
	{"busy within the limit", NULL, NULL,
		.trouble = {.doing = DOING_ERASE,
			.err = ERR_CANCELLED,
			.took_ms = 930,
			.limit_ms = 1900},
		.changes = {{SNAPSHOT_FLASH_SR, BUSY}}},
	{"busy and starved", "FD02", "2.61 V",
		.trouble = {.doing = DOING_ERASE,
			.err = ERR_FLASH_ERASE,
			.took_ms = 1930,
			.limit_ms = 1900,
			.vdd_first_mv = 3300,
			.vdd_min_mv = 2610},
		.changes = {{SNAPSHOT_FLASH_SR, BUSY}}},
	{"stalled", "FD22", NULL, IN(ERASE, ERR_TARGET_WAIT),
		.changes = {{SNAPSHOT_FLASH_SR, BUSY}}},
	{"damaged loader", "FD19", "overwrites",
		.trouble = {.doing = DOING_WRITE,
			.err = ERR_TARGET_TIMEOUT,
			.loader_lost = true,
			.loader_damaged = true}},
	{"killed loader", "FD18", "CFSR 00010000",
		.trouble = {.doing = DOING_WRITE, .err = ERR_TARGET_TIMEOUT, .loader_lost = true},
		.changes = {{SNAPSHOT_CFSR, 0x10000}}},
	{"hardware watchdog", "FD16", "IWDGRSTF", IN(ERASE, ERR_FLASH_ERASE), ATTACHED,
		.changes = {{SNAPSHOT_RCC_CSR, CSR_IWDGRSTF | CSR_PINRSTF},
			{SNAPSHOT_FLASH_OPTCR, HEALTHY_OPTCR & ~OPTCR_WDG_SW}}},
	{"software watchdog", "FD17", "IWDGRSTF", IN(ERASE, ERR_FLASH_ERASE), ATTACHED,
		.changes = {{SNAPSHOT_RCC_CSR, CSR_IWDGRSTF | CSR_PINRSTF}}},
	{"window watchdog", "FD17", "WWDGRSTF", IN(WRITE, ERR_FLASH_PROGRAM), ATTACHED,
		.changes = {{SNAPSHOT_RCC_CSR, CSR_WWDGRSTF | CSR_PINRSTF}}},
	{"reset button", "FD37", "PINRSTF", IN(ERASE, ERR_FLASH_ERASE), ATTACHED,
		.changes = {{SNAPSHOT_RCC_CSR, CSR_PINRSTF}}},
	{"power-cycled", "FD02", "BORRSTF", IN(ERASE, ERR_FLASH_ERASE), ATTACHED,
		.changes = {{SNAPSHOT_RCC_CSR, CSR_BORRSTF | CSR_PINRSTF},
			{SNAPSHOT_DBGMCU_CR, 0}}},
	{"sagged", "FD02", "2.61 V",
		.trouble = {.doing = DOING_VERIFY,
			.err = ERR_FLASH_VERIFY,
			.vdd_first_mv = 3300,
			.vdd_min_mv = 2610}},
	{"sagged, and no harm done", "", NULL,
		.trouble = {.doing = DOING_VERIFY, .vdd_first_mv = 3300, .vdd_min_mv = 2610}},
	{"low all the time", "FD03", "x32",
		.trouble = {.doing = DOING_VERIFY,
			.err = ERR_FLASH_VERIFY,
			.width = FLASH_X32,
			.vdd_first_mv = 2500,
			.vdd_min_mv = 2490},
		.vdd_mv = 2500},
	{"low, and narrow enough", "FD30", NULL,
		.trouble = {.doing = DOING_VERIFY,
			.err = ERR_FLASH_VERIFY,
			.width = FLASH_X16,
			.vdd_first_mv = 2500,
			.vdd_min_mv = 2490,
			.has_mismatch = true},
		.vdd_mv = 2500},
	{"brown-out level near", "FD02", "brown-out", IN(CHECK, ERR_OK), .vdd_mv = 2900,
		.changes = {{SNAPSHOT_FLASH_OPTCR, HEALTHY_OPTCR & ~0xCu}}},
	{"brown-out level far", "", NULL, IN(CHECK, ERR_OK), .vdd_mv = 3300,
		.changes = {{SNAPSHOT_FLASH_OPTCR, HEALTHY_OPTCR & ~0xCu}}},
	{"not blank", "FD29", "0x08004000",
		.trouble = {.doing = DOING_VERIFY,
			.err = ERR_FLASH_VERIFY,
			.has_mismatch = true,
			.wanted_blank = true,
			.address = 0x08004000,
			.wanted = 0xFFFFFFFF}},
	{"mismatch", "FD30", "differ in 00000001",
		.trouble = {.doing = DOING_VERIFY,
			.err = ERR_FLASH_VERIFY,
			.has_mismatch = true,
			.address = 0x08004000,
			.wanted = 0x10,
			.found = 0x11}},
	{"a fault that cannot be", "FD04", NULL, IN(WRITE, ERR_TARGET_FAULT), ATTACHED},
	{"slow", "FD31", "0.48 s, 0.25 s is typical",
		.trouble = {.doing = DOING_ERASE, .took_ms = 480, .typical_ms = 250}},
	{"slow but legal", "", NULL,
		.trouble = {.doing = DOING_ERASE, .took_ms = 450, .typical_ms = 250}},
	{"bootloader", "FD34", "1FFF0040", IN(START, ERR_OK),
		.changes = {{SNAPSHOT_PC, 0x1FFF0040}}},
	{"in the bootloader, on purpose", "", NULL, ATTACHED,
		.changes = {{SNAPSHOT_PC, 0x1FFF0040}}},
	{"asleep", "FD10", "S_SLEEP", ATTACHED,
		.changes = {{SNAPSHOT_DHCSR, 0x00050001}, {SNAPSHOT_DHCSR_AGAIN, 0x00050001}}},
	{"ran into its watchdog", "FD17", "IWDGRSTF", RAN(OUR_RESET),
		FLAGS(OUR_RESET | CSR_IWDGRSTF)},
	{"ran into its window watchdog", "FD17", "WWDGRSTF", RAN(POWERED),
		FLAGS(POWERED | CSR_WWDGRSTF)},
	{"ran into the hardware watchdog", "FD16", "WDG_SW=0", RAN(OUR_RESET),
		.changes = {{SNAPSHOT_RCC_CSR, OUR_RESET | CSR_IWDGRSTF},
			{SNAPSHOT_FLASH_OPTCR, HEALTHY_OPTCR & ~OPTCR_WDG_SW}}},
	{"reset itself", "FD37", "itself", RAN(POWERED), FLAGS(POWERED | CSR_SFTRSTF)},
	{"reset itself, having cleared the flags", "FD37", "itself", RAN(0), FLAGS(OUR_RESET)},
	{"the button", "FD37", "by its NRST pin", RAN(POWERED), FLAGS(POWERED)},
	{"the button, after a load without reset", "FD37", "by its NRST pin", RAN(0),
		FLAGS(CSR_PINRSTF)},
	{"the button, or itself", "FD37", "one of PINRSTF, SFTRSTF, which were set before",
		RAN(OUR_RESET), FLAGS(OUR_RESET)},
	{"cleared its flags at once", "FD37", "has cleared its flags", RAN(OUR_RESET), FLAGS(0)},
	{"went to Standby", "FD37", "Stop or Standby", RAN(OUR_RESET),
		FLAGS(OUR_RESET | CSR_LPWRRSTF)},
	{"ran out of power", "FD02", "while the firmware ran", RAN(OUR_RESET),
		.changes = {{SNAPSHOT_RCC_CSR, POWERED}, {SNAPSHOT_DBGMCU_CR, 0}}},
	{"ran out of power, as before", "FD02", "while the firmware ran", RAN(POWERED),
		.changes = {{SNAPSHOT_RCC_CSR, POWERED}, {SNAPSHOT_DBGMCU_CR, 0}}},
	{"a watchdog of long ago", NULL, NULL,
		.trouble = {.doing = DOING_ERASE,
			.err = ERR_FLASH_ERASE,
			.flags_known = true,
			.flags_before = CSR_IWDGRSTF},
		ATTACHED, FLAGS(CSR_IWDGRSTF)},
	{"power gone, by the mark in SRAM", "FD02", "lost its mark",
		.trouble = {.doing = DOING_ERASE,
			.err = ERR_FLASH_ERASE,
			.flags_known = true,
			.canary = 0x2000FFF0},
		ATTACHED, .changes = {{SNAPSHOT_DBGMCU_CR, 0}, {SNAPSHOT_CANARY, 0xA5}}},
	{"reset button, by the mark in SRAM", "FD37", "kept its mark",
		.trouble = {.doing = DOING_ERASE,
			.err = ERR_FLASH_ERASE,
			.flags_known = true,
			.canary = 0x2000FFF0},
		ATTACHED,
		.changes = {{SNAPSHOT_RCC_CSR, CSR_PINRSTF}, {SNAPSHOT_CANARY, CANARY_WORD}}},
	{"cancelled", NULL, NULL, IN(ERASE, ERR_CANCELLED), ATTACHED},
};

static void each_situation_has_its_cause(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(situations) / sizeof(situations[0]); i++) {
		const struct situation *each = &situations[i];
		struct evidence e;
		struct target_report report;
		size_t from = 0;
		situation_make(each, &e);
		const struct cause *cause = diagnosis_find(&e, &from);
		diagnosis_report(&e, cause, &report);
		const char *wanted = each->code ? each->code : "";
		if (strcmp(cause ? cause->code : "", wanted) != 0)
			fail_msg("%s: found %s (%s), not \"%s\"", each->name,
				cause ? cause->code : "nothing", report.cause, wanted);
		if (each->text && !strstr(report.cause, each->text) &&
			!strstr(report.evidence, each->text))
			fail_msg("%s: \"%s\" is neither in \"%s\" nor in \"%s\"", each->name,
				each->text, report.cause, report.evidence);
		assert_true(report.cause[0] && report.evidence[0]);
		assert_true(!cause || report.remedy[0]);
	}
}

/* From FD01 to FD37, every one, and each of them met above. */
static void every_code_is_in_the_catalogue(void **state)
{
	(void)state;
	for (unsigned number = 1; number <= 37; number++) {
		char code[8];
		struct target_cause row;
		bool found = false, met = number == 27; /* needs another chip */
		(void)snprintf(code, sizeof(code), "FD%02u", number);
		for (size_t i = 0; i < target_cause(SIZE_MAX, &row); i++) {
			(void)target_cause(i, &row);
			found |= strcmp(row.code, code) == 0;
		}
		for (size_t i = 0; i < sizeof(situations) / sizeof(situations[0]); i++)
			met |= situations[i].code && strcmp(situations[i].code, code) == 0;
		if (!found || !met)
			fail_msg("%s is %s", code, found ? "not tested" : "missing");
	}
}

static void a_map_that_changed(void **state)
{
	static struct device dual;
	struct evidence e;
	struct situation situation = {.trouble = {.doing = DOING_CHECK}};
	size_t from = 0;
	(void)state;
	dual = (struct device){.family = situation_device()->family,
		.row = stm32f4_find_chip(0x419),
		.id = 0x10016423};
	stm32f4_describe(dual.row, 1024, false, &dual);
	situation_make(&situation, &e);
	e.device = &dual;
	assert_null(diagnosis_find(&e, &from));
	situation_set(&e.now, SNAPSHOT_FLASH_OPTCR, HEALTHY_OPTCR | OPTCR_DB1M);
	from = 0;
	assert_string_equal(diagnosis_find(&e, &from)->code, "FD27");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_situation_has_its_cause),
		cmocka_unit_test(every_code_is_in_the_catalogue),
		cmocka_unit_test(a_map_that_changed),
	};
	situation_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
