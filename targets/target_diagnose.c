/* What is wrong with an attached target: that part of target.h. Worker thread. */
#include "target_private.h"

enum err target_check_chip(struct target *target)
{
	if (!device_is_stranger(&target->device))
		return ERR_OK;
	examiner_begin(&target->examiner, DOING_CHECK);
	(void)examiner_fail(&target->examiner, ERR_TARGET_UNKNOWN);
	return ERR_TARGET_UNKNOWN;
}

bool target_diagnose(struct target *target, struct target_report *report)
{
	return examiner_look(&target->examiner, report);
}

const struct target_report *target_explain_loss(struct target *target, enum err err)
{
	examiner_begin(&target->examiner, DOING_RUN);
	(void)examiner_fail(&target->examiner, err);
	return &target->examiner.failure;
}

bool target_explain_reset(struct target *target, struct target_report *report)
{
	const struct family *family = target->device.family;
	uint32_t flags = target->reset_flags;
	if (!family || !examiner_explain_reset(&target->examiner, flags, report))
		return false;
	flags = snapshot_word(&target->examiner.evidence.now, SNAPSHOT_RCC_CSR);
	target->reset_flags = flags & family->reset_flags;
	return true;
}

const struct target_report *target_last_failure(const struct target *target)
{
	return target->examiner.has_failure ? &target->examiner.failure : NULL;
}
