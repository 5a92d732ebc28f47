/* query_rows.h - between the files of schema/query.h. */
#ifndef EARSHOT_SCHEMA_QUERY_ROWS_H
#define EARSHOT_SCHEMA_QUERY_ROWS_H

#include "schema/message_bytes.h"
#include "schema/query.h"

struct query {
	sqlite3 *db; /* owned */
	char *path;  /* owned */
	struct db_error error;
	unsigned int brake_ms;             /* 0 = none */
	nstime deadline;                   /* monotonic */
	struct message_unpacker *unpacker; /* owned; NULL until one is needed */
	struct query_lens lens;
};

/*
 * SELECT run, fields FROM kind AS t, and `tail`, which is made of constants of ours:
 * whatever the user gave is a parameter in it.
 */
MUST_CHECK enum status query_select(struct query *query, enum record_kind kind,
                                    const char *tail, struct rows *out);
/* The same out of `source`, a table or SELECT in parentheses that has the columns. */
MUST_CHECK enum status query_select_from(struct query *query, enum record_kind kind,
                                         const char *source, const char *tail,
                                         struct rows *out);

/* The same out of the kind's table, with the seq of each row in place of its run. */
MUST_CHECK enum status query_select_places(struct query *query, enum record_kind kind,
                                           const char *tail, struct rows *out);

/* Only what query.h is for may be prepared from here on. */
MUST_CHECK int query_confine(struct query *query);

#endif
