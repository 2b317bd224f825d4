/*
 * The mailbox: a list under one mutex, and a condition for the taker who waits. Any thread.
 *
 * `wake` is called without the mutex, so that it may look into the mailbox itself.
 */
#include "server/mailbox.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define US_PER_S  1000000
#define NS_PER_US 1000
#define NS_PER_S  1000000000

struct mailbox {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct message *oldest;
	struct message **end; /* where the next message is hung */
	void (*wake)(void *context);
	void *context;
};

struct message *message_create(
	enum message_kind kind, unsigned client, const void *data, size_t size)
{
	struct message *message = malloc(sizeof *message + size + 1);

	if (!message)
		return NULL;
	*message = (struct message){.kind = kind, .client = client, .size = size};
	if (data && size > 0)
		memcpy(message->data, data, size);
	message->data[size] = 0;
	return message;
}

void message_destroy(struct message *message)
{
	free(message);
}

/* A wait must not end early or late because somebody sets the clock of the host. */
static int init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	int error = pthread_condattr_init(&attributes);

	if (error)
		return error;
	error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	if (!error)
		error = pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
	return error;
}

struct mailbox *mailbox_create(void (*wake)(void *context), void *context)
{
	struct mailbox *mailbox = calloc(1, sizeof *mailbox);

	if (!mailbox)
		return NULL;
	mailbox->end = &mailbox->oldest;
	mailbox->wake = wake;
	mailbox->context = context;
	if (pthread_mutex_init(&mailbox->lock, NULL))
		goto error_mutex;
	if (init_condition(&mailbox->filled))
		goto error_condition;
	return mailbox;

error_condition:
	pthread_mutex_destroy(&mailbox->lock);
error_mutex:
	free(mailbox);
	return NULL;
}

void mailbox_destroy(struct mailbox *mailbox)
{
	if (!mailbox)
		return;
	while (mailbox->oldest) {
		struct message *message = mailbox->oldest;
		mailbox->oldest = message->next;
		message_destroy(message);
	}
	pthread_cond_destroy(&mailbox->filled);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}

void mailbox_put(struct mailbox *mailbox, struct message *message)
{
	if (!message)
		return;
	message->next = NULL;

	pthread_mutex_lock(&mailbox->lock);
	*mailbox->end = message;
	mailbox->end = &message->next;
	pthread_cond_signal(&mailbox->filled);
	pthread_mutex_unlock(&mailbox->lock);

	if (mailbox->wake)
		mailbox->wake(mailbox->context);
}

/* With the mutex held. */
static struct message *take_oldest(struct mailbox *mailbox)
{
	struct message *message = mailbox->oldest;

	if (!message)
		return NULL;
	mailbox->oldest = message->next;
	if (!mailbox->oldest)
		mailbox->end = &mailbox->oldest;
	message->next = NULL;
	return message;
}

struct message *mailbox_take(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	struct message *message = take_oldest(mailbox);
	pthread_mutex_unlock(&mailbox->lock);
	return message;
}

static struct timespec deadline_after(uint64_t timeout_us)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += (time_t)(timeout_us / US_PER_S);
	deadline.tv_nsec += (long)(timeout_us % US_PER_S) * NS_PER_US;
	if (deadline.tv_nsec >= NS_PER_S) {
		deadline.tv_sec++;
		deadline.tv_nsec -= NS_PER_S;
	}
	return deadline;
}

/* With the mutex held: returns when there is a message, or at the deadline. */
static void wait_until(struct mailbox *mailbox, const struct timespec *deadline)
{
	int error = 0;

	while (!mailbox->oldest && !error) {
		if (deadline)
			error = pthread_cond_timedwait(&mailbox->filled, &mailbox->lock, deadline);
		else
			error = pthread_cond_wait(&mailbox->filled, &mailbox->lock);
	}
}

struct message *mailbox_wait(struct mailbox *mailbox, uint64_t timeout_us)
{
	bool for_ever = timeout_us == UINT64_MAX;
	struct timespec deadline = {0};

	if (!for_ever)
		deadline = deadline_after(timeout_us);
	pthread_mutex_lock(&mailbox->lock);
	wait_until(mailbox, for_ever ? NULL : &deadline);
	struct message *message = take_oldest(mailbox);
	pthread_mutex_unlock(&mailbox->lock);
	return message;
}

size_t mailbox_count(struct mailbox *mailbox, unsigned client)
{
	size_t count = 0;

	pthread_mutex_lock(&mailbox->lock);
	for (const struct message *m = mailbox->oldest; m; m = m->next)
		count += m->client == client;
	pthread_mutex_unlock(&mailbox->lock);
	return count;
}
