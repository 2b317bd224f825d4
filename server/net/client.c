/*
 * A client's life, from its first byte to its last. See client.h.
 *
 * Nothing is sent where it is made, but by client_flush() before the loop sleeps: so an
 * acknowledgment and a reply that are ready together leave in one write, and neither waits for the
 * other.
 */
#include "client.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"
#include "probe/log.h"

#define READ_SIZE 65536
/* A client that leaves this much unread is hung up. */
#define BACKLOG_MAX (4u << 20)
/* So many messages the board may not have taken yet. gdb waits for a reply before it asks again,
 * and repeats a packet a few times at most. */
#define WAITING_MAX 64
/* gdb waits remotetimeout for a reply, 2 s by default, and gives up after three times. */
#define LATE_S 1.0
/* How long a client that was hung up may take to read the rest. */
#define LEAVE_S 2.0

/* A name of our own, so that no client takes it for a notification it knows. */
static const char keep_alive[] = "stlink-gdb-alive:";

bool client_is_known(const struct client *client)
{
	return client->state != CLIENT_SILENT && client->state != CLIENT_GONE;
}

static void let_go(struct client *client)
{
	ev_io_stop(client->loop, &client->readable);
	ev_io_stop(client->loop, &client->writable);
	ev_timer_stop(client->loop, &client->late);
	ev_timer_stop(client->loop, &client->leave);
	if (client->out >= 0 && client->out != client->in)
		close(client->out);
	if (client->in >= 0)
		close(client->in);
	client->in = client->out = -1;
}

/* Ends the connection now; whoever calls it has said why. */
static void vanish(struct client *client)
{
	bool was_known = client_is_known(client);

	let_go(client);
	client->state = CLIENT_GONE;
	if (!was_known)
		return;
	if (client->link.reader.junk > 0)
		log_debug("client %u sent %llu bytes between packets that mean nothing", client->id,
			(unsigned long long)client->link.reader.junk);
	struct message *message = message_create(MESSAGE_CLOSED, client->id, NULL, 0);
	if (!message)
		log_error("out of memory: the board is not told that client %u left", client->id);
	mailbox_put(client->down, message);
}

static void lose(struct client *client, const char *why)
{
	if (client->state == CLIENT_SILENT)
		log_debug("connection from %s closed before it said a word", client->peer);
	else
		log_info("client %u is gone%s%s", client->id, why ? ": " : "", why ? why : "");
	vanish(client);
}

static void pass_down(struct client *client, enum message_kind kind, const void *data, size_t size)
{
	struct message *message = message_create(kind, client->id, data, size);

	if (!message) {
		log_error("client %u hung up: out of memory for its packet of %zu bytes",
			client->id, size);
		vanish(client);
		return;
	}
	mailbox_put(client->down, message);
}

static void check_waiting(struct client *client)
{
	if (client->state != CLIENT_TALKING)
		return;
	if (mailbox_count(client->down, client->id) <= WAITING_MAX)
		return;
	log_warn("client %u hung up: it sent %d packets without waiting for a reply", client->id,
		WAITING_MAX);
	vanish(client);
}

static void on_packet(struct client *client)
{
	if (client->is_kept_alive)
		ev_timer_again(client->loop, &client->late);
	pass_down(client, MESSAGE_PACKET, client->link.reader.payload, client->link.reader.size);
	check_waiting(client);
}

static void on_interrupt(struct client *client)
{
	pass_down(client, MESSAGE_INTERRUPT, NULL, 0);
	check_waiting(client);
}

static void on_damaged(struct client *client)
{
	log_warn("client %u sent a packet of %zu bytes with a wrong checksum: it was told so",
		client->id, client->link.reader.size);
}

static void on_faulty(struct client *client)
{
	const struct frame_reader *reader = &client->link.reader;

	log_warn("client %u sent a packet of %zu bytes that cannot be read: %s; it got an error",
		client->id, reader->size, frame_fault_text(reader->fault));
}

static void on_hopeless(struct client *client)
{
	log_warn("client %u hung up: it refused the same reply %d times", client->id,
		LINK_REPEATS_MAX + 1);
	vanish(client);
}

static void (*const handlers[])(struct client *client) = {
	[LINK_PACKET] = on_packet,
	[LINK_INTERRUPT] = on_interrupt,
	[LINK_DAMAGED] = on_damaged,
	[LINK_FAULTY] = on_faulty,
	[LINK_HOPELESS] = on_hopeless,
};

static void receive(struct client *client, const uint8_t *bytes, size_t size)
{
	while (size > 0 && client->state == CLIENT_TALKING) {
		enum link_event event;
		size_t used = link_receive(&client->link, bytes, size, &event);
		if (event != LINK_NONE)
			handlers[event](client);
		bytes += used;
		size -= used;
	}
}

/* The board is not told of a client before it speaks: a look whether the port is open, or a
 * browser, shall not touch the core. */
static void meet(struct client *client, uint8_t first_byte)
{
	const char *protocol = peer_stranger(first_byte);

	if (protocol) {
		log_warn("connection from %s closed: it speaks %s, this port serves gdb",
			client->peer, protocol);
		vanish(client);
		return;
	}
	client_welcome(client);
}

