/* Symptoms: see symptoms.h. Pure. */
#include "symptoms.h"

#include "cortexm_registers.h"
#include "stm32f4_chips.h"
#include "stm32f4_registers.h"

#define POWER_MIN_MV  1650u /* DS10086 table 15: VDD */
#define DROOP_MV      150u
#define HSI_HZ        16000000u
#define LSI_KHZ       32u
#define HSE_MOST_HZ   50000000u
#define PLL_MOST_HZ   180000000u
#define CPUID_M4_MASK 0xFF0FFFF0u
#define CPUID_M4      0x410FC240u
#define PLS_OF(cr)    ((cr) >> 5 & 7)
#define PLS_2V7       6u /* the levels from here on are 2.7 V and more (DS10086 table 19) */

static uint32_t now(const struct evidence *e, enum snapshot_word word)
{
	return snapshot_word(&e->now, word);
}

static bool knows(const struct evidence *e, enum snapshot_word word)
{
	return snapshot_has(&e->now, word);
}

/* ---- the job ---- */

bool symptom_failed(const struct evidence *e)
{
	return e->trouble.err != ERR_OK;
}

bool symptom_in_load(const struct evidence *e)
{
	return e->trouble.doing >= DOING_CHECK && e->trouble.doing <= DOING_VERIFY;
}

bool symptom_in_operation(const struct evidence *e)
{
	return e->trouble.doing == DOING_ERASE || e->trouble.doing == DOING_WRITE;
}

bool symptom_over_limit(const struct evidence *e)
{
	return e->trouble.limit_ms > 0 && e->trouble.took_ms >= e->trouble.limit_ms;
}

/* ---- supply ---- */

bool symptom_no_power(const struct evidence *e)
{
	return e->trouble.err == ERR_TARGET_POWER ||
	       (e->now.vdd_mv > 0 && e->now.vdd_mv < POWER_MIN_MV && !symptom_ap_answers(e));
}

/* The widest that this voltage allows. */
static enum flash_width width_at(const struct evidence *e, unsigned mv)
{
	const struct family *family = e->device->family;
	return family ? family->width(mv) : FLASH_X8;
}

bool symptom_drooped(const struct evidence *e)
{
	const struct trouble *trouble = &e->trouble;
	if (!trouble->vdd_first_mv || !trouble->vdd_min_mv)
		return false;
	return trouble->vdd_first_mv > trouble->vdd_min_mv + DROOP_MV ||
	       width_at(e, trouble->vdd_min_mv) < width_at(e, trouble->vdd_first_mv);
}

/* Attaching sets three bits of DBGMCU_CR that only a loss of power takes away, or firmware that
 * runs; in a load none does, but after a loss of power it may have cleared the flags. */
bool symptom_power_cycled(const struct evidence *e)
{
	return e->link.was_attached && knows(e, SNAPSHOT_DBGMCU_CR) &&
	       (now(e, SNAPSHOT_DBGMCU_CR) & DBGMCU_CR_LOW_POWER) == 0 &&
	       (symptom_reset_flag(e, CSR_BORRSTF | CSR_PORRSTF) || symptom_canary_is_gone(e) ||
		       symptom_in_load(e));
}

static unsigned least_mv(const struct evidence *e)
{
	unsigned mv = e->now.vdd_mv;
	if (e->trouble.vdd_min_mv && (!mv || e->trouble.vdd_min_mv < mv))
		mv = e->trouble.vdd_min_mv;
	return mv;
}

bool symptom_too_low_for_width(const struct evidence *e)
{
	unsigned mv = least_mv(e);
	return mv > 0 && width_at(e, mv) < e->trouble.width;
}

bool symptom_pvd_low(const struct evidence *e)
{
	uint32_t cr = now(e, SNAPSHOT_PWR_CR);
	return cr & PWR_CR_PVDE && PLS_OF(cr) < PLS_2V7 && now(e, SNAPSHOT_PWR_CSR) & PWR_CSR_PVDO;
}

/* ---- link ---- */

bool symptom_dp_answers(const struct evidence *e)
{
	return e->now.taken && e->now.plugged && !e->now.link;
}

