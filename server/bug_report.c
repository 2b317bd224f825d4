/* The bug report. Worker thread; blocks for the disk. */
#include "bug_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "probe/log.h"
#include "server/journal.h"
#include "targets/target.h"

static void write_printable(FILE *file, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] >= ' ' && data[i] <= '~' && data[i] != '\\')
			fputc(data[i], file);
		else
			fprintf(file, "\\x%02x", data[i]);
	}
}

static void write_hex(FILE *file, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		fprintf(file, "%02x", data[i]);
}

static void write_record(FILE *file, const struct journal_record *record, uint64_t now_us)
{
	uint64_t ago_us = now_us - record->time_us;

	fprintf(file, "-%" PRIu64 ".%06" PRIu64 " %c ", ago_us / 1000000, ago_us % 1000000,
		record->kind);
	if (record->kind == BUG_REPORT_PROBE)
		write_hex(file, record->data, record->size);
	else
		write_printable(file, record->data, record->size);
	if (record->whole > record->size)
		fprintf(file, " (cut: %zu bytes)", record->whole);
	fputc('\n', file);
}

/* Both protocols in the order of time. */
static enum err write_records(FILE *file, const struct bug_report *report)
{
	struct journal_reader *readers = calloc(2, sizeof(*readers));
	bool more[2];

	if (!readers)
		return ERR_NO_MEMORY;
	journal_read(&readers[0], report->packets);
	journal_read(&readers[1], report->exchanges);
	for (int i = 0; i < 2; i++)
		more[i] = journal_next(&readers[i]);
	while (more[0] || more[1]) {
		int next = !more[0] ||
			   (more[1] && readers[1].record.time_us < readers[0].record.time_us);
		write_record(file, &readers[next].record, report->now_us);
		more[next] = journal_next(&readers[next]);
	}
	free(readers);
	return ERR_OK;
}

static void write_head(FILE *file, const struct bug_report *report)
{
	const struct target_identity *identity = target_identity(report->target);
	struct utsname system = {0};

	(void)uname(&system);
	fprintf(file, "stlink-gdb %s\n", report->version ? report->version : "");
	fprintf(file, "command: %s\n", report->command_line ? report->command_line : "");
	fprintf(file, "system: %s %s %s\n", system.sysname, system.release, system.machine);
	fprintf(file, "probe: %s\n", report->probe);
	fprintf(file, "target: %s, device id 0x%08" PRIx32 ", CPUID 0x%08" PRIx32 "\n",
		identity->chip, identity->device_id, identity->cpuid);
	fprintf(file, "flash: %" PRIu32 " KiB; %u mV; SWD at %u kHz\n",
		identity->flash_bytes / 1024, identity->vdd_mv, identity->speed_khz);
	fprintf(file, "\nBelow is what was read from and written to the target: look through it "
		      "before you\npass it on. Seconds ago; < from gdb, > to gdb, u the probe: "
		      "command, data phase\n(00 none, 01 in, 02 out), error, microseconds as "
		      "32 bits, data.\n\n");
}

static enum err fail(const char *path, int error)
{
	log_error("cannot write the bug report %s: %s", path, strerror(error));
	return ERR_IO;
}

enum err bug_report_write(const struct bug_report *report, char *path, size_t size)
{
	const char *folder = getenv("TMPDIR");

	(void)snprintf(path, size, "%s/stlink-gdb-report-XXXXXX.txt", folder ? folder : "/tmp");
	int fd = mkstemps(path, (int)strlen(".txt"));
	if (fd < 0)
		return fail(path, errno);
	FILE *file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		return fail(path, errno);
	}
	write_head(file, report);
	enum err err = write_records(file, report);
	bool failed = ferror(file);
	if (fclose(file) || failed)
		return fail(path, errno);
	return err;
}
