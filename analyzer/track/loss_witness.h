/*
 * loss_witness.h - was it the network that lost packets, or the capture?
 *
 * Streams report what each of their intervals lost; the witness keeps it by path, that is
 * from address to address, for some minutes, and answers for an interval of a stream how
 * many of its losses are whose.  loss_population.h says how that is decided, for a window
 * of LOSS_WINDOW intervals around the one asked about.
 *
 * Bounded: 16 intervals of 512 paths.  Of more paths a sample is kept, chosen by a keyed
 * hash of the two addresses, both directions alike.  An interval that is 9 intervals old
 * is decided for good, and the decision kept for LOSS_HISTORY intervals.  Nothing here
 * depends on anything but the order of the calls.
 */
#ifndef EARSHOT_TRACK_LOSS_WITNESS_H
#define EARSHOT_TRACK_LOSS_WITNESS_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "analyzer/base/hash.h"
#include "analyzer/model/record.h"
#include "analyzer/track/loss_population.h"

enum {
	LOSS_TABLES = 16,    /* intervals held with all their paths; a power of two */
	LOSS_HISTORY = 4096, /* decisions held: more than 5 h at 5 s; a power of two */
};

/* An interval of a stream. */
struct loss_sample {
	nstime at; /* its start, or any time in it */
	const struct address *src, *dst;
	struct loss_counts counts;
	/* To report: what RTCP has said since the last sample.  To ask: of the whole stream
	 * so far.  All zero: nothing. */
	struct loss_far far;
};

/* Whose an interval's losses are.  The three add up to its `lost`; sum, then round. */
struct loss_shares {
	double network, capture, unknown;
};

struct loss_witness_counters {
	uint64_t samples, late; /* taken; come after their interval was forgotten */
	uint64_t left_out;      /* of paths that are not in the sample */
	uint64_t forgotten;     /* asked about, but too old */
};

struct loss_table;
struct loss_decision;

/* What an address is called among losses. */
enum { LOSS_HOST_BITS = 8 };
struct loss_host {
	struct address address;
	uint64_t host, site;
	bool known;
};

struct loss_witness {
	struct hash_key key;
	nstime length;                      /* of an interval */
	int64_t newest;                     /* number of the latest interval */
	uint64_t sample_below;              /* paths are kept whose hash is at most that */
	struct loss_hints run;              /* without a time: of the whole run */
	struct loss_table *tables;          /* owned: LOSS_TABLES */
	struct loss_decision *history;      /* owned: LOSS_HISTORY */
	struct loss_population *population; /* owned */
	struct loss_host hosts[1 << LOSS_HOST_BITS];
	struct loss_witness_counters counters;
};

/* length: of an interval, as streams have it; above 0. */
MUST_CHECK enum status loss_witness_init(struct loss_witness *w, const struct hash_key *key,
                                         nstime length);
void loss_witness_free(struct loss_witness *w);

/* A stream closes an interval, or a part of one at its end. */
void loss_witness_add(struct loss_witness *w, const struct loss_sample *sample);

/* Frames seen and dropped since the last call; at NSTIME_NONE: in the whole run. */
void loss_witness_drops(struct loss_witness *w, nstime at, uint64_t seen, uint64_t dropped);
/* TCP data was acknowledged that was never seen. */
void loss_witness_tcp_gap(struct loss_witness *w, nstime at);

/* Whose are the losses of this interval of a stream, as far as is known now? */
struct loss_shares loss_witness_judge(struct loss_witness *w,
                                      const struct loss_sample *sample);

/* Who lost more than half: of one interval, or of the sum of many. */
enum loss_verdict loss_shares_verdict(const struct loss_shares *shares);

#endif
