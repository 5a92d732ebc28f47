/* streaming.h - an answer without end, on its way through libmicrohttpd. */
#ifndef EARSHOT_WEB_STREAMING_H
#define EARSHOT_WEB_STREAMING_H

#include <microhttpd.h>

#include "web/clients.h"
#include "web/live.h"

/*
 * Takes the stream over, unless it returns NULL, which is without memory.  Who takes what
 * it gets is not slow, however long that goes on: `client` (NULL is fine) begins to be
 * waited for anew with each part.
 */
struct MHD_Response *streaming_response(struct live_stream *stream, struct clients *clients,
                                        struct client *client);

#endif
