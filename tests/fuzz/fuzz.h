/* What every harness begins with: the entry that libFuzzer calls, what it insists on, and a way to
 * read the input piece by piece. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The name is the fuzzer's choice. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static inline void require(bool condition)
{
	if (!condition)
		abort();
}

/* What is left of the input; behind its end are zeros. */
struct input {
	const uint8_t *bytes;
	size_t size;
};

static inline uint8_t input_byte(struct input *input)
{
	if (!input->size)
		return 0;
	input->size--;
	return *input->bytes++;
}

static inline uint32_t input_word(struct input *input)
{
	uint32_t value = 0;
	for (int i = 0; i < 4; i++)
		value = value << 8 | input_byte(input);
	return value;
}

#endif
