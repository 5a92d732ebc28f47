/*
 * query.h - rows back to records.
 *
 * Where several runs saw the same thing (the same id), only the latest run's row counts.
 */
#ifndef EARSHOT_SCHEMA_QUERY_H
#define EARSHOT_SCHEMA_QUERY_H

#include "analyzer/model/record.h"
#include "schema/db.h"
#include "schema/filter.h"

enum { QUERY_MESSAGES_MAX = 10000 }; /* of one call */

struct query;

/* A database for reading; errors as db_open_read. */
MUST_CHECK enum status query_open(const char *path, struct query **out,
                                  struct db_error *error);
void query_close(struct query *query); /* NULL is fine */

/* Why the last call did not return OK; names the file. */
const char *query_error(const struct query *query);

/* --- for what else in this folder asks questions -------------------------------------- */

sqlite3 *query_db(const struct query *query);
/* Keeps for query_error what the connection says; the status that it stands for. */
enum status query_failed(struct query *query);
enum status query_no_memory(struct query *query); /* ERR_NOMEM */

/* --- records -------------------------------------------------------------------------- */

/* An answer being read.  End it with rows_end, read to its end or not. */
struct rows {
	struct query *query; /* borrowed */
	sqlite3_stmt *statement;
	enum record_kind kind;
	int64_t run;   /* of the row read last; of query_walk not known */
	int64_t place; /* likewise, of query_walk */
	bool walk;
};

/* The next row; its tail is borrowed until the next call.  ERR_NOT_FOUND at the end. */
MUST_CHECK enum status rows_next(struct rows *rows, struct record *out);
void rows_end(struct rows *rows);

/*
 * From here on every record that is read goes through `change` before anybody sees it, and
 * it may take its tail from there; with change NULL as it is in the database.
 */
struct query_lens {
	void (*change)(void *self, struct record *record);
	void *self; /* borrowed */
};
void query_look_through(struct query *query, const struct query_lens *lens);

/*
 * From here on whatever is asked must have its answer within ms of real time, all of it
 * together; 0 takes the brake off.  What comes too late fails, and query_was_braked.
 */
void query_brake(struct query *query, unsigned int ms);
bool query_was_braked(const struct query *query);
/* What is being asked fails; from any thread. */
void query_interrupt(struct query *query);

/* Where a page ended: the value that the list is sorted by, and the id. */
struct query_place {
	bool known, is_real; /* the value */
	int64_t number;      /* of a time microseconds */
	double real;
	uint64_t id;
};

/* A list of records of one kind. */
struct query_list {
	enum record_kind kind;
	const struct filter *filter; /* borrowed until rows_end; NULL = all */
	nstime now;                  /* what the filter's times are relative to */
	size_t limit;
	nstime from, until;       /* by the time the list goes by; 0 = no bound */
	const struct field *sort; /* of query_sort_field; NULL = the kind's own order */
	bool ascending;           /* with sort */
	const struct query_place *after; /* with sort; NULL = from the beginning */
	uint64_t offset;                 /* rows behind `after` that are left out */
	bool every_state; /* of RECORD_ALERT: each change, not the last one alone */
	/* The rows between from and until, or those of the filter, are few: they are put in
	 * order; else an index that has the order, if any, is gone along. */
	bool few;
	/* Only these rows, by query_front; NULL = any. */
	const struct query_front *among; /* borrowed until query_list returns */
};

/* The first rows of a list, whatever its filter and limit. */
struct query_front {
	int64_t *seqs; /* owned */
	size_t count;
	struct query_place last; /* of them; of none without meaning */
};

/*
 * Of a list in an order that an index has (query_has_order), not that of its time: the
 * first `rows`, and fewer if there are no more.  Free *out in any case.
 */
MUST_CHECK enum status query_front(struct query *query, const struct query_list *list,
                                   size_t rows, struct query_front *out);
void query_front_free(struct query_front *front);

/* Does the list go by that field when it is not told otherwise? */
bool query_is_time(enum record_kind kind, const struct field *field);
/* Is there an index by which the list comes in the order of that field? */
bool query_has_order(enum record_kind kind, const struct field *field);

/*
 * The time that is `rows` rows further in a list by time, as *list says it but for its
 * filter: up to there no more than these need be looked at.  For another order: that is so
 * many back from `until`.  ERR_NOT_FOUND: there are not so many.
 */
MUST_CHECK enum status query_reach(struct query *query, const struct query_list *list,
                                   size_t rows, nstime *out);

/*
 * How many rows an unfiltered list has, and the place and offset at which it goes on behind
 * `rows` of them, in an order that an index has (query_has_order; between from and until
 * that of the time alone).  A row that a later run has again is counted with the others:
 * query_count says ERR_UNSUPPORTED where there are such among the newest, query_skip
 * ERR_NOT_FOUND when there are not so many rows.
 */
MUST_CHECK enum status query_count(struct query *query, const struct query_list *list,
                                   uint64_t *out);
MUST_CHECK enum status query_skip(struct query *query, const struct query_list *list,
                                  uint64_t rows, struct query_place *after,
                                  uint64_t *offset);

/*
 * The field of that name that a list of the kind can be sorted by, a time or a number; of
 * an empty name the time that the list goes by.  NULL: there is none.
 */
const struct field *query_sort_field(enum record_kind kind, struct text name);
struct query_place query_place(const struct field *sort, const struct record *record);

/*
 * Unless it says otherwise newest first, by the first time in the kind's table;
 * RECORD_FINDING likewise, of each call those of its latest run.  Of RECORD_BINDING and
 * RECORD_PEER how each contact and each address stood last, and the time they go by is
 * `last`.
 */
MUST_CHECK enum status query_list(struct query *query, const struct query_list *list,
                                  struct rows *out);

