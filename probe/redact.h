/*
 * redact.h - a sink that passes records on without what is secret in them (sip_redact.h):
 * in the bytes of messages, and passwords of URIs in any text.
 */
#ifndef EARSHOT_PROBE_REDACT_H
#define EARSHOT_PROBE_REDACT_H

#include "analyzer/model/record.h"
#include "analyzer/model/sink.h"

struct redact_room; /* where records are put together anew */

MUST_CHECK enum status redact_room_new(struct redact_room **out); /* ERR_NOMEM */
void redact_room_free(struct redact_room *room);                  /* NULL is fine */

struct redact {
	const struct sink *to;    /* borrowed */
	struct redact_room *room; /* borrowed */
};

struct sink redact_sink(struct redact *redact);

#endif
