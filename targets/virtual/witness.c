/* What was read of the chip's registers. See the header. */
#include "witness.h"

#define FIRST_ADDRESS 0x40000000u /* of peripherals; below is memory */

void witness_forget(struct witness *witness)
{
	*witness = (struct witness){.count = 0};
}

void witness_note(struct witness *witness, uint32_t address, uint32_t value)
{
	struct sight *place = &witness->sights[0];
	if (address < FIRST_ADDRESS)
		return;
	for (size_t i = 0; i < WITNESS_SIGHTS; i++) {
		struct sight *sight = &witness->sights[i];
		if (sight->order && sight->address == address && sight->value == value) {
			place = sight;
			break;
		}
		if (sight->order < place->order)
			place = sight;
	}
	*place = (struct sight){address, value, ++witness->count};
}

size_t witness_values(
	const struct witness *witness, uint32_t address, uint32_t values[WITNESS_SIGHTS])
{
	size_t count = 0;
	for (size_t i = 0; i < WITNESS_SIGHTS; i++)
		if (witness->sights[i].order && witness->sights[i].address == address)
			values[count++] = witness->sights[i].value;
	return count;
}
