/*
 * Listening sockets: one for each address that a name means, all at one port; or a local one. See
 * bind.h.
 */
#include "bind.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "owner.h"
#include "probe/log.h"

#define PORT_MAX 65535
#define BACKLOG  16
/* How often another free port is tried when the one found for IPv4 is taken for IPv6. */
#define FREE_PORT_TRIES 16

/* A socket address of either family. */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void set_port(struct sockaddr *address, unsigned port)
{
	in_port_t number = htons((in_port_t)port);

	if (address->sa_family == AF_INET6)
		((union address *)(void *)address)->v6.sin6_port = number;
	else
		((union address *)(void *)address)->v4.sin_port = number;
}

static unsigned bound_port(int fd)
{
	union address address = {.v6 = {0}};
	socklen_t size = sizeof address;

	if (getsockname(fd, &address.any, &size))
		return 0;
	if (address.any.sa_family == AF_INET6)
		return ntohs(address.v6.sin6_port);
	return ntohs(address.v4.sin_port);
}

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)address;
		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	}
	const struct sockaddr_in *v4 = (const void *)address;
	return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool is_same_host(const struct sockaddr *a, const struct sockaddr *b)
{
	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET6) {
		const struct sockaddr_in6 *a6 = (const void *)a;
		const struct sockaddr_in6 *b6 = (const void *)b;
		return IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr);
	}
	const struct sockaddr_in *a4 = (const void *)a;
	const struct sockaddr_in *b4 = (const void *)b;
	return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
}

/* A name can mean the same address twice, if /etc/hosts says so. */
static bool is_repeated(const struct addrinfo *list, const struct addrinfo *info)
{
	while (list != info && !is_same_host(list->ai_addr, info->ai_addr))
		list = list->ai_next;
	return list != info;
}

/* IPv6 alone, so that both families can have the same port. A port that was left a moment ago may
 * be taken at once. */
static int prepare(int fd, const struct addrinfo *info)
{
	static const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on))
		return -1;
	if (info->ai_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on))
		return -1;
	if (bind(fd, info->ai_addr, info->ai_addrlen))
		return -1;
	return listen(fd, BACKLOG);
}

/* -1 and errno when it fails. */
static int open_one(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (prepare(fd, info)) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

void bind_close(struct bind_sockets *sockets)
{
	while (sockets->count > 0)
		close(sockets->fds[--sockets->count]);
	if (sockets->path[0])
		unlink(sockets->path);
	sockets->path[0] = '\0';
}

/* A machine without IPv6, or without IPv4, is served all the same. */
static bool is_absent(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

/* Opens all addresses at one port; 0, or the errno of the one that failed. */
static int open_all(struct addrinfo *list, unsigned port, struct bind_sockets *sockets)
{
	int absent = 0;

	*sockets = (struct bind_sockets){.port = port};
	for (struct addrinfo *info = list; info; info = info->ai_next) {
		if (sockets->count == BIND_SOCKETS_MAX || is_repeated(list, info))
			continue;
		set_port(info->ai_addr, sockets->port);
		int fd = open_one(info);
		if (fd < 0 && is_absent(errno)) {
			absent = errno;
			continue;
		}
		if (fd < 0) {
			int error = errno;
			bind_close(sockets);
			return error;
		}
		sockets->fds[sockets->count++] = fd;
		sockets->port = bound_port(fd);
	}
	return sockets->count > 0 ? 0 : absent;
}

static int open_any_port(struct addrinfo *list, struct bind_sockets *sockets)
{
	int error = EADDRINUSE;

	for (int i = 0; i < FREE_PORT_TRIES && error == EADDRINUSE; i++)
		error = open_all(list, 0, sockets);
	return error;
}

static void log_port_in_use(unsigned port)
{
	struct owner owner;

	if (owner_find(port, &owner))
		log_error("port %u is in use by pid %d (%s): stop that program, or choose another "
			  "port (0 takes any free one)",
			port, owner.pid, owner.program);
	else
		log_error("port %u is in use, by a program that this user may not see: choose "
			  "another port (0 takes any free one)",
			port);
}

static void log_failure(const char *address, unsigned port, int error)
{
	if (error == EADDRINUSE)
		log_port_in_use(port);
	else
		log_error("cannot listen at port %u of %s: %s", port,
			address ? address : "this machine", strerror(error));
}

static void warn_of_strangers(const struct addrinfo *list, unsigned port)
{
	for (const struct addrinfo *info = list; info; info = info->ai_next) {
		char name[NI_MAXHOST] = "?";
		if (is_loopback(info->ai_addr))
			continue;
		getnameinfo(info->ai_addr, info->ai_addrlen, name, sizeof name, NULL, 0,
			NI_NUMERICHOST);
		log_warn("whoever reaches port %u of %s controls the board, without a password: "
			 "listen at loopback and tunnel with ssh where that matters",
			port, name);
	}
}

/* ---- local sockets ---- */

/* A socket that nobody answers at was left by a server that was killed. */
static bool is_left_over(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool refused = fd >= 0 && connect(fd, (const void *)address, sizeof *address) < 0 &&
		       errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return refused;
}

/* Its owner's alone: the mode of the socket is what protects it, so it is set before it exists. */
static int open_local(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	mode_t mask = umask(S_IRWXG | S_IRWXO);
	int failed = bind(fd, (const void *)address, sizeof *address);
	umask(mask);
	if (!failed && !listen(fd, BACKLOG))
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static enum err bind_local(const char *path, struct bind_sockets *sockets)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*sockets = (struct bind_sockets){0};
	if (!*path || strlen(path) >= sizeof address.sun_path) {
		log_error("the path of a local socket has 1 to %zu characters: %s",
			sizeof address.sun_path - 1, path);
		return ERR_ARGUMENT;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = open_local(&address);
	if (fd < 0 && errno == EADDRINUSE && is_left_over(&address)) {
		unlink(path);
		fd = open_local(&address);
	}
	if (fd < 0) {
		log_error("cannot listen at %s: %s", path, strerror(errno));
		return ERR_IO;
	}
	sockets->fds[sockets->count++] = fd;
	memcpy(sockets->path, path, strlen(path) + 1);
	return ERR_OK;
}

enum err bind_open(const char *address, unsigned port, struct bind_sockets *sockets)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;

	if (address && strncmp(address, "unix:", 5) == 0)
		return bind_local(address + 5, sockets);
	if (port > PORT_MAX) {
		log_error("there is no port %u: the highest is %d", port, PORT_MAX);
		return ERR_ARGUMENT;
	}
	/* No address and no AI_PASSIVE means loopback, in both families. */
	int lookup = getaddrinfo(address, "0", &hints, &list);
	if (lookup) {
		log_error("cannot listen at %s: %s", address ? address : "loopback",
			gai_strerror(lookup));
		return ERR_IO;
	}
	int error = port ? open_all(list, port, sockets) : open_any_port(list, sockets);
	if (error)
		log_failure(address, port, error);
	else
		warn_of_strangers(list, sockets->port);
	freeaddrinfo(list);
	return error ? ERR_IO : ERR_OK;
}
