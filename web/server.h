/*
 * server.h - the HTTP server: libmicrohttpd and nothing else.  Each connection has a thread
 * of the library's while it lasts; all of them answer through routes.h.
 */
#ifndef EARSHOT_WEB_SERVER_H
#define EARSHOT_WEB_SERVER_H

#include "analyzer/base/endpoint.h"
#include "web/site.h"

enum {
	SERVER_CONNECTIONS = 256,
	SERVER_CONNECTIONS_PER_ADDRESS = 32,
	SERVER_REQUEST_S = 10, /* from the connection, or the answer before, to a request */
	SERVER_ANSWER_S = 60,  /* to take an answer */
	SERVER_HEADER_MAX = 16 << 10,
	SERVER_BODY_MAX = 64 << 10, /* of a request */
};

struct server;

struct server_options {
	struct endpoint listen; /* port 0: any that is free */
	struct site *site;      /* borrowed until server_stop */
};

struct server_error {
	char text[256];
};

/* ERR_IO, ERR_NOMEM: *error says why. */
MUST_CHECK enum status server_start(const struct server_options *options,
                                    struct server **out, struct server_error *error);

/* Where it listens in fact. */
struct endpoint server_endpoint(const struct server *server);

/* To be called about once a second: cuts connections that are too slow. */
void server_tend(struct server *server);

void server_stop(struct server *server); /* NULL is fine */

#endif
