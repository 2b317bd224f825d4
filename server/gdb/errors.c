/* The numbers of error replies: gdb shows only these to a user, so they are ones that users know.
 */
#include "errors.h"

#include <errno.h>

static const int numbers[ERR_COUNT] = {
	[ERR_NO_MEMORY] = ENOMEM,
	[ERR_ARGUMENT] = EINVAL,
	[ERR_CANCELLED] = ECANCELED,
	[ERR_UNSUPPORTED] = EOPNOTSUPP,
	[ERR_USB_NOT_FOUND] = ENODEV,
	[ERR_USB_ACCESS] = EACCES,
	[ERR_USB_BUSY] = EBUSY,
	[ERR_USB_GONE] = ENODEV,
	[ERR_USB_TIMEOUT] = ETIMEDOUT,
	[ERR_PROBE_OLD] = EOPNOTSUPP,
	[ERR_TARGET_POWER] = ENXIO,
	[ERR_TARGET_NO_LINK] = ENXIO,
	[ERR_TARGET_WAIT] = EAGAIN,
	[ERR_TARGET_FAULT] = EFAULT,
	[ERR_TARGET_TIMEOUT] = ETIMEDOUT,
	[ERR_TARGET_STATE] = EBUSY,
	[ERR_TARGET_UNKNOWN] = EOPNOTSUPP,
	[ERR_FLASH_RANGE] = ENOSPC,
	[ERR_FLASH_PROTECTED] = EROFS,
};

unsigned errors_number(enum err err)
{
	int number = (unsigned)err < ERR_COUNT ? numbers[err] : 0;
	return number ? (unsigned)number : EIO;
}
