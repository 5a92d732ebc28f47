/*
 * serving.h - one request after another: what libmicrohttpd calls while it serves a
 * connection, and what all connections of a server share.
 */
#ifndef EARSHOT_WEB_SERVING_H
#define EARSHOT_WEB_SERVING_H

#include <microhttpd.h>

#include "web/access_log.h"
#include "web/clients.h"
#include "web/site.h"

struct serving {
	struct site *site; /* borrowed */
	struct access_log log;
	struct clients clients;
};

/* Callbacks of the library, each with a struct serving as `self`. */
void serving_connection(void *self, struct MHD_Connection *connection,
                        void **socket_context, enum MHD_ConnectionNotificationCode code);
void *serving_target(void *self, const char *target, struct MHD_Connection *connection);
enum MHD_Result serving_request(void *self, struct MHD_Connection *connection,
                                const char *url, const char *method, const char *version,
                                const char *upload, size_t *upload_size, void **context);
void serving_end(void *self, struct MHD_Connection *connection, void **context,
                 enum MHD_RequestTerminationCode code);
size_t serving_unescape(void *self, struct MHD_Connection *connection, char *text);

#endif
