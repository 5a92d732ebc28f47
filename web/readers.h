/*
 * readers.h - the few connections to the database that all requests share: each is used by
 * one thread at a time, and nobody asks for longer than READERS_QUERY_MS.  When another
 * file takes the place of the database, they are of that one from the next question on.
 */
#ifndef EARSHOT_WEB_READERS_H
#define EARSHOT_WEB_READERS_H

#include "schema/query.h"

enum { READERS_MAX = 8, READERS_QUERY_MS = 2000, READERS_WAIT_MS = 2000 };

struct readers;

/* Opens one connection, so that what is wrong with the file is known at once. */
MUST_CHECK enum status readers_new(const char *path, struct readers **out,
                                   struct db_error *error);
void readers_free(struct readers *readers); /* NULL is fine; none is in use */

/*
 * A connection to give back with readers_give.  ERR_FULL: all are busy, and stayed so for
 * READERS_WAIT_MS; anything else: the database cannot be opened.
 */
MUST_CHECK enum status readers_take(struct readers *readers, struct query **out);
/* query: what readers_take gave; NULL: it gave a place, but no connection. */
void readers_give(struct readers *readers, struct query *query);

/* Whatever is being asked fails at once, and nothing is asked any more: the end is near. */
void readers_close(struct readers *readers);

const char *readers_path(const struct readers *readers);

#endif