bool symptom_ap_answers(const struct evidence *e)
{
	return knows(e, SNAPSHOT_DHCSR) || knows(e, SNAPSHOT_DHCSR_AGAIN);
}

bool symptom_ap_waits(const struct evidence *e)
{
	return symptom_dp_answers(e) && !symptom_ap_answers(e) && e->now.memory == ERR_TARGET_WAIT;
}

bool symptom_silent_so_far(const struct evidence *e)
{
	return e->trouble.doing == DOING_ATTACH && e->trouble.err == ERR_TARGET_NO_LINK &&
	       e->link.only_asked;
}

/* ---- core and resets ---- */

bool symptom_held_in_reset(const struct evidence *e)
{
	return now(e, SNAPSHOT_DHCSR_AGAIN) & DHCSR_S_RESET_ST;
}

/* The load has made none itself since it looked; firmware that runs may have cleared the flags. */
bool symptom_was_reset(const struct evidence *e)
{
	return symptom_new_reset_flag(e, CSR_RESET_FLAGS) ||
	       (e->trouble.flags_known && symptom_in_load(e) &&
		       now(e, SNAPSHOT_DHCSR) & DHCSR_S_RESET_ST);
}

bool symptom_halted(const struct evidence *e)
{
	return now(e, SNAPSHOT_DHCSR_AGAIN) & DHCSR_S_HALT;
}

bool symptom_reset_flag(const struct evidence *e, uint32_t rcc_csr_flags)
{
	return now(e, SNAPSHOT_RCC_CSR) & rcc_csr_flags;
}

bool symptom_new_reset_flag(const struct evidence *e, uint32_t rcc_csr_flags)
{
	return e->trouble.flags_known &&
	       symptom_reset_flag(e, rcc_csr_flags & ~e->trouble.flags_before);
}

/* Every reset pulls NRST low, too, and the debug settings survive all but a loss of power. */
uint32_t symptom_reset_causes(const struct evidence *e)
{
	uint32_t flags = now(e, SNAPSHOT_RCC_CSR) & CSR_RESET_FLAGS;
	uint32_t fresh = flags & ~e->trouble.flags_before;
	if (fresh & ~CSR_PINRSTF)
		return fresh & ~CSR_PINRSTF;
	if (fresh)
		return fresh;
	return symptom_power_cycled(e) ? flags & CSR_POWER_FLAGS : flags & ~CSR_POWER_FLAGS;
}

bool symptom_canary_lives(const struct evidence *e)
{
	return e->trouble.canary && knows(e, SNAPSHOT_CANARY) &&
	       now(e, SNAPSHOT_CANARY) == CANARY_WORD;
}

bool symptom_canary_is_gone(const struct evidence *e)
{
	return e->trouble.canary && knows(e, SNAPSHOT_CANARY) &&
	       now(e, SNAPSHOT_CANARY) != CANARY_WORD;
}

/* ---- identity ---- */

static bool is_arm(uint32_t cpuid)
{
	return (cpuid & CPUID_IMPLEMENTER_MASK) == CPUID_IMPLEMENTER_ARM;
}

bool symptom_senseless_cpuid(const struct evidence *e)
{
	return knows(e, SNAPSHOT_CPUID) && !is_arm(now(e, SNAPSHOT_CPUID));
}

bool symptom_other_core(const struct evidence *e)
{
	uint32_t cpuid = now(e, SNAPSHOT_CPUID);
	return knows(e, SNAPSHOT_CPUID) && is_arm(cpuid) && (cpuid & CPUID_M4_MASK) != CPUID_M4;
}

bool symptom_foreign_maker(const struct evidence *e)
{
	if (!knows(e, SNAPSHOT_PIDR1) || !knows(e, SNAPSHOT_PIDR2))
		return false;
	return JEP106_OF(now(e, SNAPSHOT_PIDR1), now(e, SNAPSHOT_PIDR2)) != JEP106_ST;
}

bool symptom_id_changed(const struct evidence *e)
{
	if (!knows(e, SNAPSHOT_IDCODE) || symptom_held_in_reset(e))
		return false;
	uint32_t id = now(e, SNAPSHOT_IDCODE);
	if (!e->device->family)
		return !stm32f4_find_chip(id & 0xFFF) && !symptom_other_core(e);
	return id != e->device->id;
}