void client_welcome(struct client *client)
{
	client->state = CLIENT_TALKING;
	log_info("client %u connected from %s", client->id, client->peer);
	pass_down(client, MESSAGE_OPENED, NULL, 0);
}

static bool is_for_later(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct client *client = watcher->data;
	uint8_t bytes[READ_SIZE];
	ssize_t size = read(client->in, bytes, sizeof bytes);

	(void)loop;
	(void)events;
	if (size < 0 && is_for_later(errno))
		return;
	if (size <= 0) {
		lose(client, size < 0 ? strerror(errno) : NULL);
		return;
	}
	if (client->state == CLIENT_SILENT)
		meet(client, bytes[0]);
	receive(client, bytes, (size_t)size);
}

static void on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
	(void)events;
	ev_io_stop(loop, watcher);
	client_flush(watcher->data);
}

static void on_late(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct client *client = timer->data;

	(void)loop;
	(void)events;
	/* A client that has something to read is not waiting. */
	if (link_backlog(&client->link) > 0)
		return;
	struct message *message =
		message_create(MESSAGE_NOTIFY, client->id, keep_alive, strlen(keep_alive));
	if (message)
		link_send(&client->link, message);
}

static void on_leave_over(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	lose(timer->data, "it did not close its side");
}

struct client *client_create(
	struct ev_loop *loop, int in, int out, unsigned id, struct mailbox *down)
{
	struct client *client = calloc(1, sizeof *client);

	if (!client)
		return NULL;
	client->loop = loop;
	client->in = in;
	client->out = out;
	client->id = id;
	client->down = down;
	ev_io_init(&client->readable, on_readable, in, EV_READ);
	ev_io_init(&client->writable, on_writable, out, EV_WRITE);
	ev_timer_init(&client->late, on_late, 0, LATE_S);
	ev_timer_init(&client->leave, on_leave_over, LEAVE_S, 0);
	client->readable.data = client;
	client->writable.data = client;
	client->late.data = client;
	client->leave.data = client;
	peer_set_options(in);
	peer_name(in, client->peer, sizeof client->peer);
	ev_io_start(loop, &client->readable);
	return client;
}

void client_destroy(struct client *client)
{
	if (!client)
		return;
	let_go(client);
	link_finish(&client->link);
	free(client);
}

void client_evict(struct client *client)
{
	log_warn("connection from %s closed: it said nothing, and others wait", client->peer);
	vanish(client);
}

static void hang_up(struct client *client)
{
	link_drain(&client->link);
	client->state = CLIENT_LEAVING;
	ev_timer_stop(client->loop, &client->late);
	ev_timer_start(client->loop, &client->leave);
}

static void send_packet(struct client *client, struct message *message)
{
	link_send(&client->link, message);
	if (link_backlog(&client->link) <= BACKLOG_MAX)
		return;
	client_flush(client);
	if (client->state == CLIENT_GONE || link_backlog(&client->link) <= BACKLOG_MAX)
		return;
	log_warn("client %u hung up: it has not read the last %zu bytes", client->id,
		link_backlog(&client->link));
	vanish(client);
}

void client_deliver(struct client *client, struct message *message)
{
	if (client->state != CLIENT_TALKING) {
		message_destroy(message);
		return;
	}
	switch (message->kind) {
	case MESSAGE_REPLY:
	case MESSAGE_NO_ACK:
		ev_timer_stop(client->loop, &client->late);
		send_packet(client, message);
		return;
	case MESSAGE_NOTIFY:
		send_packet(client, message);
		return;
	case MESSAGE_KEEP_ALIVE:
		client->is_kept_alive = true;
		break;
	case MESSAGE_RUNNING:
		ev_timer_stop(client->loop, &client->late);
		break;
	case MESSAGE_HANG_UP:
		hang_up(client);
		break;
	default:
		assert(false && "this kind does not go up to a client");
	}
	message_destroy(message);
}

/* Closing at once would throw away what the client has not read yet, if it still says something:
 * tcp(7) answers that with a reset. So our side is ended, and the client closes the connection. */
static void finish_sending(struct client *client)
{
	client->state = CLIENT_LEFT;
	if (client->in != client->out) {
		close(client->out);
		client->out = -1;
	} else if (shutdown(client->out, SHUT_WR)) {
		lose(client, strerror(errno));
	}
}

static void send_some(struct client *client)
{
	struct buffer *out = &client->link.out;
	ssize_t sent = send(client->out, buffer_front(out), buffer_size(out), MSG_NOSIGNAL);

	if (sent < 0 && errno == ENOTSOCK)
		sent = write(client->out, buffer_front(out), buffer_size(out));

	if (sent >= 0)
		buffer_consume(out, (size_t)sent);
	else if (is_for_later(errno))
		ev_io_start(client->loop, &client->writable);
	else
		lose(client, strerror(errno));
}

void client_flush(struct client *client)
{
	const struct buffer *out = &client->link.out;

	if (out->failed && client->state != CLIENT_GONE) {
		log_error("client %u hung up: out of memory for its reply", client->id);
		vanish(client);
	}
	while (client->state != CLIENT_GONE && buffer_size(out) > 0 &&
		!ev_is_active(&client->writable))
		send_some(client);
	if (client->state == CLIENT_LEAVING && buffer_size(out) == 0)
		finish_sending(client);
}
