/*
 * server.h - the HTTP server: libmicrohttpd and nothing else.  Each connection has a thread
 * of the library's while it lasts; all of them answer through routes.h.
 */
#ifndef EARSHOT_WEB_SERVER_H
#define EARSHOT_WEB_SERVER_H

#include "analyzer/base/endpoint.h"
#include "web/site.h"

enum {
	SERVER_LISTEN_MAX = 8,
	SERVER_CONNECTIONS = 256, /* of each address listened at */
	SERVER_CONNECTIONS_PER_ADDRESS = 32,
	SERVER_HEADER_MAX = 16 << 10,
	SERVER_BODY_MAX = 64 << 10, /* of a request */
};

struct server;

struct server_options {
	struct endpoint listen[SERVER_LISTEN_MAX]; /* port 0: any that is free */
	size_t listen_count;
	/* With fd_count not 0 in place of the above: sockets that listen already, and
	 * become the server's. */
	int fds[SERVER_LISTEN_MAX];
	size_t fd_count;
	/* PEM files: the certificate with those above it, and its key.  NULL: no TLS. */
	const char *certificate, *key;
	const char *access_log; /* a file; NULL = none */
	struct site *site;      /* all are borrowed until server_stop */
};

struct server_error {
	char text[256];
};

/* ERR_IO, ERR_NOMEM: *error says why. */
MUST_CHECK enum status server_start(const struct server_options *options,
                                    struct server **out, struct server_error *error);

/* Where the `which`th of its sockets listens in fact. */
struct endpoint server_endpoint(const struct server *server, size_t which);

/*
 * To be called about once a second: cuts connections that are too slow, and sees whether
 * there is a new certificate.  false: there is, and it cannot be used, *error says why; the
 * old one goes on.
 */
bool server_tend(struct server *server, struct server_error *error);

/* The certificate is read again, changed or not, and the access log opened anew. */
bool server_reload(struct server *server, struct server_error *error);

void server_stop(struct server *server); /* NULL is fine */

#endif
