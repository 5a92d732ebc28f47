/*
 * store_live.h - the records of a probe that listens, into the database.
 *
 * Each life of an engine is a run, known by a random number that the engine drew.  Its
 * records are numbered; the number of the last one that is kept is committed with it, so
 * that one which comes again, because nobody could tell whether it was kept, is not kept
 * twice.  What is not over when the engine dies is marked `interrupted`.
 *
 * A batch is one transaction: all of what was added since the last commit is kept, or
 * nothing.  Where something fails (the disk is full, somebody else writes) the batch is
 * undone as if it had never been there, and the caller adds it again later.
 */
#ifndef EARSHOT_SCHEMA_STORE_LIVE_H
#define EARSHOT_SCHEMA_STORE_LIVE_H

#include "analyzer/base/text.h"
#include "analyzer/model/record.h"
#include "analyzer/model/trunk.h"
#include "schema/kpi_zone.h"
#include "schema/retention.h"

enum { LIVE_ENGINE_ID = 16 };

struct store_live;

struct live_run {
	uint8_t engine[LIVE_ENGINE_ID]; /* random */
	const char *sensor;
	const char *program;         /* our version */
	const char *options;         /* those that change the result */
	bool watching;               /* over a folder of captures (store_watch.h) */
	const struct trunks *trunks; /* of the configuration; NULL: none */
	const struct kpi_zone *zone; /* of hours and days of KPIs; NULL: not known */
};

/* What befell the probe; the names are those of probe_event.what. */
enum live_what {
	LIVE_ENGINE_GAP,
	LIVE_KEEPER_GAP,
	LIVE_INTERFACE_GONE,
	LIVE_INTERFACE_BACK,
	LIVE_NOT_KEPT,
	LIVE_FILE_DAMAGED,
	LIVE_FILE_GIVEN_UP,
	LIVE_STREAM_BEGUN,
	LIVE_STREAM_ENDED,
	LIVE_CLOCK_WRONG,
	LIVE_CLOCK_RIGHT,
	LIVE_SILENT,
	LIVE_HEARD,
	LIVE_ONE_SIDED,
	LIVE_TWO_SIDED,
	LIVE_STORE_WAITED,
	LIVE_STORE_REPLACED,
	LIVE_STORE_CHECKED,
	LIVE_SPILL_LOST,
	LIVE_WHAT_COUNT
};
extern const char *const live_what_names[LIVE_WHAT_COUNT];

struct live_event {
	enum live_what what;
	nstime at, until;    /* until: NSTIME_NONE = a moment */
	const char *subject; /* may be NULL */
	uint64_t count;      /* 0 = none */
};

/* Opens, creates or brings up to date; errors as db_open_live. */
MUST_CHECK enum status store_live_open(const char *path, struct store_live **out,
                                       struct db_error *error);

/*
 * The run of that engine, begun now or found.  All others that were going on are
 * interrupted: there is one engine.  *durable: number of its last record that is kept, 0 =
 * none.
 */
MUST_CHECK enum status store_live_begin(struct store_live *live, const struct live_run *run,
                                        nstime now, uint64_t *durable);

/*
 * One more record of the batch.  One that is kept already changes nothing.  over: false for
 * a leg or a call as it stands, which a later record of the same id takes the place of.
 */
MUST_CHECK enum status store_live_add(struct store_live *live, uint64_t number, bool over,
                                      const struct record *record);

/* From now on the run has those trunks and no others; of the batch.  NULL: none. */
MUST_CHECK enum status store_live_trunks(struct store_live *live,
                                         const struct trunks *trunks);

/* One more event of the batch. */
MUST_CHECK enum status store_live_event(struct store_live *live,
                                        const struct live_event *event);

/* One more alert of the batch: it has no number. */
MUST_CHECK enum status store_live_alert(struct store_live *live,
                                        const struct record *alert);

/* The account of the run, numbered like a record; summary: JSON. */
struct live_account {
	uint64_t number, frames;
	nstime at;
	struct text summary;
	bool ahead; /* of records that are added later: its number does not matter */
};
MUST_CHECK enum status store_live_account(struct store_live *live,
                                          const struct live_account *account);

