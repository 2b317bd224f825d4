/*
 * An attached target: one Cortex-M core with its chip, behind one probe.
 *
 * This is all that server/gdb knows of the hardware. Every function runs on the worker thread of
 * the board and blocks for USB only; none waits for the firmware to do something, except the short
 * bounded waits that a comment names. Addresses are the target's, sizes are bytes. Errors are those
 * of err.h; the finder has logged the facts.
 */
#ifndef TARGETS_TARGET_H
#define TARGETS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/err.h"

struct probe;
struct target;

/* ---- attach and leave ---- */

enum target_connect {
	TARGET_CONNECT_NORMAL, /* whatever the core is doing, it goes on */
	TARGET_CONNECT_AUTO,   /* so, too; a target that does not answer is halted, then reset */
	TARGET_CONNECT_HALT,   /* and then it is halted */
	TARGET_CONNECT_UNDER_RESET, /* NRST low while the debug port is entered; halts at the reset
				       vector */
};

/* A load erases and writes by turns, so that is one phase. */
enum target_phase { TARGET_CHECKING, TARGET_WRITING, TARGET_VERIFYING };

struct target_progress {
	enum target_phase phase;
	uint32_t done, total;      /* of this phase, in expected milliseconds */
	unsigned sectors_to_erase; /* in all of the load; known from TARGET_WRITING on */
	size_t bytes_to_write;
};

struct target_report;

/* What the target calls while it works. Any of them may be NULL. */
struct target_hooks {
	void *context;
	/* A long job got further. At least once a phase, at the start and at the end. */
	void (*progress)(void *context, const struct target_progress *progress);
	/* Called between the blocks of a long job; true cancels it (ERR_CANCELLED). May read memory
	 * through this header, and nothing else. */
	bool (*yield)(void *context);
	/* A cause was found, and logged; of a failure, or of something to remark. */
	void (*diagnosed)(void *context, const struct target_report *report);
};

/* Addresses [start, start + size). */
struct target_range {
	uint32_t start, size;
};

#define TARGET_KEEP_MAX 8

/* How the core is left. */
enum target_exit { TARGET_EXIT_RUN, TARGET_EXIT_HALT, TARGET_EXIT_RESET };

#define TARGET_ON_HALT_MAX 16

/* A word that is written when the core halts, and gets its old value back when it is let go: what
 * makes a bench safe while nobody controls its motors. */
struct target_on_halt {
	uint32_t address, value;
};

struct target_options {
	enum target_connect connect;
	enum target_exit on_exit;
	bool freeze_timers; /* while the core is halted; the watchdogs are, in any case */
	struct target_on_halt on_halt[TARGET_ON_HALT_MAX];
	size_t on_halt_count;
	unsigned speed_khz; /* SWD clock at most; 0: the probe's default */
	unsigned vdd_mv;    /* the target's voltage, for those who know better; 0: ask the probe */
	const char *chip; /* one of target_chip_name(): what a strange chip is like; NULL: ask it */
	bool keep_unwritten; /* bytes of an erased sector that a load does not bring are put back */
	bool no_loader;      /* write the flash without a loader in RAM; slower */
	bool no_reset;  /* a load resets nothing and uses no RAM; the core stays where it is halted
			 */
	bool interlock; /* no load leaves vectors that start a mixture: one more sector is erased */
	struct target_range keep[TARGET_KEEP_MAX]; /* a load that would change these is refused */
	unsigned keep_count;
	struct target_hooks hooks;
};

/* `probe` is used, not owned, and must outlive the target. Touches nothing. */
enum err target_create(
	struct probe *probe, const struct target_options *options, struct target **target) MUST_USE;

/* Frees. Does not touch the hardware: call target_detach first. NULL is allowed. */
void target_destroy(struct target *target);

/* Connects SWD, identifies core and chip, saves what it will have to restore. Neither halts nor
 * resets, unless that was asked for or (TARGET_CONNECT_AUTO) nothing else helps, which is said
 * first; may then wait 10 s for somebody to press a button. A failure is diagnosed. A chip that is
 * not known, or that somebody else makes, is no error: it can be debugged, its flash is refused
 * unless the options name it. Errors: ERR_TARGET_POWER, _NO_LINK, _WAIT, ERR_USB_*. */
enum err target_attach(struct target *target) MUST_USE;

