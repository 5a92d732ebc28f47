/*
 * body.h - what a request that changes something has in its body: a JSON object of members
 * that are known, each of its kind.
 */
#ifndef EARSHOT_WEB_BODY_H
#define EARSHOT_WEB_BODY_H

#include <jansson.h>

#include "web/handlers.h"

/*
 * The object, to be given to json_decref; one without members where there is no body.
 * false: it is none, or has a member that is not among `names` (ended by NULL; without
 * them any will do).
 */
MUST_CHECK bool body_read(struct exchange *x, const char *const *names, json_t **out);

/* Each leaves *out, or the text, as it is where there is no such member, or null. */
enum { BODY_NEEDED = 1 };
/* Of least to most octets, its NUL not among them; to: room for most + 1. */
struct body_text {
	const char *name;
	size_t least, most;
	char *to;
	unsigned int flags;
};
MUST_CHECK bool body_take_text(const json_t *body, const struct body_text *text,
                               struct problem *problem);
MUST_CHECK bool body_take_flag(const json_t *body, const char *name, bool *out,
                               struct problem *problem);
MUST_CHECK bool body_take_number(const json_t *body, const char *name, double *out,
                                 struct problem *problem);
/* RFC 3339, or relative to now, as -2h. */
MUST_CHECK bool body_take_time(const json_t *body, const char *name, nstime now,
                               nstime *out, struct problem *problem);
/* One of the names of a table; index 0 has none. */
struct body_name {
	const char *name;
	const char *const *names;
	size_t count;
};
MUST_CHECK bool body_take_name(const json_t *body, const struct body_name *name,
                               unsigned int *out, struct problem *problem);

#endif
