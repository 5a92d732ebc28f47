/*
 * report_html_kept.h - what the page remembers of each call until it is written: a row, and
 * of the worst calls the records themselves.
 *
 * Records come long before it is known how bad their call is.  They are kept until
 * REPORT_BYTES are full; then those of the calls that look best go, so that the worst keep
 * theirs.  Rows go in the same way when there are twice REPORT_ROWS.
 */
#ifndef EARSHOT_PROBE_REPORT_HTML_KEPT_H
#define EARSHOT_PROBE_REPORT_HTML_KEPT_H

#include "analyzer/base/hash.h"
#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/model/record.h"

/* R on the common axis (emodel_common_r) below which many users are dissatisfied, and some
 * are (G.107 Annex B). */
enum { REPORT_R_BAD = 70, REPORT_R_FAIR = 80 };

/* What it is that keeps a stream from being fair, or a fair one from being good. */
enum fault {
	FAULT_NONE,    /* it is good, or has no score */
	FAULT_NETWORK, /* packets were lost before the probe */
	FAULT_UNKNOWN, /* packets lack, the network's or the capture's fault */
	FAULT_CAPTURE, /* they are the capture's: what was heard may have been fine */
	FAULT_LATE,    /* packets came too late for the buffer */
	FAULT_CODEC,   /* it would be so without any loss */
	FAULT_COUNT
};

enum fault fault_of(const struct stream_record *stream);

/* Lost behind the probe, as the receiver says, in percent; NAN: it does not say. */
double lost_behind_pct(const struct stream_record *stream);

/* A record as it is kept: only the bytes of its kind, and its tail. */
struct kept_record {
	struct kept_record *next;
	size_t size;
	size_t tail;
	enum record_kind kind;
	uint8_t bytes[];
};

/* Borrows the tail. */
void kept_record_read(const struct kept_record *kept, struct record *out);

struct kept_call {
	uint64_t id; /* of the call; of the stream where it belongs to none */
	bool is_stream, closed;
	nstime start, ended;
	enum leg_state state;
	uint64_t status;
	double duration_s;
	char from[64], to[64];    /* bytes from the wire, perhaps cut */
	struct endpoint src, dst; /* of the first leg, or stream */
	double r;                 /* of the worst stream, on the common axis; NAN: none */
	double mos_lq;
	enum band band;
	enum codec codec;
	enum fault fault;
	double behind_pct; /* the worst of lost_behind_pct */
	uint64_t streams, expected, lost;
	bool one_way, capture_loss, has_leg;
	uint32_t number;             /* in the pool */
	struct kept_record *records; /* owned; the latest first */
	size_t bytes, messages, messages_left_out, reports, reports_left_out;
	bool dropped; /* its records had to go */
};

struct kept_calls {
	struct hash_key key;
	struct pool pool;
	struct map map; /* by id */
	size_t bytes;   /* of all records */
	size_t bytes_max;
	uint64_t rows_left_out;
	bool failed; /* out of memory: something is missing */
};

/* Three quarters of bytes_max and half of rows_max may be the least that is kept. */
MUST_CHECK enum status kept_init(struct kept_calls *kept, size_t bytes_max,
                                 uint32_t rows_max);
void kept_free(struct kept_calls *kept);

/* Of a stream, leg, call, message or report.  The call it belongs to; NULL: none is kept.
 */
struct kept_call *kept_add(struct kept_calls *kept, const struct record *record);

/*
 * All rows, the worst first; of equals the earlier, then the lower id.  The caller frees
 * the list, which borrows the rows.  NULL: there are none, or memory ran out.
 */
struct kept_call **kept_sorted(struct kept_calls *kept, size_t *count);

#endif
