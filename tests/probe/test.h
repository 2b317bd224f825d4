/* What every test file of this folder needs of cmocka. */
#ifndef TESTS_PROBE_TEST_H
#define TESTS_PROBE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
