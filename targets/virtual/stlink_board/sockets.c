/* Listening sockets. See the header. */
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe/log.h"

#define BACKLOG 16

/* ---- TCP ---- */

/* Splits ADDR:PORT at the last colon and takes brackets off. */
static enum err split(const char *address, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t length = colon ? (size_t)(colon - address) : 0;
	if (length >= 2 && address[0] == '[' && address[length - 1] == ']') {
		address++;
		length -= 2;
	}
	if (!colon || length >= size)
		return ERR_ARGUMENT;
	memcpy(host, address, length);
	host[length] = 0;
	*port = colon + 1;
	return ERR_OK;
}

static int listen_on(const struct addrinfo *info)
{
	const int on = 1;
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static void name_of(int fd, char *name, size_t size)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	char host[NI_MAXHOST] = "?";
	char port[NI_MAXSERV] = "?";
	if (getsockname(fd, (struct sockaddr *)&address, &length) == 0)
		getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port,
			sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	bool v6 = strchr(host, ':') != NULL;
	snprintf(name, size, v6 ? "[%s]:%s" : "%s:%s", host, port);
}

enum err sockets_listen_tcp(const char *address, int *fd, char *name, size_t size)
{
	char host[NI_MAXHOST];
	const char *port;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *info;
	if (split(address, host, sizeof host, &port) != ERR_OK) {
		log_error("'%s' is not ADDR:PORT", address);
		return ERR_ARGUMENT;
	}
	int failure = getaddrinfo(host[0] ? host : NULL, port, &hints, &info);
	if (failure) {
		log_error("cannot listen on %s: %s", address, gai_strerror(failure));
		return ERR_ARGUMENT;
	}
	*fd = listen_on(info);
	int error = errno;
	freeaddrinfo(info);
	if (*fd < 0) {
		log_error("cannot listen on %s: %s; try port 0", address, strerror(error));
		return ERR_IO;
	}
	name_of(*fd, name, size);
	return ERR_OK;
}

/* ---- unix ---- */

static bool somebody_listens(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answered =
		fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
	if (fd >= 0)
		close(fd);
	return answered;
}

static int bind_unix(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
		listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

enum err sockets_listen_unix(const char *path, int *fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >=
		(int)sizeof address.sun_path) {
		log_error("the path of the control socket is too long: %s", path);
		return ERR_IO;
	}
	*fd = bind_unix(&address);
	if (*fd < 0 && errno == EADDRINUSE && !somebody_listens(&address)) {
		unlink(path);
		*fd = bind_unix(&address);
	}
	if (*fd >= 0)
		return ERR_OK;
	log_error("cannot listen on %s: %s", path, strerror(errno));
	return ERR_IO;
}

/* ---- connections ---- */

int sockets_accept(int listener)
{
	const int on = 1;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) /* fails on a unix socket, which needs it not */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

enum err sockets_make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		log_error("file descriptor %d cannot be served: %s", fd, strerror(errno));
		return ERR_IO;
	}
	return ERR_OK;
}
