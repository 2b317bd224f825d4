/* From evidence to a report: see diagnosis.h. Pure. */
#include "diagnosis.h"

#include "evidence_text.h"
#include "evidence_values.h"
#include "symptoms.h"

#include <stdio.h>
#include <string.h>

const struct cause *diagnosis_find(const struct evidence *e, size_t *from)
{
	while (*from < stm32f4_cause_count) {
		const struct cause *cause = &stm32f4_causes[(*from)++];
		if (cause->applies(e))
			return cause;
	}
	return NULL;
}

static const struct cause unknown = {
	.code = "",
	.cause = "{error}; no known cause fits what the chip shows",
	.evidence = "VTref {vdd}; DPIDR {dpidr}; {DHCSR}; {FLASH_SR}; {RCC_CSR}",
	.remedy = "try again; if it stays, send what `monitor diagnose` says",
};

static const struct cause silent = {
	.code = "",
	.cause = "the target has power (VTref {vdd}) and does not answer on SWD",
	.evidence = "DPIDR {dpidr}; {khz} kHz; with its reset line held low: not tried yet",
	.remedy = "connect gdb, which tries that, or check SWDIO, SWCLK and GND",
};

static const struct cause healthy = {
	.code = "",
	.cause = "nothing is wrong",
	.evidence = "VTref {vdd}; DPIDR {dpidr}; {DHCSR}; {FLASH_SR}; {RCC_CSR}",
	.remedy = "",
};

void diagnosis_report(
	const struct evidence *e, const struct cause *cause, struct target_report *report)
{
	*report = (struct target_report){0};
	if (!cause)
		cause = !e->trouble.err ? &healthy : symptom_silent_so_far(e) ? &silent : &unknown;
	(void)snprintf(report->code, sizeof(report->code), "%s", cause->code);
	evidence_expand(e, cause->cause, report->cause, sizeof(report->cause));
	evidence_expand(e, cause->evidence, report->evidence, sizeof(report->evidence));
	evidence_expand(e, cause->remedy, report->remedy, sizeof(report->remedy));
	report->value_count = evidence_collect(e, cause->evidence, report->values);
	evidence_describe_flash(e, report->flash, sizeof(report->flash));
}

void diagnosis_log(const struct target_report *report, enum log_level level)
{
	log_line(level, "%s%s%s", report->code, report->code[0] ? ": " : "", report->cause);
	log_line(level, "  evidence: %s", report->evidence);
	log_line(level, "  remedy: %s", report->remedy);
	if (report->flash[0])
		log_line(level, "  flash: %s", report->flash);
}

/* ---- the catalogue, for people ---- */

size_t target_cause(size_t index, struct target_cause *cause)
{
	if (index < stm32f4_cause_count) {
		const struct cause *row = &stm32f4_causes[index];
		*cause = (struct target_cause){row->code, row->cause, row->evidence, row->remedy};
	}
	return stm32f4_cause_count;
}
