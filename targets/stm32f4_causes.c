/*
 * Why a load or an attach fails: every cause that is known, as data.
 *
 * Asked from the top by diagnosis.c, so the order is the decision order: probe, power, link,
 * identity, protection, what was there before, what happened during an operation, what is left
 * after it. The predicates are a line or two of symptoms.h each. Texts are expanded by
 * evidence_text.c. Pure. Sources: RM0090 rev 21 chapter 3; DS10086 (voltages, times).
 */
#include "cortexm_registers.h"
#include "diagnosis.h"
#include "stm32f4_registers.h"
#include "symptoms.h"

#define HCLK_MIN_HZ    1000000u /* for any flash operation (RM0090 3.6.1) */
#define RESETS_FEW     3u
#define SLOW_PERCENT   180u
#define BOR_LEVEL_3_MV 3000u /* trips at up to 2.88 V */
#define SYSTEM_MEMORY  0x1FFF0000u
#define SYSTEM_END     0x1FFF7800u

/* ---- probe and power ---- */

static bool is_unplugged(const struct evidence *e)
{
	return e->trouble.err == ERR_USB_GONE || (e->now.taken && !e->now.plugged);
}

static bool is_taken(const struct evidence *e)
{
	return e->trouble.err == ERR_USB_BUSY || e->trouble.err == ERR_USB_ACCESS;
}

static bool is_old(const struct evidence *e)
{
	return e->trouble.err == ERR_PROBE_OLD;
}

static bool is_probe(const struct evidence *e)
{
	return (e->trouble.err >= ERR_USB_NOT_FOUND && e->trouble.err <= ERR_USB_IO) ||
	       e->trouble.err == ERR_PROBE_PROTOCOL;
}

static bool is_resetting(const struct evidence *e)
{
	return e->link.resets > RESETS_FEW;
}

/* ---- link ---- */

/* How the last attach went, and what that tells, is told once. */
static bool went_under_reset(const struct evidence *e, enum err first)
{
	return e->trouble.doing == DOING_ATTACH && e->link.under_reset == ATTEMPT_WORKED &&
	       e->link.first == first;
}

static bool is_held_in_reset(const struct evidence *e)
{
	return symptom_held_in_reset(e);
}

static bool is_stopped(const struct evidence *e)
{
	return went_under_reset(e, ERR_TARGET_WAIT) ||
	       (symptom_ap_waits(e) && !symptom_in_load(e) && symptom_failed(e));
}

static bool was_standby(const struct evidence *e)
{
	return went_under_reset(e, ERR_TARGET_NO_LINK) &&
	       snapshot_word(&e->now, SNAPSHOT_PWR_CSR) & PWR_CSR_SBF;
}

static bool was_pins_off(const struct evidence *e)
{
	return went_under_reset(e, ERR_TARGET_NO_LINK);
}

static bool is_dead(const struct evidence *e)
{
	return !e->link.was_attached && !symptom_ap_answers(e) && e->now.taken &&
	       e->link.under_reset == ATTEMPT_FAILED;
}

/* The access port is closed though the debug port answers: nothing but level 2 does that. */
static bool is_closed(const struct evidence *e)
{
	return symptom_dp_answers(e) && !symptom_ap_answers(e) && e->now.memory == ERR_TARGET_FAULT;
}

static bool has_bad_link(const struct evidence *e)
{
	if (symptom_power_cycled(e) || symptom_drooped(e))
		return false;
	if (e->trouble.doing == DOING_ATTACH && e->link.slowed_from_khz)
		return true;
	return e->trouble.err == ERR_TARGET_NO_LINK ||
	       (symptom_failed(e) && e->now.taken && !symptom_ap_answers(e));
}

/* Every address that a load uses exists. */
static bool has_senseless_fault(const struct evidence *e)
{
	return symptom_in_load(e) && e->trouble.err == ERR_TARGET_FAULT;
}

