/* What a program that uses semihosting has open. Worker thread. */
#include "semihosting_handles.h"

#include <stddef.h>
#include <unistd.h>

uint32_t handles_add(struct handles *handles, enum handle_kind kind, int fd)
{
	for (uint32_t i = 0; i < HANDLES_MAX; i++) {
		if (handles->list[i].kind != HANDLE_FREE)
			continue;
		handles->list[i] = (struct handle){.kind = kind, .fd = fd};
		return i + 1;
	}
	return 0;
}

struct handle *handles_find(struct handles *handles, uint32_t number)
{
	if (!number || number > HANDLES_MAX || handles->list[number - 1].kind == HANDLE_FREE)
		return NULL;
	return &handles->list[number - 1];
}

void handle_close(struct handle *handle)
{
	if (handle->kind == HANDLE_HOST)
		close(handle->fd);
	*handle = (struct handle){0};
}

void handles_close_all(struct handles *handles)
{
	for (size_t i = 0; i < HANDLES_MAX; i++)
		handle_close(&handles->list[i]);
}
