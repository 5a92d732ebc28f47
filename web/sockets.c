#include "web/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128 };

struct endpoint sockets_endpoint_of(const void *socket_address)
{
	struct sockaddr family;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	memcpy(&family, socket_address, sizeof family);
	if (family.sa_family == AF_INET) {
		memcpy(&v4, socket_address, sizeof v4);
		return (struct endpoint){ address_ipv4((const uint8_t *)&v4.sin_addr),
			                  ntohs(v4.sin_port) };
	}
	if (family.sa_family != AF_INET6)
		return (struct endpoint){ 0 };
	memcpy(&v6, socket_address, sizeof v6);
	return (struct endpoint){ address_ipv6(v6.sin6_addr.s6_addr), ntohs(v6.sin6_port) };
}

enum status sockets_failed(const struct endpoint *where, const char *what, char *error,
                           size_t size)
{
	char text[ENDPOINT_TEXT_SIZE];
	snprintf(error, size, "%s: %s: %s", endpoint_format(where, text), what,
	         strerror(errno));
	return ERR_IO;
}

static socklen_t socket_address(const struct endpoint *e, struct sockaddr_storage *to)
{
	memset(to, 0, sizeof *to);
	if (address_is_ipv4(&e->address)) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)to;
		v4->sin_family = AF_INET;
		v4->sin_port = htons(e->port);
		memcpy(&v4->sin_addr, e->address.bytes + 12, 4);
		return sizeof *v4;
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(e->port);
	memcpy(&v6->sin6_addr, e->address.bytes, 16);
	return sizeof *v6;
}

static enum status open_socket(const struct endpoint *where, int *out, char *error,
                               size_t size)
{
	struct sockaddr_storage address;
	const int yes = 1;
	const socklen_t len = socket_address(where, &address);
	const int fd =
	        socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return sockets_failed(where, "no socket", error, size);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
	    bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, BACKLOG) < 0) {
		const enum status status =
		        sockets_failed(where, "cannot listen", error, size);
		close(fd);
		return status;
	}
	*out = fd;
	return OK;
}

enum status sockets_listen(const struct endpoint *listen, size_t count, int *fds,
                           char *error, size_t size)
{
	enum status status = OK;
	size_t open = 0;
	while (status == OK && open < count) {
		status = open_socket(&listen[open], &fds[open], error, size);
		open += status == OK;
	}
	while (status != OK && open > 0)
		close(fds[--open]);
	return status;
}

struct endpoint sockets_endpoint(int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;
	getsockname(fd, (struct sockaddr *)&address, &len);
	return sockets_endpoint_of(&address);
}
