/* sockets.h - sockets that listen, and addresses as the system has them. */
#ifndef EARSHOT_WEB_SOCKETS_H
#define EARSHOT_WEB_SOCKETS_H

#include "analyzer/base/endpoint.h"

/* Of a struct sockaddr; all zero for what is neither IPv4 nor IPv6. */
struct endpoint sockets_endpoint_of(const void *socket_address);
/* Where a socket is bound. */
struct endpoint sockets_endpoint(int fd);

/* All of them, or none: then *error says why. */
MUST_CHECK enum status sockets_listen(const struct endpoint *listen, size_t count, int *fds,
                                      char *error, size_t size);

/* Writes what failed, with errno; ERR_IO. */
enum status sockets_failed(const struct endpoint *where, const char *what, char *error,
                           size_t size);

#endif
