/* Options and names of a connected socket: tcp(7), getnameinfo(3). See peer.h. */
#include "peer.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "probe/log.h"

/* A machine that is switched off is noticed after KEEP_IDLE_S + KEEP_COUNT * KEEP_INTERVAL_S. */
#define KEEP_IDLE_S     20
#define KEEP_INTERVAL_S 5
#define KEEP_COUNT      3

static const struct {
	int level, option, value;
} options[] = {
	{IPPROTO_TCP, TCP_NODELAY, 1},
	{SOL_SOCKET, SO_KEEPALIVE, 1},
	{IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S},
	{IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S},
	{IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT},
};

/* gdb begins with `+`, `-`, `$` or 0x03. */
static const struct {
	uint8_t first, last;
	const char *protocol;
} strangers[] = {
	{'A', 'Z', "HTTP"},  /* GET, POST, OPTIONS, PRI, ... */
	{0x16, 0x16, "TLS"}, /* a handshake record, RFC 8446, section 5.1 */
};

void peer_name(int fd, char *text, size_t size)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof address;
	char host[NI_MAXHOST];
	char port[8];

	snprintf(text, size, "an unknown address");
	if (getpeername(fd, (struct sockaddr *)&address, &length)) {
		if (errno == ENOTSOCK)
			snprintf(text, size, "a pipe");
		return;
	}
	if (address.ss_family == AF_UNIX) {
		snprintf(text, size, "this machine");
		return;
	}
	if (getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
		    NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	snprintf(text, size, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* Failures do no harm: the connection is slower, or its end is noticed later. */
void peer_set_options(int fd)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (setsockopt(fd, options[i].level, options[i].option, &options[i].value,
			    sizeof options[i].value))
			log_debug("socket option %d: %s", options[i].option, strerror(errno));
}

const char *peer_stranger(uint8_t first_byte)
{
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
		if (first_byte >= strangers[i].first && first_byte <= strangers[i].last)
			return strangers[i].protocol;
	return NULL;
}
