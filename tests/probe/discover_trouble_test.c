/* What stands in the way, in words: the holder in /proc, the rule that is missing. */
#include "probe/discover_trouble.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/discover.h"
#include "probe/usb_product.h"
#include "tests/prelude.h"

#define NODE "/dev/bus/usb/001/005"

/* A /proc of our own. */
struct fake_proc {
	char path[64];
};

static void run(const char *format, const char *path)
{
	char command[200];
	snprintf(command, sizeof(command), format, path);
	assert_int_equal(system(command), 0);
}

static int make_proc(void **state)
{
	static struct fake_proc proc;

	snprintf(proc.path, sizeof(proc.path), "/tmp/probe-test-XXXXXX");
	if (!mkdtemp(proc.path))
		return -1;
	*state = &proc;
	return 0;
}

static int remove_proc(void **state)
{
	run("rm -r %s", ((struct fake_proc *)*state)->path);
	return 0;
}

static void add_process(
	const struct fake_proc *proc, const char *pid, const char *comm, const char *target)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", proc->path, pid);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/%s/fd", proc->path, pid);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/%s/fd/0", proc->path, pid);
	assert_int_equal(symlink("/dev/null", path), 0);
	snprintf(path, sizeof(path), "%s/%s/fd/7", proc->path, pid);
	assert_int_equal(symlink(target, path), 0);
	if (!comm)
		return;
	snprintf(path, sizeof(path), "%s/%s/comm", proc->path, pid);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "%s\n", comm);
	fclose(file);
}

static void the_holder_is_named(void **state)
{
	const struct fake_proc *proc = *state;
	struct usb_holder holder = {0};

	add_process(proc, "11", "bash", "/dev/tty");
	add_process(proc, "812", "st-util", NODE);
	add_process(proc, "813", "openocd", "/dev/bus/usb/001/0055");
	assert_true(discover_find_holder(proc->path, NODE, 1, &holder));
	assert_int_equal(holder.pid, 812);
	assert_string_equal(holder.name, "st-util");
}

static void we_are_not_the_holder(void **state)
{
	const struct fake_proc *proc = *state;
	struct usb_holder holder;

	add_process(proc, "812", "stlink-gdb", NODE);
	assert_false(discover_find_holder(proc->path, NODE, 812, &holder));
}

static void a_holder_may_have_no_name(void **state)
{
	const struct fake_proc *proc = *state;
	struct usb_holder holder = {.name = "x"};

	add_process(proc, "812", NULL, NODE);
	assert_true(discover_find_holder(proc->path, NODE, 1, &holder));
	assert_string_equal(holder.name, "");
}

static void what_cannot_be_read_is_skipped(void **state)
{
	const struct fake_proc *proc = *state;
	struct usb_holder holder;
	char path[200];

	snprintf(path, sizeof(path), "%s/4", proc->path); /* a process without fd */
	assert_int_equal(mkdir(path, 0700), 0);
	add_process(proc, "self", "me", NODE); /* no number */
	assert_false(discover_find_holder(proc->path, NODE, 1, &holder));
	assert_false(discover_find_holder("/nonexistent", NODE, 1, &holder));
}

static void a_real_process_is_found_in_the_real_proc(void **state)
{
	(void)state;
	char name[] = "/tmp/probe-test-XXXXXX";
	struct usb_holder holder;
	int file = mkstemp(name);

	assert_true(file >= 0);
	assert_true(discover_find_holder("/proc", name, 0, &holder));
	assert_int_equal(holder.pid, getpid());
	assert_true(holder.name[0]);
	assert_false(discover_find_holder("/proc", name, getpid(), &holder));
	close(file);
	unlink(name);
}

/* ---- sentences ---- */

static const struct usb_found probe = {
	.identity = {.vid = 0x0483, .pid = 0x374B}, .bus = 1, .address = 5};

static void no_permission_names_the_node_and_the_rule(void **state)
{
	(void)state;
	char text[sizeof(((struct discovered *)0)->problem)];

	discover_explain(&probe, ERR_USB_ACCESS, text, sizeof(text));
	assert_non_null(strstr(text, NODE));
	assert_non_null(strstr(text, DISCOVER_RULES_FILE));
	assert_non_null(strstr(text,
		"SUBSYSTEM==\"usb\", ATTR{idVendor}==\"0483\", ATTR{idProduct}==\"374b\", "
		"TAG+=\"uaccess\""));
	assert_true(strlen(text) < sizeof(text) - 1); /* fits into struct discovered */
}

static void busy_says_what_to_do(void **state)
{
	(void)state;
	char text[256];

	discover_explain(&probe, ERR_USB_BUSY, text, sizeof(text));
	assert_non_null(strstr(text, "in use"));
	assert_non_null(strstr(text, "end"));
}

static void refused_products_say_why(void **state)
{
	(void)state;
	static const uint16_t pids[] = {0x3744, 0x374D, 0x3755};
	char text[256];

	for (size_t i = 0; i < COUNT_OF(pids); i++) {
		struct usb_found found = probe;
		found.identity.pid = pids[i];
		discover_explain(&found, ERR_UNSUPPORTED, text, sizeof(text));
		assert_string_equal(text, usb_product_find(0x0483, pids[i])->refusal);
	}
}

static void no_trouble_is_no_text(void **state)
{
	(void)state;
	char text[256] = "x";

	discover_explain(&probe, ERR_OK, text, sizeof(text));
	assert_string_equal(text, "");
	discover_explain(&probe, ERR_USB_TIMEOUT, text, sizeof(text));
	assert_non_null(strstr(text, err_text(ERR_USB_TIMEOUT)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_holder_is_named, make_proc, remove_proc),
		cmocka_unit_test_setup_teardown(we_are_not_the_holder, make_proc, remove_proc),
		cmocka_unit_test_setup_teardown(a_holder_may_have_no_name, make_proc, remove_proc),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_read_is_skipped, make_proc, remove_proc),
		cmocka_unit_test(a_real_process_is_found_in_the_real_proc),
		cmocka_unit_test(no_permission_names_the_node_and_the_rule),
		cmocka_unit_test(busy_says_what_to_do),
		cmocka_unit_test(refused_products_say_why),
		cmocka_unit_test(no_trouble_is_no_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
