/* What a test includes: cmocka, and what that wants to be included before it. */
#ifndef TESTS_PRELUDE_H
#define TESTS_PRELUDE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