/* The same, whatever the options say: neither halts nor resets, and waits for nobody. At the start
 * of the server, and after the link was lost. */
enum err target_reattach(struct target *target) MUST_USE;

/* The probe was lost, and `probe` is a new connection to it: from now on that is used. The target
 * is not attached then; what it knows of its flash and of a load that was cut short stays. */
void target_set_probe(struct target *target, struct probe *probe);

/* How later attaches connect; returns how they did so far. */
enum target_connect target_set_connect(struct target *target, enum target_connect connect);

/* Takes all breakpoints and watchpoints away, restores what attach saved, and leaves the core as
 * on_exit says, unless the flash holds an incomplete load, or another program than the one in whose
 * midst the core stands: then it stays halted and the log says so. Leaves SWD. */
enum err target_detach(struct target *target) MUST_USE;

struct target_identity {
	char chip[32];        /* "STM32F401xB/C", or "Cortex-M, CPUID 410FC241" */
	uint32_t cpuid;       /* SCB CPUID */
	uint32_t device_id;   /* DBGMCU_IDCODE; 0 unknown */
	uint32_t flash_bytes; /* 0 unknown */
	unsigned vdd_mv;      /* at attach; 0 unknown */
	unsigned speed_khz;   /* the SWD clock in use */
	bool has_fpu;
	unsigned breakpoints; /* hardware comparators for code */
	bool nrst_open;       /* it was pulled low to attach, and nothing happened */
};

const struct target_identity *target_identity(const struct target *target);

/* The chips that are known: "STM32F401xB/C"; NULL behind the last. */
const char *target_chip_name(size_t index);

/* The target's voltage in millivolts, measured now; 0 when the probe cannot tell. */
enum err target_read_voltage(struct target *target, unsigned *millivolts) MUST_USE;

/* Changes the SWD clock to at most `khz`, at once and for later attaches; the identity then tells
 * the clock in use. Errors: ERR_UNSUPPORTED (slower than the probe can go). */
enum err target_set_speed(struct target *target, unsigned khz) MUST_USE;

/* ---- option bytes; the core should be halted ---- */

#define TARGET_OPTIONS_MAX 8

struct target_option {
	const char *name, *help;
	const char *takes; /* what target_write_option takes for it */
	char value[48];
};

/* Errors: ERR_UNSUPPORTED (unknown chip; logged). */
enum err target_read_options(struct target *target,
	struct target_option options[TARGET_OPTIONS_MAX], size_t *count) MUST_USE;

/* Writes one option and checks that it stands; up to 2 s. It is in force after a reset, read
 * protection after the next power-on. Errors, logged: ERR_ARGUMENT; ERR_FLASH_PROTECTED (never to
 * be done, or not like this); ERR_FLASH_PROGRAM. */
enum err target_write_option(struct target *target, const char *name, const char *value) MUST_USE;

/* Takes read protection level 1 away. ERASES THE WHOLE FLASH. Up to 50 s on the largest chips; the
 * core is reset and halted. Errors: ERR_FLASH_PROTECTED (level 2), ERR_FLASH_*, ERR_TARGET_*. */
enum err target_unlock(struct target *target) MUST_USE;

/* ---- what is wrong ---- */

enum target_severity { TARGET_ERROR, TARGET_WARNING, TARGET_REMARK };

#define TARGET_EVIDENCE_MAX 12

/* A register or a measured value, as a program wants it. */
struct target_evidence {
	char name[24]; /* "FLASH_SR", "vdd_mv", "took_ms" */
	enum { TARGET_VALUE_NUMBER, TARGET_VALUE_WORD, TARGET_VALUE_TEXT } kind;
	uint32_t value; /* of a number, or of a word that people read in hexadecimal */
	char text[80];
};

/* One cause, in words. Empty strings where there is nothing to say. */
struct target_report {
	enum target_severity severity;
	char code[8];       /* "FD14", stable; "": no known cause */
	char cause[200];    /* one line */
	char evidence[500]; /* registers and measured values */
	char remedy[240];   /* one line */
	char flash[300];    /* what the flash holds now, when a load failed */
	struct target_evidence values[TARGET_EVIDENCE_MAX]; /* the evidence once more */
	size_t value_count;
};

/* Looks at everything that tells what is wrong, and changes nothing; the core may be running, or
 * not be reachable at all. True, and *report, when something is, or is worth a remark. */