static bool is_nrst_open(const struct evidence *e)
{
	return e->link.nrst == ATTEMPT_FAILED && symptom_ap_answers(e) &&
	       (e->trouble.doing == DOING_RESET ||
		       (e->trouble.doing == DOING_ATTACH && !symptom_failed(e)));
}

/* ---- identity ---- */

static bool has_bad_id(const struct evidence *e)
{
	return symptom_senseless_cpuid(e) || (symptom_id_changed(e) && !symptom_foreign_maker(e));
}

static bool is_foreign(const struct evidence *e)
{
	return symptom_other_core(e) || symptom_foreign_maker(e);
}

static bool is_too_big(const struct evidence *e)
{
	return e->trouble.err == ERR_FLASH_RANGE;
}

/* ---- protection ---- */

static bool concerns_flash(const struct evidence *e)
{
	enum err err = e->trouble.err;
	return !symptom_failed(e) || symptom_in_load(e) || err == ERR_TARGET_FAULT ||
	       err == ERR_FLASH_PROTECTED || err == ERR_FLASH_VERIFY;
}

static bool has_intrusion(const struct evidence *e)
{
	if (!concerns_flash(e) || e->now.flash != ERR_TARGET_FAULT)
		return false;
	bool core_shut_out = snapshot_word(&e->now, SNAPSHOT_HFSR) & HFSR_FORCED &&
			     snapshot_word(&e->now, SNAPSHOT_CFSR) & CFSR_IBUSERR;
	return symptom_rdp_level(e) == 0 || (symptom_rdp_level(e) == 1 && core_shut_out);
}

static bool is_read_protected(const struct evidence *e)
{
	return concerns_flash(e) && symptom_rdp_level(e) == 1;
}

static bool is_write_protected(const struct evidence *e)
{
	return symptom_in_load(e) && !symptom_sprmod(e) && symptom_protected(e);
}

static bool is_pcrop(const struct evidence *e)
{
	return symptom_in_load(e) && symptom_sprmod(e) &&
	       (symptom_protected(e) || snapshot_word(&e->now, SNAPSHOT_FLASH_SR) & SR_RDERR);
}

/* ---- what was there before ---- */

static bool cannot_halt(const struct evidence *e)
{
	return e->trouble.doing == DOING_HALT && e->trouble.err == ERR_TARGET_TIMEOUT &&
	       symptom_ap_answers(e) && !symptom_halted(e);
}

static bool is_erasing_itself(const struct evidence *e)
{
	return cannot_halt(e) && symptom_busy(e);
}

static bool had_stale_flags(const struct evidence *e)
{
	return !symptom_failed(e) && symptom_in_load(e) &&
	       snapshot_word(&e->before, SNAPSHOT_FLASH_SR) & SR_ERRORS;
}

static bool is_key_locked(const struct evidence *e)
{
	return e->trouble.doing == DOING_UNLOCK && symptom_failed(e) && symptom_locked(e);
}

static bool is_running(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.doing >= DOING_UNLOCK &&
	       e->trouble.doing <= DOING_ERASE && symptom_ap_answers(e) && !symptom_halted(e) &&
	       !symptom_was_reset(e) && !symptom_power_cycled(e);
}

static bool is_clock_slow(const struct evidence *e)
{
	uint32_t hz = symptom_hclk_hz(e);
	return symptom_in_load(e) && symptom_failed(e) && hz > 0 && hz < HCLK_MIN_HZ;
}

/* ---- during an operation ---- */

static bool is_stuck_busy(const struct evidence *e)
{
	return symptom_failed(e) && symptom_busy(e) && symptom_over_limit(e) && !symptom_drooped(e);
}

static bool is_stalled(const struct evidence *e)
{
	return e->trouble.err == ERR_TARGET_WAIT && symptom_in_operation(e);
}

static bool has_lost_loader(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.loader_lost && !symptom_was_reset(e);
}

static bool is_loader_damaged(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.loader_damaged;
}

static bool was_iwdg_reset(const struct evidence *e)
{
	return symptom_failed(e) && symptom_in_load(e) && symptom_reset_flag(e, CSR_IWDGRSTF) &&
	       !symptom_power_cycled(e);
}

