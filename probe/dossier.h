/*
 * dossier.h - the records of one call, or of one stream that belongs to none, kept
 * together: what `earshot explain` looks at.
 */
#ifndef EARSHOT_PROBE_DOSSIER_H
#define EARSHOT_PROBE_DOSSIER_H

#include "analyzer/model/record.h"
#include "schema/query.h"

/* In the order in which they were added; all zero is empty. */
struct dossier {
	struct record *records; /* owned, and so are the timelines in their tails */
	size_t count, room;
	bool no_memory; /* something was left out */
};

/* Copies the record, and of a stream its tail. */
void dossier_add(struct dossier *dossier, const struct record *record);

/* Adds what the database has of what was found: of its whole call, if it has one. */
MUST_CHECK enum status dossier_read(struct dossier *dossier, struct query *query,
                                    const struct found *found);

/* The first record of that kind and, unless 0, that id; NULL: none. */
const struct record *dossier_find(const struct dossier *dossier, enum record_kind kind,
                                  uint64_t id);

/* Moves all of `from` to the end of `to`. */
void dossier_move(struct dossier *to, struct dossier *from);

/*
 * By kind; then legs and reports by time, streams by direction and time.  To the
 * microsecond, as the database has times, so that the order does not depend on the way
 * here.
 */
void dossier_sort(struct dossier *dossier);

void dossier_free(struct dossier *dossier);

#endif