bool target_diagnose(struct target *target, struct target_report *report);

/* While the firmware runs, or stands still, the target went out of reach with `err`: looks why, for
 * at most half a second; logs and keeps it. */
const struct target_report *target_explain_loss(struct target *target, enum err err);

/* The chip was reset, and not by the debugger: tells by what, as its flags have it. False: they
 * could not be read. Logs it. */
bool target_explain_reset(struct target *target, struct target_report *report);

/* Why the last load, attach, halt or reset failed: logged when it did. NULL: none has, since the
 * last that went well. Valid until the next such call. */
const struct target_report *target_last_failure(const struct target *target);

/* A row of the catalogue of causes; {name} in a text stands for a measured value. */
struct target_cause {
	const char *code, *cause, *evidence, *remedy;
};

/* Fills *cause with row `index`, if there is one; returns how many there are. */
size_t target_cause(size_t index, struct target_cause *cause);

/* ---- run control ---- */

enum target_run_state { TARGET_RUNNING, TARGET_HALTED, TARGET_LOCKED_UP, TARGET_IN_RESET };

enum target_stop_reason {
	TARGET_STOP_REQUEST, /* halted by us or found halted */
	TARGET_STOP_STEP,
	TARGET_STOP_BREAKPOINT, /* FPB comparator or BKPT instruction */
	TARGET_STOP_WATCHPOINT,
	TARGET_STOP_VECTOR_CATCH, /* reset or fault */
	TARGET_STOP_EXTERNAL,
};

enum target_watch { TARGET_WATCH_WRITE, TARGET_WATCH_READ, TARGET_WATCH_ACCESS };

struct target_status {
	enum target_run_state state;
	enum target_stop_reason reason; /* when halted */
	bool was_reset;                 /* the core was reset since the last poll, not by us */
	bool watched; /* TARGET_STOP_WATCHPOINT, by one that was added here: of this ... */
	enum target_watch watch; /* ... kind ... */
	uint32_t watch_address;  /* ... and starting here */
};

/* One look at the core; two USB transfers while it runs, and two or four more when it has stopped.
 */
enum err target_poll(struct target *target, struct target_status *status) MUST_USE;

/* The stop that the core is at, as it was found; costs nothing. Meaningless while it runs. */
void target_get_stop(const struct target *target, struct target_status *status);

/* Halts the core; waits up to 100 ms for it. Halted already is fine. target_get_stop() then tells
 * if something else has stopped it just before. */
enum err target_halt(struct target *target) MUST_USE;

/* Lets the core run, from a breakpoint too (it is stepped over first, interrupts masked). */
enum err target_resume(struct target *target) MUST_USE;

/* Executes one instruction; waits up to 100 ms. The core is halted after. Interrupts are masked, so
 * that the step does not end in a handler; those that wait run first, at full speed (up to 100 ms:
 * where they switch to another thread for longer, the core is halted there).
 * WFI and WFE count as done when the core sleeps. A load-exclusive is run through to the end of
 * its sequence, which would never succeed in steps. */
enum err target_step(struct target *target) MUST_USE;

/* Steps while the pc is in [start, end), and at least once. Where all ways out of the range are
 * known and enough comparators are free, the core is let run to them and this returns at once:
 * *running, and target_poll() tells the end, as TARGET_STOP_STEP; the same where a handler has
 * switched to another thread. Else one step was made; the caller asks the pc whether to go on.
 * Interrupt handlers run at full speed meanwhile. */
enum err target_step_range(
	struct target *target, uint32_t start, uint32_t end, bool *running) MUST_USE;

/* Whether a step may enter an interrupt handler (false at first). */
void target_let_steps_in(struct target *target, bool let);

/* Resets the whole chip (SYSRESETREQ, or NRST where that does not work) and waits up to 1 s. With
 * `halt` the core is then halted before its first instruction; breakpoints stay set. */
enum err target_reset(struct target *target, bool halt) MUST_USE;

/* ---- registers; the core must be halted ---- */

enum target_register {
	TARGET_R0 = 0, /* ... r12 = 12 */
	TARGET_SP = 13,
	TARGET_LR = 14,
	TARGET_PC = 15,
	TARGET_XPSR,
	TARGET_MSP,
	TARGET_PSP,
	TARGET_PRIMASK,
	TARGET_BASEPRI,
	TARGET_FAULTMASK,
	TARGET_CONTROL,
	TARGET_FPSCR,
	TARGET_S0, /* ... S31 */
	TARGET_REGISTER_COUNT = TARGET_S0 + 32,
};

