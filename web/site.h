/* site.h - what all requests share: where answers come from. */
#ifndef EARSHOT_WEB_SITE_H
#define EARSHOT_WEB_SITE_H

#include <stdatomic.h>

#include "analyzer/model/record.h"
#include "web/auth.h"
#include "web/buffer.h"
#include "web/live.h"
#include "web/readers.h"
#include "web/rule_board.h"
#include "web/sla_board.h"

enum { SITE_STATUS_CLASSES = 6 };

struct site {
	struct readers *readers;  /* owned by who made the site */
	struct auth *auth;        /* likewise */
	struct live *live;        /* likewise; NULL: no probe runs here */
	struct rule_board *rules; /* likewise; those of the configuration */
	struct sla_board *sla;    /* likewise; what was agreed on */
	const char *version;
	/*
	 * Both append JSON, one object a line: a stream's timeline, and how the figures of
	 * a call, leg or stream came about.  They are the program's, because they take the
	 * E-model, which is not for web/ to know.
	 */
	void (*add_intervals)(struct buffer *to, const struct record *stream);
	enum status (*explain)(struct query *query, const struct found *found,
	                       struct buffer *to);
	nstime started;
	/* Counted by many threads. */
	atomic_uint_fast64_t requests;                     /* also the request's number */
	atomic_uint_fast64_t answers[SITE_STATUS_CLASSES]; /* by the status's first digit */
	atomic_uint_fast64_t too_slow;                     /* connections that were cut */
};

#endif