/* Chips of 1 MiB can be one bank or two, as OPTCR.DB1M says; the map was made at attach. */
bool symptom_map_changed(const struct evidence *e)
{
	const struct stm32f4_chip *chip = e->device->row;
	if (!e->device->family || !chip->has_bank2 || e->device->flash_size != 1024 * 1024 ||
		!knows(e, SNAPSHOT_FLASH_OPTCR))
		return false;
	const struct flash_sector *last = &e->device->sectors[e->device->sector_count - 1];
	bool two_banks = last->number != last->code;
	return two_banks != ((now(e, SNAPSHOT_FLASH_OPTCR) & OPTCR_DB1M) != 0);
}

/* ---- flash controller ---- */

bool symptom_busy(const struct evidence *e)
{
	return now(e, SNAPSHOT_FLASH_SR) & SR_BSY;
}

bool symptom_locked(const struct evidence *e)
{
	return now(e, SNAPSHOT_FLASH_CR) & CR_LOCK;
}

unsigned symptom_rdp_level(const struct evidence *e)
{
	uint32_t rdp = OPTCR_RDP(now(e, SNAPSHOT_FLASH_OPTCR));
	if (!knows(e, SNAPSHOT_FLASH_OPTCR) || rdp == RDP_LEVEL_0)
		return 0;
	return rdp == RDP_LEVEL_2 ? 2 : 1;
}

bool symptom_sprmod(const struct evidence *e)
{
	const struct stm32f4_chip *chip = e->device->row;
	return e->device->family && chip->has_pcrop && now(e, SNAPSHOT_FLASH_OPTCR) & OPTCR_SPRMOD;
}

uint32_t symptom_protected(const struct evidence *e)
{
	const uint32_t optcr[2] = {now(e, SNAPSHOT_FLASH_OPTCR), now(e, SNAPSHOT_FLASH_OPTCR1)};
	uint32_t bits = 0;
	if (!e->device->family || !knows(e, SNAPSHOT_FLASH_OPTCR1))
		return 0;
	for (size_t i = 0; i < e->device->sector_count; i++) {
		unsigned number = e->device->sectors[i].number;
		if (e->trouble.sectors >> i & 1 &&
			stm32f4_nwrp(e->device->row, number, optcr) == symptom_sprmod(e))
			bits |= 1u << i;
	}
	return bits;
}

bool symptom_knows_watchdog_before(const struct evidence *e)
{
	return snapshot_has(&e->before, SNAPSHOT_IWDG_RLR);
}

/* RM0090 21.3.3. */
unsigned symptom_watchdog_ms(const struct evidence *e)
{
	const struct snapshot *snapshot = symptom_knows_watchdog_before(e) ? &e->before : &e->now;
	uint32_t prescaler = snapshot_word(snapshot, SNAPSHOT_IWDG_PR) & 7;
	uint32_t reload = snapshot_word(snapshot, SNAPSHOT_IWDG_RLR) & IWDG_RLR_MOST;
	if (!snapshot_has(snapshot, SNAPSHOT_IWDG_RLR))
		return 0;
	prescaler = prescaler < IWDG_PR_MOST ? prescaler : IWDG_PR_MOST;
	return (4u << prescaler) * (reload + 1) / LSI_KHZ;
}

uint32_t symptom_hclk_hz(const struct evidence *e)
{
	static const uint32_t sources_hz[] = {HSI_HZ, HSE_MOST_HZ, PLL_MOST_HZ, PLL_MOST_HZ};
	static const uint16_t dividers[] = {2, 4, 8, 16, 64, 128, 256, 512};
	uint32_t cfgr = now(e, SNAPSHOT_RCC_CFGR), hpre = CFGR_HPRE(cfgr);
	if (!knows(e, SNAPSHOT_RCC_CFGR))
		return 0;
	return sources_hz[CFGR_SWS(cfgr)] / (hpre & 8 ? dividers[hpre & 7] : 1);
}