static bool is_hardware_watchdog(const struct evidence *e)
{
	return was_iwdg_reset(e) && !(snapshot_word(&e->now, SNAPSHOT_FLASH_OPTCR) & OPTCR_WDG_SW);
}

static bool is_software_watchdog(const struct evidence *e)
{
	return was_iwdg_reset(e) ||
	       (symptom_failed(e) && symptom_in_load(e) && symptom_reset_flag(e, CSR_WWDGRSTF) &&
		       !symptom_power_cycled(e));
}

static bool is_width_too_wide(const struct evidence *e)
{
	return symptom_failed(e) && symptom_in_load(e) && !symptom_drooped(e) &&
	       !symptom_power_cycled(e) &&
	       (symptom_too_low_for_width(e) ||
		       (e->trouble.width == FLASH_X32 && symptom_pvd_low(e)));
}

static bool has_lost_power(const struct evidence *e)
{
	return symptom_failed(e) && symptom_power_cycled(e);
}

static bool has_drooped(const struct evidence *e)
{
	return symptom_failed(e) && symptom_drooped(e);
}

/* A brown-out level this high can trip at a voltage that is fine for everything else. */
static bool is_near_brown_out(const struct evidence *e)
{
	return !symptom_failed(e) && symptom_in_load(e) && e->now.vdd_mv > 0 &&
	       e->now.vdd_mv < BOR_LEVEL_3_MV && snapshot_has(&e->now, SNAPSHOT_FLASH_OPTCR) &&
	       OPTCR_BOR(snapshot_word(&e->now, SNAPSHOT_FLASH_OPTCR)) == 0;
}

static bool was_reset_from_outside(const struct evidence *e)
{
	return symptom_failed(e) && symptom_was_reset(e);
}

/* ---- after it ---- */

static bool is_not_blank(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.has_mismatch && e->trouble.wanted_blank;
}

static bool is_mismatch(const struct evidence *e)
{
	return symptom_failed(e) && e->trouble.has_mismatch;
}

static bool is_slow(const struct evidence *e)
{
	const struct trouble *trouble = &e->trouble;
	return !symptom_failed(e) && trouble->typical_ms > 0 &&
	       trouble->took_ms * 100 > trouble->typical_ms * SLOW_PERCENT;
}

static bool starts_bootloader(const struct evidence *e)
{
	uint32_t pc = snapshot_word(&e->now, SNAPSHOT_PC);
	return !symptom_failed(e) && e->trouble.doing == DOING_START && pc >= SYSTEM_MEMORY &&
	       pc < SYSTEM_END;
}

static bool is_asleep(const struct evidence *e)
{
	return !symptom_failed(e) && !symptom_in_load(e) &&
	       snapshot_word(&e->now, SNAPSHOT_DHCSR_AGAIN) & DHCSR_S_SLEEP;
}

/* ---- the rows, in decision order ---- */

#define LINK_EVIDENCE \
	"VTref {vdd}; DPIDR {dpidr}; {khz} kHz; first try: {first}; under reset: {under-reset}"

