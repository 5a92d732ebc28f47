/*
 * store.h - the records of a run over capture files, into the database.
 *
 * A run is one transaction.  So another process sees all of it or nothing, a second writer
 * is kept out, and a run that was killed leaves a journal that whoever opens the file next
 * rolls back.  It costs little: what a run appends needs no journal, and pages beyond the
 * cache go to the file as they fill.
 */
#ifndef EARSHOT_SCHEMA_STORE_H
#define EARSHOT_SCHEMA_STORE_H

#include "analyzer/model/record.h"
#include "analyzer/model/trunk.h"
#include "schema/db.h"
#include "schema/kpi_zone.h"

enum { STORE_RAW_MAX = 64 * 1024 }; /* bytes kept of a message */

struct store;

/* What makes a run the same as another, beside its frames. */
struct run_info {
	const char *options; /* those that change the result, in a fixed order */
	const char *sensor;
	const char *program; /* our version */
	char *const *files;
	size_t file_count;
	const struct trunks *trunks; /* of the configuration; NULL: none */
	const struct kpi_zone *zone; /* of hours and days of KPIs; NULL: not known */
};

struct run_result {
	uint8_t digest[16]; /* of all frames */
	uint64_t frames;
	int64_t written_us;  /* wall clock, since 1970 UTC */
	const char *summary; /* JSON; may be NULL */
};

/*
 * Opens (creates, brings up to date) the file.  Errors as db_open_write; *error is filled
 * then.
 */
MUST_CHECK enum status store_open(const char *path, struct store **out,
                                  struct db_error *error);

/* Borrows nothing.  ERR_FULL when another process is writing. */
MUST_CHECK enum status store_begin_run(struct store *store, const struct run_info *info);

/*
 * One record of the run.  A failure (a full disk, say) is for good: the run cannot be
 * completed any more.
 */
MUST_CHECK enum status store_add(struct store *store, const struct record *record);

/*
 * Completes the run.  *already_there: a run of the same frames, options and sensor was in
 * the file, and nothing has been added.
 */
MUST_CHECK enum status store_end_run(struct store *store, const struct run_result *result,
                                     bool *already_there);

/* Why the last call did not return OK; names the file. */
const char *store_error(const struct store *store);

/* A run that was begun and not ended is undone.  NULL is fine. */
void store_close(struct store *store);

#endif