/* What is kept for how long: until this is said, for ever. */
MUST_CHECK enum status store_live_limit(struct store_live *live,
                                        const struct retention_limits *limits);

/*
 * Between two batches: makes room, a little (retention_work), and copies the journal into
 * the file each minute.  True: there is more to do at once.
 */
bool store_live_upkeep(struct store_live *live, nstime wall, nstime monotonic,
                       bool disk_low, nstime budget);
struct retention_facts store_live_facts(const struct store_live *live);
/* Of the file and its journal. */
int64_t store_live_bytes(const struct store_live *live);

/* The figures of a minute, in the order of the table's columns; negative: not known. */
enum live_figure {
	LIVE_FRAMES,
	LIVE_PARSED,
	LIVE_NOT_OURS,
	LIVE_MALFORMED,
	LIVE_DROPPED,
	LIVE_KERNEL_DROPPED,
	LIVE_INTERFACE_DROPPED,
	LIVE_LOST,
	LIVE_CAPTURE_LOST,
	LIVE_RECORDS_NOT_KEPT,
	LIVE_QUEUE_BYTES,
	LIVE_QUEUE_MOST_BYTES,
	LIVE_HELD_BYTES,
	LIVE_SPILL_BYTES,
	LIVE_LAG_MS,
	LIVE_STALL_MS,
	LIVE_ENGINE_BYTES,
	LIVE_KEEPER_BYTES,
	LIVE_PARENT_BYTES,
	LIVE_DB_BYTES,
	LIVE_FREE_BYTES,
	LIVE_FIGURES
};
struct live_health {
	nstime at, length;
	const char *source; /* NULL: the probe as a whole */
	int64_t figures[LIVE_FIGURES];
};
/* One more row of the batch. */
MUST_CHECK enum status store_live_health(struct store_live *live,
                                         const struct live_health *health);

/* What the rows of this run say already of the figures that add up, up to
 * LIVE_RECORDS_NOT_KEPT; source: as in a row. */
enum { LIVE_SUMS = LIVE_RECORDS_NOT_KEPT + 1 };
MUST_CHECK enum status store_live_health_so_far(struct store_live *live, const char *source,
                                                int64_t sums[LIVE_SUMS]);
/* And its events of that sort about that. */
MUST_CHECK enum status store_live_events_so_far(struct store_live *live,
                                                enum live_what what, const char *subject,
                                                uint64_t *count);

/* The engine ended in order, which it said under that number, or died (0): the run is
 * closed, and the batch kept. */
MUST_CHECK enum status store_live_end(struct store_live *live, uint64_t number);

/* The program ends, and records of the run wait beside the database, for the next start: it
 * is neither running then nor over. */
MUST_CHECK enum status store_live_wait(struct store_live *live);

/* Keeps the batch. */
MUST_CHECK enum status store_live_commit(struct store_live *live);

/* Number of the last record that is kept of this run, for good. */
uint64_t store_live_durable(const struct store_live *live);

/* Why the last call did not return OK; names the file. */
const char *store_live_error(const struct store_live *live);

/* What kind of reason that is. */
enum live_trouble {
	LIVE_LOCKED,  /* another process is writing */
	LIVE_FULL,    /* the disk is */
	LIVE_DAMAGED, /* the file is */
	LIVE_FAILING, /* anything else: the disk cannot be written to, memory ran out */
	LIVE_TROUBLE_COUNT
};
extern const char *const live_trouble_names[LIVE_TROUBLE_COUNT];
enum live_trouble store_live_trouble(const struct store_live *live);

/* Looks for damage, for so long (db_check.h). */
MUST_CHECK enum status store_live_check(struct store_live *live, int most_ms,
                                        struct db_error *error);

/* Until it is closed there is much to keep in little time: the journal may grow. */
void store_live_hurry(struct store_live *live);
/* These are the last seconds: nothing is copied out of the journal any more, for where the
 * disk is slow that takes longer than there is time.  The next start has it. */
void store_live_last_seconds(struct store_live *live);

/* What is not committed is undone.  NULL is fine.  for_good: nobody goes on with the file
 * at once, and there is time: it is left so that it can be read from anywhere; else as it
 * is, with its journal. */
void store_live_close(struct store_live *live, bool for_good);

#endif