const struct cause stm32f4_causes[] = {
	{"FD35", "the probe was unplugged or lost its USB connection", "{error}",
		"plug the probe in again: it is opened, and the target attached, by itself",
		is_unplugged, RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD35", "another program or user holds the probe", "{error}",
		"end the other program, or install the udev rules if permission is missing",
		is_taken, RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD35", "the probe's firmware is too old for what was asked", "{error}",
		"update the ST-LINK firmware, or do without", is_old, RECOVERY_NONE, LOG_ERROR,
		ERR_OK},
	{"FD35", "the probe itself failed, not the target", "{error}",
		"unplug the probe and plug it in again; try another cable or port, without a hub",
		is_probe, RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD01", "the target has no power (VTref {vdd})",
		"VTref {vdd}, at least 1.65 V is needed; DPIDR {dpidr}",
		"power the board (an ST-LINK does not supply it) and check the VTref wire",
		symptom_no_power, RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD36", "the target resets continuously: {resets} resets in {watched} ms",
		"{RCC_CSR}; VTref {vdd}",
		"check regulator, VCAP capacitors and NRST; disconnect loads such as motors",
		is_resetting, RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD06", "the target is held in reset: NRST is low",
		"S_RESET_ST is set on every read ({DHCSR again}); VTref {vdd}",
		"let go of the reset button; check the NRST wire, its capacitor and the adapter "
		"for a "
		"short",
		is_held_in_reset, RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD09", "the core is in STOP and its bus has no clock", LINK_EVIDENCE,
		"connect under reset (--connect=under-reset); the debugger then keeps STOP clocked",
		is_stopped, RECOVERY_NONE, LOG_INFO, ERR_OK},
	{"FD11", "no debug access: read protection level 2, which is permanent", LINK_EVIDENCE,
		"nothing can undo level 2; use another chip", is_closed, RECOVERY_NONE, LOG_ERROR,
		ERR_OK},
	{"FD11", "no debug access: either no link at all, or read protection level 2 (permanent)",
		LINK_EVIDENCE,
		"check SWDIO, SWCLK, GND and NRST with a meter; level 2 cannot be undone", is_dead,
		RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD08", "the firmware enters Standby, which switches debugging off",
		"{PWR_CSR}: SBF; first try: {first}; under reset: {under-reset}",
		"connect under reset, as was done now; Standby stays debuggable while attached",
		was_standby, RECOVERY_NONE, LOG_WARN, ERR_OK},
	{"FD07", "the firmware switches the SWD pins off after its start", LINK_EVIDENCE,
		"load other firmware now; in it leave PA13 and PA14 at alternate function 0",
		was_pins_off, RECOVERY_NONE, LOG_WARN, ERR_OK},
	{"FD04", "the SWD link is lost or unreliable, though the target has power (VTref {vdd})",
		LINK_EVIDENCE "; {slower}",
		"reseat SWDIO, SWCLK and GND, shorten the wires, or ask for a lower --speed",
		has_bad_link, RECOVERY_SLOWER, LOG_WARN, ERR_OK},
	{"FD05", "NRST is not wired to the probe: a software reset is used instead",
		"NRST was pulled low and {DHCSR} shows no reset",
		"wire NRST, or firmware that shuts debugging off cannot be reached", is_nrst_open,
		RECOVERY_NONE, LOG_INFO, ERR_OK},
	{"FD32", "the target's identity makes no sense, or is another than at attach",
		"{CPUID}; {DBGMCU_IDCODE}, {id} at attach; DPIDR {dpidr}",
		"attach again; lower --speed; if it stays, the chip is none that is known here",
		has_bad_id, RECOVERY_NONE, LOG_WARN, ERR_TARGET_UNKNOWN},
	{"FD33", "this is no genuine STM32F4 (JEP106 {jep106})",
		"{CPUID}; {DBGMCU_IDCODE}; {PIDR1}, {PIDR2}",
		"debugging works; flash times and sectors of a clone may differ", is_foreign,
		RECOVERY_NONE, LOG_WARN, ERR_OK},
	{"FD27", "the sector map has changed since attach: DB1M is another now", "{FLASH_OPTCR}",
		"detach and attach again, so that the map is read anew", symptom_map_changed,
		RECOVERY_NONE, LOG_WARN, ERR_TARGET_STATE},
	{"FD28", "the image does not fit: it needs {image} KiB and the chip has {flash} KiB",
		"{image} KiB asked for, {flash} KiB of flash; nothing was erased",
		"build for this chip, or check the linker script's FLASH region", is_too_big,
		RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD13", "the flash is shut after the protection was changed with a debugger attached",
		"RDP level {rdp} ({FLASH_OPTCR}), yet reading the flash faults; {HFSR}; {CFSR}",
		"disconnect the probe, switch the board off and on again", has_intrusion,
		RECOVERY_NONE, LOG_WARN, ERR_FLASH_PROTECTED},
	{"FD12", "read protection level 1 is active: the flash can be neither read nor written",
		"{FLASH_OPTCR}",
		"`monitor unlock erase-everything` erases the chip and removes the protection",
		is_read_protected, RECOVERY_NONE, LOG_WARN, ERR_FLASH_PROTECTED},
	{"FD14", "{protected} write-protected; nothing was erased", "{FLASH_OPTCR}",
		"`monitor option write wrp none` removes the write protection", is_write_protected,
		RECOVERY_NONE, LOG_ERROR, ERR_FLASH_PROTECTED},
	{"FD15", "{protected} protected against read-out (PCROP); nothing was erased",
		"{FLASH_OPTCR}: SPRMOD; {FLASH_SR}",
		"only setting read protection level 1 and removing it again, which erases "
		"everything, frees them",
		is_pcrop, RECOVERY_NONE, LOG_ERROR, ERR_FLASH_PROTECTED},
	{"FD20", "the firmware is erasing or writing its own flash, and the core cannot halt",
		"{FLASH_SR}; {DHCSR}", "wait up to 4 s and halt again, or reset", is_erasing_itself,
		RECOVERY_NONE, LOG_ERROR, ERR_OK},
	{"FD20", "the core does not halt: it is stuck on a bus access", "{FLASH_SR}; {DHCSR}",
		"`monitor reset halt`; check what external memory the firmware uses", cannot_halt,
		RECOVERY_RESET, LOG_ERROR, ERR_OK},
	{"FD23", "error flags of earlier software were cleared", "before: {before-FLASH_SR}",
		"none needed", had_stale_flags, RECOVERY_NONE, LOG_DEBUG, ERR_OK},
	{"FD24", "the flash controller is locked until a reset: a wrong key was written to it",
		"{FLASH_CR}: LOCK after both keys", "reset the board, then load again",
		is_key_locked, RECOVERY_AGAIN, LOG_ERROR, ERR_OK},
	{"FD25", "the core is running while its flash is being changed",
		"{DHCSR}; {FLASH_CR}; {FLASH_SR}",
		"reset and halt first (`monitor reset halt`), then load again", is_running,
		RECOVERY_AGAIN, LOG_ERROR, ERR_OK},
	{"FD26", "the chip's clock is too slow for its flash: HCLK {hclk}",
		"{RCC_CFGR}; the flash needs 1 MHz", "`monitor reset halt`, then load again",
		is_clock_slow, RECOVERY_AGAIN, LOG_ERROR, ERR_OK},
	{"FD21", "the flash controller stays busy{at-sector}",
		"{FLASH_SR}; {took} passed, limit {limit}; VTref {vdd}, {vdd-min} at least; "
		"{reset}",
		"reset the board and load again; if it stays, check the supply: the flash may be "
		"worn or damaged",
		is_stuck_busy, RECOVERY_NARROWER, LOG_ERROR, ERR_OK},
	{"FD22", "the bus stalled because the busy flash was touched", "{FLASH_SR}; {error}",
		"load again, and report this: it is a mistake of this program", is_stalled,
		RECOVERY_AGAIN, LOG_ERROR, ERR_OK},
	{"FD19", "something overwrites the loader in RAM; a DMA stream is the likeliest",
		"the loader's code is not what was written; {RCC_AHB1ENR}; {PC}",
		"load with --no-loader, or right after a reset", is_loader_damaged, RECOVERY_AGAIN,
		LOG_ERROR, ERR_OK},
	{"FD18", "the loader in RAM was stopped by a fault or an interrupt",
		"{PC}; {ICSR}; {CFSR}; {HFSR}; {DHCSR}",
		"load again; --no-loader does without code on the chip", has_lost_loader,
		RECOVERY_AGAIN, LOG_ERROR, ERR_OK},
	{"FD02", "the supply broke down{at-sector}, and the chip was power-cycled",
		"{RCC_CSR}; {DBGMCU_CR}; VTref {vdd-first} before, {vdd-min} at least, {vdd} now",
		"charge the battery or use a bench supply, motors off; a narrower parallelism "
		"draws less",
		has_lost_power, RECOVERY_NARROWER, LOG_ERROR, ERR_OK},
	{"FD16", "the hardware watchdog reset the chip{at-sector}",
		"{RCC_CSR}; {FLASH_OPTCR}: WDG_SW=0",
		"load again; `monitor option write wdg_sw 1` starts the watchdog by software only",
		is_hardware_watchdog, RECOVERY_AGAIN, LOG_ERROR, ERR_OK},
	{"FD17", "the firmware's watchdog reset the chip{at-sector}", "{RCC_CSR}; {WWDG_CR}",
		"load again: a reset stops a watchdog that software started", is_software_watchdog,
		RECOVERY_AGAIN, LOG_ERROR, ERR_OK},
	{"FD03", "a supply of {vdd-min} does not allow flash operations at {width}",
		"VTref {vdd-first} before, {vdd-min} at least; {PWR_CSR}",
		"raise the supply above 2.7 V, or load without --vdd so that the width follows it",
		is_width_too_wide, RECOVERY_NARROWER, LOG_ERROR, ERR_OK},
	{"FD02", "the supply dropped to {vdd-min}{at-sector}",
		"VTref {vdd-first} before, {vdd-min} at least, {vdd} now; {FLASH_SR}; {reset}",
		"charge the battery or use a bench supply, motors off; a narrower parallelism "
		"draws less",
		has_drooped, RECOVERY_NARROWER, LOG_ERROR, ERR_OK},
	{"FD02", "the brown-out level is close to the supply: a small dip resets the chip",
		"VTref {vdd}; {FLASH_OPTCR}: BOR level 3 trips at up to 2.88 V",
		"raise the supply, or `monitor option write bor 2`", is_near_brown_out,
		RECOVERY_NONE, LOG_WARN, ERR_OK},
	{"FD37", "the chip was reset from outside{at-sector}", "{RCC_CSR}; {FLASH_CR}: LOCK",
		"leave the reset button alone; check the NRST wire for noise; load again",
		was_reset_from_outside, RECOVERY_AGAIN, LOG_ERROR, ERR_OK},
	{"FD29", "the flash at {address} was erased and is not blank",
		"{address}: found {found}; {FLASH_ACR}; VTref {vdd}",
		"load again at a narrower width (--vdd 2.0); if it stays, the flash is worn",
		is_not_blank, RECOVERY_NARROWER, LOG_ERROR, ERR_OK},
	{"FD30", "the flash at {address} does not hold what was written",
		"{address}: wrote {wanted}, read {found}, they differ in {xor}; VTref {vdd}",
		"load again at a narrower width (--vdd 2.0); if it is always this address, the "
		"flash "
		"is worn",
		is_mismatch, RECOVERY_NARROWER, LOG_ERROR, ERR_OK},
	{"FD04", "the SWD link is unreliable: an access failed that cannot fail", LINK_EVIDENCE,
		"reseat SWDIO, SWCLK and GND, shorten the wires, or ask for a lower --speed",
		has_senseless_fault, RECOVERY_SLOWER, LOG_WARN, ERR_OK},
	{"FD31", "erasing {sector} was slow: {took}, {typical} is typical",
		"{took} at {width}; the data sheet allows {max}; VTref {vdd}",
		"check the supply; a worn sector gets slower, too", is_slow, RECOVERY_NONE,
		LOG_WARN, ERR_OK},
	{"FD34", "the chip starts its own bootloader: BOOT0 is high",
		"{PC} after a reset; {SYSCFG_MEMRMP}",
		"take BOOT0 low: the program in flash does not start like this", starts_bootloader,
		RECOVERY_NONE, LOG_WARN, ERR_OK},
	{"FD10", "the core sleeps (WFI or WFE), which is no trouble", "{DHCSR}", "none needed",
		is_asleep, RECOVERY_NONE, LOG_DEBUG, ERR_OK},
};

const size_t stm32f4_cause_count = sizeof(stm32f4_causes) / sizeof(stm32f4_causes[0]);
