/*
 * The files of one directory, for a program that is not trusted: firmware that uses semihosting.
 *
 * The directory is the root of all names. `..` and symbolic links are refused, and so is what is
 * neither a regular file nor a directory on the way to one, so nothing outside can be reached and
 * nothing blocks. Called by server/gdb on the worker thread; blocks for the disk only.
 */
#ifndef SERVER_FILES_H
#define SERVER_FILES_H

#include <stdbool.h>

#include "probe/err.h"

struct files;

/* Opens the directory, which must exist. Errors: ERR_NO_MEMORY, ERR_IO; logged. */
enum err files_create(const char *directory, struct files **files) MUST_USE;

/* Files that were opened stay open. NULL is allowed. */
void files_destroy(struct files *files);

/* These return a negative errno on failure. */

/* A descriptor, the caller's to close. `flags` are those of open(2): access, O_CREAT, O_TRUNC and
 * O_APPEND. */
int files_open(const struct files *files, const char *name, int flags);

int files_remove(const struct files *files, const char *name);
int files_rename(const struct files *files, const char *from, const char *to);

#endif
