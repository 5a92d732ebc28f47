/*
 * kpi.h - key performance indicators out of finished legs, calls, streams and
 * registrations: a consumer, nothing flows back.  docs/kpis.md has the definitions.
 *
 * Everything counts in the minute in which it began, but for what is in progress by the
 * second, which counts in each minute it lasts.  A leg counts once by itself, once at
 * either end (its trunk, or its address), and its call once for the caller.
 */
#ifndef EARSHOT_TRACK_KPI_H
#define EARSHOT_TRACK_KPI_H

#include "analyzer/track/kpi_cells.h"

/* What is kept of a leg until its call is over. */
struct kpi_leg {
	nstime start, ringing, answered, ended;
	nstime until; /* ended, or when the probe stopped waiting for it */
	uint64_t status, q850;
	enum leg_state state;
	enum ended_how ended_how;
	enum codec codec;
	uint32_t flags;
	double pdd_ms, srd_ms, setup_ms, sdd_ms, duration_s;
	bool one_way, judged;
	uint64_t messages, retransmissions;
	uint64_t pair; /* hash of caller and called */
	char trunk_src[KPI_TRUNK], trunk_dst[KPI_TRUNK], prefix[KPI_PREFIX];
};

/* A call whose legs are coming in: what the caller got is that of one of them. */
struct kpi_call {
	uint64_t id;
	nstime start, until;
	uint64_t legs;
	struct kpi_leg outcome;
	uint64_t pair;      /* hash of caller and called */
	nstime first_start; /* of the leg that gave pair and trunks */
	/* Of the first leg: */
	char trunk_src[KPI_TRUNK], trunk_dst[KPI_TRUNK];
	struct address src;
};

/* The last call from one to another. */
struct kpi_pair {
	uint64_t hash;
	nstime start, until;
	bool again; /* counted as dialled again */
	struct kpi_slot slot;
};

/* A signalling or media address of no trunk that is counted by itself. */
struct kpi_peer {
	struct address address;
	uint64_t hash;
	nstime used;
	char name[ADDRESS_TEXT_SIZE];
};
static_assert((int)KPI_PEER >= (int)ADDRESS_TEXT_SIZE, "an address fits");

struct kpis {
	struct context *context; /* borrowed */
	struct kpi_cells cells;
	struct pool calls, pairs, peers;
	struct map call_map, pair_map, peer_map;
	uint32_t pair_hand;
	nstime peers_full_until; /* no peer can make room for another before then */
	struct deadline deadline;
	bool due;
};

MUST_CHECK enum status kpis_init(struct kpis *kpis, struct context *context);
void kpis_free(struct kpis *kpis);

/*
 * What has become final, each before it is given; a leg before its call.  `closed`: when
 * the probe stopped waiting for more of the leg, which is its end where none was seen.
 */
void kpi_note_leg(struct kpis *kpis, const struct leg_record *leg, nstime closed);
void kpi_note_call(struct kpis *kpis, const struct call_record *call);
void kpi_note_stream(struct kpis *kpis, const struct stream_record *stream);
void kpi_note_registration(struct kpis *kpis, const struct registration_record *record);

/*
 * The buckets are given behind all other records of a time: when settings.kpi_every has
 * passed, when they become many, and at the end.  Where there is no room at all, at once.
 */
void kpis_deadline(struct kpis *kpis);
void kpis_give_due(struct kpis *kpis);
void kpis_finish(struct kpis *kpis);

/* --- between the files of it ---------------------------------------------------------- */

/* Counts and samples of one thing, to be added to several buckets. */
enum { KPI_SAMPLES_MAX = 8 };
struct kpi_facts {
	uint64_t counts[KPI_COUNT_COUNT];
	enum kpi_count first; /* those before it are all 0 */
	struct {
		enum kpi_series series;
		uint8_t bin;
	} samples[KPI_SAMPLES_MAX];
	size_t sample_count;
	uint64_t not_believed; /* delays that are in no sample */
};

/* kpi_leg.c: what a leg means; `offset` ms are added to its delays. */
void kpi_leg_facts(const struct kpi_leg *leg, double offset_ms, struct kpi_facts *out);
/* How much a leg says of what its call came to, most first. */
enum kpi_standing {
	KPI_STANDS_INTERRUPTED,
	KPI_STANDS_INCOMPLETE,
	KPI_STANDS_FAILED,
	KPI_STANDS_PENDING,
	KPI_STANDS_ANSWERED,
};
enum kpi_standing kpi_leg_standing(const struct kpi_leg *leg);

/* A delay in ms into a histogram and its sum; NAN: unknown. */
void kpi_sample_ms(struct kpi_facts *facts, enum kpi_series series, enum kpi_count sum,
                   double ms);
void kpi_sample(struct kpi_facts *facts, enum kpi_series series, double value);

/* kpi_ends.c: the two ends of a leg or stream. */
struct kpi_ends {
	const char *trunk[2]; /* source, destination; borrowed; empty: of none */
	const struct address *address[2]; /* borrowed */
};
/*
 * Sets *slot to the next of the ends' buckets; *step is 0 before the first.  Of the
 * trunk's view: each end that is of a trunk; the nameless one when neither is.  Then, of
 * the peer's, each end that is of none.
 */
bool kpi_next_end(struct kpis *kpis, struct kpi_slot *slot, const struct kpi_ends *ends,
                  unsigned int *step);
/* Of these three alone comes what a slot says of its end and prefix: with the words go
 * their hashes, by which cells are told apart. */
void kpi_set_trunk(const struct kpis *kpis, struct kpi_slot *slot, const char *trunk,
                   enum kpi_direction direction);
void kpi_set_prefix(const struct kpis *kpis, struct kpi_slot *slot, const char *prefix);
/* Whatever its address: known by it, or one of the rest. */
void kpi_set_peer(struct kpis *kpis, struct kpi_slot *slot, const struct address *address,
                  enum kpi_direction direction);

/* kpi_pair.c: a call from one to another; is it dialled again?  Counts it where it is. */
void kpi_note_pair(struct kpis *kpis, uint64_t hash, nstime start, nstime until,
                   const struct kpi_slot *slot);

#endif