/* Read once per stop and kept. Errors: ERR_TARGET_STATE (running), ERR_UNSUPPORTED (no FPU). */
enum err target_read_register(
	struct target *target, enum target_register which, uint32_t *value) MUST_USE;
enum err target_write_register(
	struct target *target, enum target_register which, uint32_t value) MUST_USE;

/* For a core that calls its debugger again and again. */

/* Reads some of r0-r15 (bit n: rn) ahead without the others; and what target_read_once() is likely
 * to be asked for, where that is plain memory and the probe brings it along. */
enum err target_fetch(struct target *target, uint32_t registers, const struct target_range *ranges,
	size_t count) MUST_USE;

#define TARGET_TEXT_BYTES 64

struct target_text {
	uint32_t address;
	size_t size; /* at most TARGET_TEXT_BYTES */
	bool read;
	uint8_t bytes[TARGET_TEXT_BYTES];
};

/* Reads plain memory now, or with what lets the core go, before that runs: text->read tells. `text`
 * stays where it is until then. Errors: ERR_UNSUPPORTED: it is no plain memory, or another text is
 * to be read yet. */
enum err target_read_soon(struct target *target, struct target_text *text) MUST_USE;

/* Does what is to be done before the core is let go. */
enum err target_settle(struct target *target) MUST_USE;

/* As target_write_register(), for one of r0-r12, lr and pc, but it may be that nothing is written
 * before the core is let go, and nothing fails before then. */
enum err target_write_register_soon(
	struct target *target, enum target_register which, uint32_t value) MUST_USE;

/* ---- memory; the core may be running ---- */

enum target_region_kind { TARGET_RAM, TARGET_FLASH, TARGET_ROM };

struct target_region {
	enum target_region_kind kind;
	uint32_t start, size;
	uint32_t sector_size; /* of flash */
	const char *name;
};

/* The memory map, ascending and without overlap; flash has one region per run of equal sectors.
 * Owned by the target, valid until it is attached again. */
const struct target_region *target_memory_map(const struct target *target, size_t *count);

/* An access that is aligned and 1, 2 or 4 bytes long is made as one access of that width. A write
 * into flash is ERR_FLASH_RANGE (use target_flash_*). While the core is halted RAM and flash are
 * read ahead and kept: RAM for 100 ms, as DMA goes on; everything until the core runs or something
 * is written. Breakpoints in RAM are not seen. Errors: ERR_TARGET_FAULT. */
enum err target_read_memory(
	struct target *target, uint32_t address, uint8_t *data, size_t size) MUST_USE;
/* The same, and not a byte more is read: for what is looked at once, as fast as can be. */
enum err target_read_once(
	struct target *target, uint32_t address, uint8_t *data, size_t size) MUST_USE;
enum err target_write_memory(
	struct target *target, uint32_t address, const uint8_t *data, size_t size) MUST_USE;

/* CRC-32 as gdb's qCRC wants it: polynomial 04C11DB7, initial FFFFFFFF, most significant bit first,
 * no final inversion. */
enum err target_crc(struct target *target, uint32_t address, size_t size, uint32_t *crc) MUST_USE;

/* Reads ahead what is going to be asked for at a stop: the code at the pc, the top of the stack.
 * The core must be halted; nothing is lost when it fails. */
enum err target_prefetch(struct target *target) MUST_USE;

/* Switches reading ahead off and on again. It is on at first. */
void target_use_cache(struct target *target, bool use);

/* USB transfers since the probe was opened. */
uint64_t target_transfers(const struct target *target);

/* ---- breakpoints and watchpoints ---- */

/* In flash on a comparator, in RAM by a BKPT instruction that no reader sees. Set and removed by
 * the next resume, not before, so that removing and setting again costs nothing. Adding one twice
 * is fine. Errors: ERR_ARGUMENT (odd, or no memory is there), ERR_UNSUPPORTED (no comparator is
 * free: logged with what is in use; remove one and it works). */
enum err target_add_breakpoint(struct target *target, uint32_t address) MUST_USE;
enum err target_remove_breakpoint(struct target *target, uint32_t address) MUST_USE;

