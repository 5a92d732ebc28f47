#include "web/streaming.h"

#include <stdlib.h>

enum { PART = 4096 };

struct streaming {
	struct live_stream *stream; /* owned */
	struct clients *clients;    /* borrowed */
	struct client *client;      /* likewise */
};

static ssize_t read_part(void *self, uint64_t at, char *to, size_t room)
{
	(void)at;
	struct streaming *streaming = self;
	clients_wait(streaming->clients, streaming->client, true);
	const size_t len = live_read(streaming->stream, to, room);
	return len > 0 ? (ssize_t)len : MHD_CONTENT_READER_END_OF_STREAM;
}

static void end(void *self)
{
	struct streaming *streaming = self;
	live_close(streaming->stream);
	free(streaming);
}

struct MHD_Response *streaming_response(struct live_stream *stream, struct clients *clients,
                                        struct client *client)
{
	struct streaming *streaming = calloc(1, sizeof *streaming);
	if (!streaming)
		return NULL;
	*streaming = (struct streaming){ stream, clients, client };
	struct MHD_Response *to = MHD_create_response_from_callback(
	        MHD_SIZE_UNKNOWN, PART, read_part, streaming, end);
	if (!to)
		free(streaming);
	return to;
}
