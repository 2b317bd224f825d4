/* Writers come from thread mode and from every exception: an entry is written with interrupts off.
 */
#include "log.h"

#include "cpu.h"
#include "ticks.h"

struct log flight_log;

void log_write(const char *text, uint32_t value)
{
	uint32_t primask = cpu_mask_interrupts();
	struct log_entry *entry = &flight_log.entry[flight_log.written % LOG_ENTRIES];

	*entry = (struct log_entry){.tick = ticks, .value = value, .text = text};
	flight_log.written++;
	cpu_unmask_interrupts(primask);
}