/*
 * Records as they were written, those that were written later last, so that who has read up
 * to a place may go on there for ever.
 */
struct query_walk {
	enum record_kind kind;       /* one of those that query_list has */
	const struct filter *filter; /* borrowed until rows_end; NULL = all */
	nstime now;                  /* what the filter's times are relative to */
	int64_t after;               /* a place; 0 = from the beginning */
	size_t limit;
};
MUST_CHECK enum status query_walk(struct query *query, const struct query_walk *walk,
                                  struct rows *out);

/*
 * RECORD_LEG, RECORD_STREAM, RECORD_REPORT, RECORD_FINDING or RECORD_MESSAGE: what that run
 * has of the call, by time, findings by rank; of messages the first QUERY_MESSAGES_MAX.
 * RECORD_EVENT: the outages and failovers, while a leg lasted, of an address it used.
 */
MUST_CHECK enum status query_of_call(struct query *query, enum record_kind kind,
                                     uint64_t call, int64_t run, struct rows *out);

/* Buckets of KPIs. */
enum kpi_level { KPI_MINUTES, KPI_HOURS, KPI_DAYS, KPI_LEVEL_COUNT };
struct kpi_span {
	enum kpi_level level;
	bool whole;         /* of hours and days: codecs and codes need not be told apart */
	enum kpi_view view; /* PEER: with those of trunks by name */
	nstime from, to;    /* that begin not before and before; NSTIME_NONE: no bound */
	const struct filter *filter; /* borrowed until rows_end; NULL: all */
	nstime now;                  /* what the filter's times are relative to */
	nstime first, last;          /* of query_kpi_span */
};

/* In the order of their times; the tail is the bins. */
MUST_CHECK enum status query_kpis(struct query *query, const struct kpi_span *span,
                                  struct rows *out);
/* Fills in the first and last minute of which there is any.  ERR_NOT_FOUND: none. */
MUST_CHECK enum status query_kpi_span(struct query *query, struct kpi_span *span);

/* What hours or days peaked at: of what kpi_peak.grouped says. */
struct kpi_peaks {
	struct kpi_key key;
	int64_t of[KPI_PEAK_COUNT];
};
/* In the order of their times, for `accept`, which says false when it has enough. */
MUST_CHECK enum status query_kpi_peaks(
        struct query *query, const struct kpi_span *span, const char *grouped,
        bool (*accept)(void *self, const struct kpi_peaks *peaks), void *self);

/* RECORD_CALL, RECORD_LEG or RECORD_STREAM by its id.  ERR_NOT_FOUND. */
struct found {
	enum record_kind kind;
	uint64_t id, call; /* call: 0 when it belongs to none */
	int64_t run;
};
MUST_CHECK enum status query_one(struct query *query, const struct found *found,
                                 struct rows *out);
/* The same in one call, without its tail. */
MUST_CHECK enum status query_read(struct query *query, const struct found *found,
                                  struct record *out);

/* What endpoints claim of one stream, by time: also of one that belongs to no call. */
MUST_CHECK enum status query_reports_of_stream(struct query *query,
                                               const struct found *stream,
                                               struct rows *out);

/* The latest run's RECORD_CALL, RECORD_LEG or RECORD_STREAM of that id.  ERR_NOT_FOUND. */
MUST_CHECK enum status query_by_id(struct query *query, enum record_kind kind, uint64_t id,
                                   struct found *out);

/* How many calls are going on, of the run that is. */
MUST_CHECK enum status query_in_progress(struct query *query, uint64_t *calls);

/* What became of frames; the last three came beside those that were taken. */
enum health_frames {
	HEALTH_PARSED,
	HEALTH_NOT_OURS,
	HEALTH_MALFORMED,
	HEALTH_DROPPED,
	HEALTH_KERNEL,
	HEALTH_INTERFACE,
	HEALTH_LOST,
	HEALTH_FRAMES_COUNT
};
extern const char *const health_frame_names[HEALTH_FRAMES_COUNT];

/* How the probe fared in the hour until it last said so. */
struct health_hour {
	nstime at;
	int64_t frames[HEALTH_FRAMES_COUNT];
	int64_t not_kept;
	int64_t free_bytes; /* the latest; -1 = not known */
};
/* ERR_NOT_FOUND: it never said. */
MUST_CHECK enum status query_health_hour(struct query *query, struct health_hour *out);

/* Tables of the probe that were ever under pressure (analyzer/model/pressure.h), as the
 * latest run tells. */
enum { QUERY_PRESSURES = 16 };
struct pressure_facts {
	char table[32];
	uint64_t times;
	nstime changed;
	bool on;
};
MUST_CHECK enum status query_pressure(struct query *query,
                                      struct pressure_facts out[QUERY_PRESSURES],
                                      size_t *count);

/* How the database came about. */
struct run_facts {
	uint64_t runs;
	/* Of the latest run; texts are borrowed until facts_end. */
	int64_t frames;
	nstime written;      /* when it ended */
	struct text files;   /* JSON list */
	struct text summary; /* JSON object, "" = none was kept */
	struct text program; /* the version that wrote it */
	sqlite3_stmt *statement;
};

/* ERR_NOT_FOUND: no run was kept.  End it with run_facts_end either way. */
MUST_CHECK enum status query_run(struct query *query, struct run_facts *out);
void run_facts_end(struct run_facts *facts);

/*
 * What people call a thing: a SIP Call-ID (the calls it is in), or the id of a call, leg or
 * stream or the beginning of one.  Fills up to max of *found; *count may be 0.
 */
MUST_CHECK enum status query_find(struct query *query, const char *name,
                                  struct found *found, size_t max, size_t *count);

#endif
