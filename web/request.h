/*
 * request.h - what was asked: the target of a request (RFC 9112 section 3.2, origin form,
 * RFC 3986), read once and strictly, and the few header fields that matter.
 */
#ifndef EARSHOT_WEB_REQUEST_H
#define EARSHOT_WEB_REQUEST_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "web/problem.h"

enum {
	REQUEST_TARGET_MAX = 4096,
	REQUEST_SEGMENTS_MAX = 8,
	REQUEST_PARAMETERS_MAX = 16,
};

enum request_method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_POST,
	METHOD_PUT,
	METHOD_DELETE,
	METHOD_OTHER
};

struct request_parameter {
	struct text name, value; /* percent-decoded, valid UTF-8 without NUL */
};

struct request {
	enum request_method method;
	struct text segments[REQUEST_SEGMENTS_MAX]; /* of the path, decoded likewise */
	size_t segment_count;
	struct request_parameter parameters[REQUEST_PARAMETERS_MAX];
	size_t parameter_count;
	/* Header fields as they came, borrowed; NULL = not there. */
	const char *accept, *accept_encoding, *if_none_match;
	const char *host, *origin, *authorization, *cookie, *content_type;
	const char *last_event_id;
	const char *csrf;      /* X-Earshot-Token */
	struct text body;      /* of a method that has one; borrowed */
	struct address client; /* who is at the other end, perhaps a proxy */
	bool local;            /* from this machine, to it, through no proxy */
	nstime now;
	char room[REQUEST_TARGET_MAX]; /* what the texts above point into */
};

enum request_method request_method(const char *name);
const char *request_method_name(enum request_method method); /* METHOD_OTHER: NULL */

/* Fills segments and parameters; false: *problem says what is wrong. */
MUST_CHECK bool request_read_target(struct request *request, struct text target,
                                    struct problem *problem);

/* The value of a parameter; of one that is not there .at is NULL. */
struct text request_parameter(const struct request *request, const char *name);

/* Is there any parameter but those (ended by NULL)?  Then *problem names it. */
MUST_CHECK bool request_allows(const struct request *request, const char *const *names,
                               struct problem *problem);

/* "localhost", 127.0.0.0/8 or ::1, with or without a port: a name that no DNS makes ours.
 */
bool request_host_is_local(struct text host);

bool request_address_is_local(const struct address *address);

/* --- header fields -------------------------------------------------------------------- */

/*
 * How much a media type is wanted, 0 (not at all) to 1000, by an Accept field (RFC 9110
 * section 12.5.1); NULL wants everything.  `type` is "text/csv".
 */
unsigned int accept_quality(const char *accept, const char *type);

/* Does an Accept-Encoding field take gzip?  NULL does not. */
bool accept_gzip(const char *accept_encoding);

/* Does an If-None-Match field name the entity tag, quotes included (weak comparison)? */
bool etag_matches(const char *if_none_match, const char *etag);

#endif
