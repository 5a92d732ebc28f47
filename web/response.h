/* response.h - an answer, before it is put on the wire (web/server.c). */
#ifndef EARSHOT_WEB_RESPONSE_H
#define EARSHOT_WEB_RESPONSE_H

#include "web/auth.h"
#include "web/live.h"

enum {
	RESPONSE_BODY_MAX = 8 << 20, /* octets; lists end a page earlier */
	RESPONSE_GZIP_MIN = 1024,    /* less is not worth it */
	RESPONSE_ETAG_SIZE = 32,
};

enum response_format {
	FORMAT_JSON,
	FORMAT_LINES,
	FORMAT_CSV,
	FORMAT_METRICS,
	FORMAT_YAML,
	FORMAT_PCAP,
	FORMAT_EVENTS,
	FORMAT_COUNT
};

struct response {
	unsigned int status;
	enum response_format format;
	const char *type;   /* Content-Type */
	struct buffer body; /* owned */
	char link[5200];    /* Link field, "" = none: the next page of a list */
	char reached[40];   /* Earshot-Reached, "" = none: how far a list looked */
	char etag[RESPONSE_ETAG_SIZE]; /* W/"..."; "" = none */
	bool gzipped, public;          /* public: no data of calls, a cache may keep it */
	bool lasting;                  /* public, and under this path it never changes */
	unsigned int retry_s;          /* Retry-After, 0 = none */
	struct live_stream *stream;    /* owned; goes on behind the body, NULL = none */
	char who[ACCOUNT_NAME];        /* asked, for the access log; "" = nobody known */
	char allow[64];                /* Allow, "" = none */
	char cookie[AUTH_COOKIE];      /* Set-Cookie, "" = none */
};

/*
 * The best of the formats (bits, 1 << FORMAT_...) by the Accept field; false: none will do.
 * Sets format and type.
 */
MUST_CHECK bool response_negotiate(struct response *response, unsigned int formats,
                                   const char *accept);

/* Turns into the answer that tells of the problem. */
void response_problem(struct response *response, const struct problem *problem,
                      uint64_t request);

/* Last: entity tag if there is none, 304 when the client has it, gzip when it takes that.
 */
void response_finish(struct response *response, const struct request *request);

void response_free(struct response *response);

#endif
