/* Firmware that makes semihosting calls, on a desk. */
#include "semihosting_rig.h"

#include <string.h>

#include "probe/bytes.h"
#include "tests/prelude.h"

static uint8_t *ram(struct desk *desk, uint32_t address)
{
	return desk->target->ram + (address - FAKE_RAM_START);
}

int rig_set_up(void **state)
{
	desk_set_up(state);
	struct desk *desk = *state;
	rig_put(desk, RIG_PC, "\xab\xbe");
	desk_join(desk, 1);
	desk_packet(desk, 1, "vCont;c");
	return 0;
}

void rig_put(struct desk *desk, uint32_t address, const char *text)
{
	memcpy(ram(desk, address), text, strlen(text) + 1);
}

void rig_put_words(struct desk *desk, uint32_t address, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_le32(ram(desk, address + 4 * (uint32_t)i), words[i]);
}

uint32_t rig_word(struct desk *desk, uint32_t address)
{
	return get_le32(ram(desk, address));
}

const char *rig_text(struct desk *desk, uint32_t address)
{
	return (const char *)ram(desk, address);
}

void rig_call(struct desk *desk, uint32_t number, uint32_t argument)
{
	struct target *target = desk->target;

	assert_true(target->running);
	target->registers[0] = number;
	target->registers[1] = argument;
	target->registers[TARGET_PC] = RIG_PC;
	target->running = false;
	target->reason = TARGET_STOP_BREAKPOINT;
	desk_run(desk, 5000);
}

void rig_call_block(struct desk *desk, uint32_t number, const uint32_t *words, size_t count)
{
	rig_put_words(desk, RIG_BLOCK, words, count);
	rig_call(desk, number, RIG_BLOCK);
}

void rig_expect_result(struct desk *desk, uint32_t result)
{
	assert_true(desk->target->running);
	assert_int_equal(desk->target->registers[0], result);
	assert_int_equal(desk->target->registers[TARGET_PC], RIG_PC + 2);
}
