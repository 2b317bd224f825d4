/* USB/IP peers and control clients. See the header. */
#include "clients.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "board_inside.h"
#include "probe/log.h"

#define READ_SIZE  65536
#define REPLY_SIZE 16384

/* ---- USB/IP ---- */

bool usb_client_open(struct usb_client *client, int fd, struct shelf *shelf)
{
	*client = (struct usb_client){.fd = fd, .session = usbip_session_create(&shelf->exports)};
	if (client->session)
		return true;
	close(fd);
	client->fd = -1;
	return false;
}

void usb_client_close(struct usb_client *client, struct shelf *shelf)
{
	const struct usbip_export *export = usbip_session_export(client->session);
	usbip_session_destroy(client->session);
	close(client->fd);
	*client = (struct usb_client){.fd = -1};
	if (!export)
		return;
	enum err err = board_save(shelf_board(shelf, export));
	(void)err; /* logged; it is tried again at exit */
}

static bool try_again(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

bool usb_client_read(struct usb_client *client)
{
	uint8_t bytes[READ_SIZE];
	ssize_t size = recv(client->fd, bytes, sizeof bytes, 0);
	if (size <= 0)
		return size < 0 && try_again();
	return usbip_session_feed(client->session, bytes, (size_t)size) == ERR_OK;
}

static bool send_due(struct usb_client *client, uint64_t horizon_ns, bool *worked)
{
	const uint8_t *bytes;
	size_t size;
	client->full = false;
	while ((size = usbip_session_output(client->session, horizon_ns, &bytes)) > 0) {
		ssize_t sent = send(client->fd, bytes, size, MSG_NOSIGNAL);
		if (sent < 0) {
			client->full = try_again();
			return client->full;
		}
		usbip_session_sent(client->session, (size_t)sent);
		*worked = true;
	}
	return true;
}

bool usb_client_serve(struct usb_client *client, struct shelf *shelf, uint64_t wall_ns)
{
	const struct usbip_export *export = usbip_session_export(client->session);
	struct pace *pace = export ? shelf_pace(shelf, export) : NULL;
	uint64_t horizon_ns = pace ? pace_horizon_ns(pace, wall_ns) : UINT64_MAX;
	bool worked = false;
	if (usbip_session_pump(client->session, horizon_ns) != ERR_OK)
		return false;
	if (!send_due(client, horizon_ns, &worked))
		return false;
	if (pace && worked)
		pace_worked(pace);
	return true;
}

uint64_t usb_client_due_ns(const struct usb_client *client, struct shelf *shelf)
{
	uint64_t due_ns = usbip_session_due_ns(client->session);
	const struct usbip_export *export = usbip_session_export(client->session);
	if (client->full || due_ns == USBIP_NEVER)
		return PACE_NEVER;
	return export ? pace_wall_ns(shelf_pace(shelf, export), due_ns) : 0;
}

/* ---- control ---- */

void control_client_open(struct control_client *client, int fd)
{
	*client = (struct control_client){.fd = fd};
}

void control_client_close(struct control_client *client)
{
	close(client->fd);
	client->fd = -1;
}

/* The board that the line is for, and the rest of the line. */
static struct board *addressee(const struct shelf *shelf, const char **line)
{
	char busid[USBIP_BUSID_SIZE];
	if (**line != '@')
		return shelf->boards[0];
	size_t length = strcspn(*line + 1, " ");
	if (length >= sizeof busid)
		return NULL;
	memcpy(busid, *line + 1, length);
	busid[length] = 0;
	*line += 1 + length;
	*line += strspn(*line, " ");
	return shelf_find(shelf, busid);
}

static bool answer(const struct control_client *client, const char *line, struct shelf *shelf)
{
	char reply[REPLY_SIZE] = "{\"error\":\"no such board\"}";
	struct board *board = addressee(shelf, &line);
	if (board && board_control(board, line, reply, sizeof reply - 1) != ERR_OK)
		log_debug("control: '%s' was not understood", line);
	size_t size = strlen(reply);
	reply[size++] = '\n';
	return send(client->fd, reply, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Obeys the lines that are complete and keeps the rest. */
static bool obey_lines(struct control_client *client, struct shelf *shelf)
{
	char *line = client->line;
	char *end;
	size_t left = client->used;
	while ((end = memchr(line, '\n', left)) != NULL) {
		*end = 0;
		if (end > line && end[-1] == '\r')
			end[-1] = 0;
		if (!answer(client, line, shelf))
			return false;
		left -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(client->line, line, left);
	client->used = left;
	return left < sizeof client->line;
}

bool control_client_read(struct control_client *client, struct shelf *shelf)
{
	ssize_t size = recv(
		client->fd, client->line + client->used, sizeof client->line - client->used, 0);
	if (size <= 0)
		return size < 0 && try_again();
	client->used += (size_t)size;
	return obey_lines(client, shelf);
}
