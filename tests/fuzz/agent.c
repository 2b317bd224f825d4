/*
 * Any bytes at all for the agent's machine: it ends, stays within its limits, says the same when
 * it is asked again, and what the check let pass has no fault that the check is there for.
 */
#include "server/gdb/agent.h"
#include "fuzz.h"

struct world {
	const uint8_t *bytes; /* the memory of the target is the code, over and over */
	size_t size, reads, prints;
	uint32_t sum; /* of what was printed */
};

static enum err read_register(void *context, unsigned number, uint64_t *value)
{
	(void)context;
	*value = UINT64_C(0x0123456789abcdef) * number;
	return number < 49 ? ERR_OK : ERR_ARGUMENT;
}

static enum err read_memory(void *context, uint32_t address, void *data, size_t size)
{
	struct world *world = context;

	world->reads++;
	require(size <= AGENT_PRINT_MAX);
	if (address >= 0xf0000000)
		return ERR_TARGET_FAULT;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)data)[i] = world->bytes[(address + i) % world->size];
	return ERR_OK;
}

static void print(void *context, const char *text, size_t size)
{
	struct world *world = context;

	world->prints++;
	require(size <= AGENT_PRINT_MAX);
	for (size_t i = 0; i < size; i++)
		world->sum = 31 * world->sum + (uint8_t)text[i];
}

static bool is_late(void *context)
{
	(void)context;
	return false;
}

static enum agent_fault run(struct world *world, const uint8_t *bytes, size_t size, int64_t *value)
{
	const struct agent agent = {world, read_register, read_memory, print, is_late};

	*world = (struct world){.bytes = bytes, .size = size};
	return agent_run(&agent, bytes, size, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct world first, second;
	int64_t value, again;

	enum agent_fault checked = agent_check(bytes, size);
	if (!size) {
		require(checked == AGENT_EMPTY);
		return 0;
	}
	enum agent_fault fault = run(&first, bytes, size, &value);
	require(checked ? fault == checked : fault == AGENT_GOOD || fault > AGENT_FORMAT);
	require(!fault || !value);
	require(!checked || (!first.reads && !first.prints));
	require(first.prints <= AGENT_PRINTS_MAX);
	require(first.reads <=
		AGENT_READS_MAX + AGENT_PRINTS_MAX * (AGENT_STACK_MAX + AGENT_PRINT_MAX / 64 + 1));
	require(run(&second, bytes, size, &again) == fault);
	require(again == value && second.reads == first.reads && second.sum == first.sum);
	return 0;
}