/* Stops the core after an access to [address, address + size). Set by the next resume or step.
 * Errors: ERR_ARGUMENT (no comparator watches such a range: sizes are powers of two, up to 32 KB
 * on a Cortex-M4, at multiples of themselves), ERR_UNSUPPORTED (none is free); both logged. */
enum err target_add_watchpoint(
	struct target *target, enum target_watch kind, uint32_t address, uint32_t size) MUST_USE;
enum err target_remove_watchpoint(
	struct target *target, enum target_watch kind, uint32_t address, uint32_t size) MUST_USE;

/* ---- faults ---- */

enum target_fault_kind {
	TARGET_FAULT_NONE,
	TARGET_FAULT_MEMORY,      /* a place that is forbidden */
	TARGET_FAULT_BUS,         /* a place that does not answer, or an unaligned access */
	TARGET_FAULT_INSTRUCTION, /* what is no instruction here and now */
	TARGET_FAULT_ARITHMETIC,
};

struct target_fault {
	enum target_fault_kind kind;
	uint32_t cfsr, hfsr;
	bool has_address; /* of the access that failed: */
	uint32_t address;
	bool has_frame; /* what the core stacked was found: */
	uint32_t pc, lr;
	uint32_t sp; /* before stacking */
	bool on_process_stack;
	bool stack_known; /* how much of the main stack was in use: */
	uint32_t stack_used;
	char lines[3][128]; /* the same in words: what, which address, where */
};

/* Which fault the core has recorded, whether that was just now or long ago, and where. Reads only;
 * what is stacked can be told while the core is halted in the fault's handler, before that has
 * called anything. The core stops by itself (TARGET_STOP_VECTOR_CATCH) at every fault since it was
 * first let go here. */
enum err target_read_fault(struct target *target, struct target_fault *fault) MUST_USE;

/* ---- flash: record first, then run the plan ---- */

/* Notes that [address, address + size) is to be erased; checks that it lies in flash, and that the
 * flash is known: ERR_TARGET_UNKNOWN, with a diagnosis, for a strange chip that nobody named. */
enum err target_flash_erase(struct target *target, uint32_t address, uint32_t size) MUST_USE;

/* Notes data to be written; copied. Later bytes win over earlier ones. */
enum err target_flash_write(
	struct target *target, uint32_t address, const uint8_t *data, size_t size) MUST_USE;

struct target_load {
	unsigned sectors;           /* that the load touches */
	unsigned sectors_unchanged; /* held what was to be written already */
	unsigned sectors_erased;
	size_t bytes_written; /* programmed, whole words */
	uint64_t duration_us;
};

/* Runs what was recorded: pre-flight checks, erase, write, verify; then resets and halts at the
 * reset vector, so that `continue` starts the new image. The records are forgotten in every case.
 * Written data without an erase of its sector is refused unless what is there allows it. `done` may
 * be NULL. Errors: ERR_FLASH_*, ERR_TARGET_*, ERR_CANCELLED; the core is left halted. */
enum err target_flash_done(struct target *target, struct target_load *done) MUST_USE;

#define TARGET_SECTORS_MAX 32

struct target_sector {
	uint32_t start, size;
	unsigned number; /* as the manual counts */
	/* what target_flash_look() found */
	bool is_blank, is_protected;
	bool was_loaded;   /* the last load wrote into it ... */
	bool is_as_loaded; /* ... and that is there */
};

/* The sectors of the chip, as the data sheet has them; returns how many. */
size_t target_flash_sectors(
	const struct target *target, struct target_sector sectors[TARGET_SECTORS_MAX]);

/* The same, and looks at each of them: with the core halted on the chip itself, in some 50 to 500
 * ms and without a trace, else by reading. */
enum err target_flash_look(struct target *target, struct target_sector sectors[TARGET_SECTORS_MAX],
	size_t *count) MUST_USE;

struct target_difference {
	uint32_t address; /* 0: none was found */
	uint32_t wanted, found;
};

/* The first word of this sector that is not as the last load wrote it. */
enum err target_flash_difference(struct target *target, const struct target_sector *sector,
	struct target_difference *difference) MUST_USE;

/* Forgets what was recorded. */
void target_flash_forget(struct target *target);

/* Whether the flash holds an incomplete load: the last target_flash_done failed after it had begun
 * to erase. Such an image must not be started. */
bool target_flash_incomplete(const struct target *target);

#endif
