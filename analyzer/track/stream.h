/*
 * stream.h - one SSRC from one transport address to another: counts, timing and, at its
 * end, its record.  It knows no SDP: media.c tells it what each payload type is.
 */
#ifndef EARSHOT_TRACK_STREAM_H
#define EARSHOT_TRACK_STREAM_H

#include "analyzer/model/counters.h"
#include "analyzer/model/limits.h"
#include "analyzer/model/packet.h"
#include "analyzer/model/record.h"
#include "analyzer/model/timeline.h"
#include "analyzer/quality/bursts.h"
#include "analyzer/quality/coverage.h"
#include "analyzer/quality/delay_variation.h"
#include "analyzer/quality/impairment.h"
#include "analyzer/quality/jitter.h"
#include "analyzer/quality/loss_shape.h"
#include "analyzer/quality/playout.h"
#include "analyzer/quality/sequence.h"
#include "analyzer/quality/transit.h"
#include "analyzer/track/deadlines.h"
#include "analyzer/track/loss_witness.h"
#include "analyzer/track/stream_facts.h"
#include "analyzer/wire/rtp.h"

enum {
	STREAM_MAX_CLAIMS = 8,
	HELD_HEADERS = 64, /* quality.md: enough to guess a clock by */
};

/* The key: 40 bytes without padding, hashed as they lie. */
struct flow {
	struct endpoint src, dst;
	uint32_t ssrc;
};

/* What a payload type means in a stream. */
struct payload_meaning {
	uint32_t clock_hz;     /* 0 = unknown */
	uint32_t bit_rate_bps; /* where the SDP allows only one; 0 = it does not say */
	enum codec codec : 8;
	enum clock_basis basis : 8;
	enum audio_bandwidth bandwidth : 8; /* EVS, where the SDP says it */
	bool no_vad : 1;                    /* G.729 with annexb=no */
	bool octet_aligned : 1;             /* AMR with octet-align=1 */
	bool header_full_only : 1;          /* EVS with hf-only=1 */
};

static inline bool payload_meaning_equal(const struct payload_meaning *a,
                                         const struct payload_meaning *b)
{
	return a->clock_hz == b->clock_hz && a->bit_rate_bps == b->bit_rate_bps &&
	       a->codec == b->codec && a->basis == b->basis &&
	       a->bandwidth == b->bandwidth && a->no_vad == b->no_vad &&
	       a->octet_aligned == b->octet_aligned &&
	       a->header_full_only == b->header_full_only;
}

struct stream_type {
	uint32_t packets; /* of this type, copies too */
	uint32_t heard;   /* these, or those inside RFC 2198 */
	uint32_t unheard; /* of these, not unique, or held and given up */
	uint8_t payload_type;
	uint8_t kind;   /* enum codec_kind */
	bool undecided; /* dynamic, and nobody has said what it is yet */
	bool timed;     /* audio of a known clock: it has jitter, and buffers play it */
	struct payload_meaning meaning;
	nstime first; /* arrival of the first of them, or of the RFC 2198 packet around it
	               */
};

/* Audio and digits; whoever has more of them has a block for the rest. */
enum { STREAM_FEW_TYPES = 2, STREAM_NO_TYPE = RECORD_MAX_TYPES };

/* What the latest packet was: of types[index] as far as every packet needs it. */
struct stream_now {
	uint32_t packets;     /* not yet in types[index] */
	uint32_t clock_hz;    /* 0 = unknown */
	uint8_t payload_type; /* of the packets themselves; not that inside RFC 2198 */
	uint8_t index;        /* STREAM_NO_TYPE: none yet, or over the cap */
	uint8_t kind;         /* enum codec_kind */
	bool undecided : 1, timed : 1;
	bool carried : 1; /* inside RFC 2198 */
};

/* Headers kept until the clock is known, then replayed. */
struct held_headers {
	uint32_t count;
	struct {
		nstime arrival;
		int64_t extended;
		uint32_t timestamp;
		uint8_t payload_type;
		bool restart; /* a segment begins here */
	} list[HELD_HEADERS];
};

struct rtcp_figures; /* stream_rtcp.h */
struct stream_modes; /* stream_mode.c */

/* What the counters were when the latest interval was closed. */
struct stream_marks {
	uint32_t duplicates, reordered, resyncs;
	double depth_sum_ms;
	uint32_t depth_packets;
	struct delay_variation delay_variation;
};

/* What a codec in one of its modes costs. */
struct stream_rating {
	struct codec_variant variant;
	struct impairment impairment;
	double lossless_r;
	bool mode_assumed; /* the codec has modes, and nobody said which */
};

/* Those asked for lately, of all streams; and what these have taken of one budget. */
enum { STREAM_RATINGS = 8 };
struct stream_ratings {
	struct counters *counters; /* borrowed; NULL: intervals are not counted */
	size_t timeline_bytes;     /* of timelines */
	uint32_t count, next;
	struct stream_rating list[STREAM_RATINGS];
};

/* An interval that lost packets, until it is asked whose they are. */
struct lossy_interval {
	nstime at;
	uint32_t expected, lost, gaps;
};

/*
 * Bounded: when the list is full, the older half is judged by what is known by then.  Of
 * more than that many intervals of the capture's the timeline does not tell: then it is
 * cut.
 */
enum { STREAM_MAX_LOSSY = 1024, STREAM_MAX_MARKED = 16384 };

struct suspect_interval {
	nstime at;
	uint32_t lost;
};

struct suspects {
	struct loss_witness *witness; /* borrowed; NULL: nobody asks */
	struct lossy_interval *list;  /* owned */
	uint32_t count, room;
	struct loss_shares shares;       /* of those judged already */
	struct suspect_interval *marked; /* owned: of these, those of the capture */
	uint32_t marked_count, marked_room;
};

/* What had come when the call was answered, in the adaptive buffer's view. */
struct early_media {
	uint32_t expected, bad, runs; /* positions, which have 32 bits: bursts.h */
};

/* The interval of the lowest R; none while r is NAN. */
struct worst_interval {
	nstime at;
	double r;
	enum band band;
};

/*
 * What the figures were after the latest packet that was not steady, or when they were
 * settled: stream_settle adds the steady ones since.
 */
struct stream_state {
	struct stream_now now;
	bool holding : 1;       /* there are held headers */
	bool interrupted : 1;   /* a segment begins with the next packet */
	uint8_t interval_flags; /* enum interval_flag, of the running one */
	nstime interval_end;
	struct sequence sequence;
	struct fate fate;
	struct jitter jitter;
	struct delta delta;
	struct transit transit;
	struct playout playout;
};

/*
 * All that a steady packet touches (stream_steady.c), and nearly every one is steady: three
 * cache lines, in a pool of their own.  At 40,000 streams the rest would push them out of
 * the cache.  A run of such packets is counted here, and what each of them changes is taken
 * from the stream's state when it begins; `most` of zero: there is none to go on with.
 */
struct stream_hot {
	struct flow flow;
	nstime last;
	nstime until;    /* the run ends before */
	uint32_t octets; /* of IP packets, in the running interval */
	uint32_t run;    /* packets since stream_settle */
	uint32_t most;   /* that many at most */
	/* Of the next packet, and from it to the one behind it. */
	uint32_t timestamp, step_ticks, step_us;
	uint16_t sequence;
	uint16_t ip_id;       /* of the latest packet */
	uint8_t payload_type; /* of the run */
	uint8_t dscp, ttl;    /* of the latest packet */
	uint8_t point;        /* packet.point; part of what it is known by */
	uint16_t received;    /* unique packets before the run; UINT16_MAX: or more */
	uint8_t telling;      /* samples of its payload that were new, 255 at most */
	bool truncated : 1;   /* the capture cut packets short */
	bool open : 1;        /* it is the one that the map of streams knows */
	bool has_modes : 1;   /* its payload says in which the codec is: stream_mode.h */
	struct delay_variation_near near; /* of the running interval */
	struct transit_level transit;
	struct jitter_level jitter;
	double delta_max_ms;
	struct playout_level playout;
};

/* What the SDP asks of its sender. */
enum stream_pause { STREAM_GOES_ON, STREAM_PAUSES, STREAM_RESUMES };

/*
 * A stream: what the less ordinary packets touch, and what it has to do with others.  What
 * a lost or a late packet concerns comes first, so that it lies in few cache lines.
 */
struct stream {
	_Alignas(64) struct stream_state state;
	struct stream_hot *hot; /* borrowed from the pool beside this one's */
	nstime first;
	struct sequence_counts counts;
	struct loss_gaps gaps;       /* owned */
	uint32_t next_out, prev_out; /* of the same source; stream numbers + 1 */
	struct fate_past fate;
	struct delta_past delta;
	struct playout_runs playout;
	uint32_t close_copies; /* duplicates within 2 ms of the packet before */
	uint32_t span_copies;  /* of those: the same IP packet once more */

	struct delay_variation delay_variation; /* but for hot->near */
	uint32_t untyped;                       /* packets over the cap of types */
	struct transit_past transit;
	struct jitter_past jitter;
	struct stream_type types[STREAM_FEW_TYPES];
	struct stream_type *more_types; /* owned; NULL: it has few */

	struct held_headers *held; /* owned; counted by the media machine; NULL = none */
	struct timing jumped;      /* the held packet */
	struct stream_now jumped_now;
	bool jumped_marker;
	bool encrypted;
	uint8_t first_dscp, first_ttl;
	uint16_t flags; /* enum stream_flag */
	uint8_t type_count;
	uint8_t audio_at; /* types[audio_at] is the latest audio packet's */
	uint32_t dscp_changes, ttl_changes, ptime_changes;
	uint32_t outage_lost, backwards;
	enum status timeline_status; /* of the first interval that was left out */
	uint64_t octets;             /* in closed intervals */

	double ptime_before_ms; /* of the latest closed interval that had one */
	struct stream_marks marks;
	struct stream_modes *modes;     /* owned; NULL: none was heard */
	struct stream_ratings *ratings; /* borrowed; NULL: each is worked out anew */
	struct worst_interval worst;
	struct suspects suspects;
	struct early_media early; /* all zero: none */
	struct stream_unlisted unlisted;
	struct timeline timeline; /* owned */

	uint64_t id;
	struct deadline deadline;
	struct rtcp_figures *rtcp; /* owned; NULL before the first report */
	struct audio *audio;       /* owned; media_audio.c; NULL = not looked at */

	struct coverage coverage;
	double media_coverage_pct;         /* of its leg's answered time; NAN = none */
	uint64_t noted_by;                 /* id of the leg that looked at it last */
	uint32_t leg;                      /* number of the media leg + 1; 0 = none */
	uint32_t signalling_leg;           /* what the other machine calls it */
	uint32_t next_of_leg, prev_of_leg; /* stream numbers + 1 */
	uint32_t node_in, node_out;        /* numbers of the nodes of dst and src */
	uint32_t next_in, prev_in;
	uint32_t pairs_as_earlier, pairs_as_later; /* media_pair.c; number + 1 */
	uint32_t media_only;    /* number of its call without signalling + 1 */
	bool audio_refused : 1; /* there was no room for it */
	bool unannounced : 1;   /* no SDP named either end when it began */
	uint8_t pause : 2;      /* enum stream_pause */
	uint8_t direction;      /* enum direction */
	uint8_t claim_count;
	uint64_t leg_id, call_id;
	uint64_t claims[STREAM_MAX_CLAIMS];
};

/* One RTP packet as the stream sees it. */
struct stream_packet {
	nstime arrival;
	uint32_t timestamp;
	uint16_t sequence;
	uint8_t payload_type;
	bool marker;
	uint16_t ip_id; /* 0 = has none: IPv6, or a sender that sets none */
	uint8_t dscp, ttl;
	uint32_t ip_len;      /* octets of the IP packet on the wire */
	struct span payload;  /* may be cut short by the capture */
	uint32_t payload_len; /* on the wire */
};

/* Member by member: what was just decoded is then still in registers. */
static inline struct stream_packet stream_packet_of(const struct packet *packet,
                                                    const struct rtp *rtp)
{
	const struct span payload = { rtp->payload.at, rtp->payload.len };
	return (struct stream_packet){ packet->at,        rtp->timestamp,  rtp->sequence,
		                       rtp->payload_type, rtp->marker,     packet->ip_id,
		                       packet->dscp,      packet->ttl,     packet->ip_len,
		                       payload,           rtp->payload_len };
}

/* One of the first stream->type_count; it stays where it is. */
static inline struct stream_type *stream_type_at(const struct stream *stream, size_t index)
{
	const struct stream_type *type =
	        index < STREAM_FEW_TYPES ? &stream->types[index]
	                                 : &stream->more_types[index - STREAM_FEW_TYPES];
	return (struct stream_type *)type;
}

/* The entry of that payload type, or NULL: then stream_add_type comes first. */
struct stream_type *stream_type(struct stream *stream, uint8_t payload_type);

/* The payload type of an RFC 2198 packet's primary block; false when it is cut short. */
bool stream_red_primary(struct span payload, uint8_t *payload_type);

/*
 * Adds one; NULL when the stream has seen too many types already, or without memory: such
 * packets are counted without a type.
 */
struct stream_type *stream_add_type(struct stream *stream, uint8_t payload_type, nstime at,
                                    const struct payload_meaning *meaning);

/*
 * The next packets are of this payload type and this is heard in them; `own`, of RFC 2198
 * packets, is their own type, otherwise NULL.  `heard` is NULL over the cap.
 */
void stream_switch(struct stream *stream, uint8_t payload_type, struct stream_type *heard,
                   struct stream_type *own);

/* Must stream_switch be called before this packet? */
static inline bool stream_must_switch(const struct stream *stream, uint8_t payload_type)
{
	const struct stream_now *now = &stream->state.now;
	return now->payload_type != payload_type || now->carried ||
	       now->index == STREAM_NO_TYPE;
}

/* All functions below that take settings read the interval and the buffers from them. */

/* Both are zeroed; its first packet came at `at`. */
void stream_begin(struct stream *stream, struct stream_hot *hot,
                  const struct settings *settings, nstime at);

/* A later SDP says what a type is.  Held headers are replayed if that decides them. */
void stream_explain(struct stream *stream, const struct settings *settings,
                    struct stream_type *type, const struct payload_meaning *meaning);

/* Takes the next packet in arrival order; stream_switch has been called if it must. */
void stream_update(struct stream *stream, const struct settings *settings,
                   const struct stream_packet *packet);

/* What stream_take_steady says of a packet. */
enum stream_step {
	STREAM_OTHER,  /* it is another: nothing was done */
	STREAM_STEADY, /* taken */
	STREAM_LEAST,  /* taken, and the fastest: stream->transit.least_at becomes its time,
	                * which is left to the caller */
};

/*
 * stream_steady.c: what stream_update does, for the packet that nearly every one is, which
 * shows RTP.  The state is behind until stream_settle.
 */
enum stream_step stream_take_steady(struct stream_hot *hot,
                                    const struct playout_sizes *sizes,
                                    const struct packet *packet,
                                    const struct packet_glance *glance);

/* The packets of the run are in the state; it may go on. */
void stream_settle(struct stream *stream);
/* A run may begin, behind this latest packet, if it is one that a steady one may follow. */
void stream_begin_run(struct stream *stream);
/*
 * A run that is full goes on, if the packet of that number is the next, and if there is
 * room again: most are full because a bad packet is about to leave the window of fates.
 * False: it is over.
 */
bool stream_prolong_run(struct stream *stream, uint16_t sequence);
/* The state is settled, and the next packet is no steady one. */
void stream_end_run(struct stream *stream);

/* stream_gap.c: more than COVERAGE_LEAST_GAP passed before this packet, the next one. */
void stream_note_gap(struct stream *stream, const struct stream_packet *packet,
                     int64_t max_before);

/*
 * stream_gap.c: both sides have agreed that its sender pauses, or sends (again).  What its
 * timestamps do over a hold is no delay: many stand still, some begin anew.
 */
void stream_agreed(struct stream *stream, bool wanted, nstime at);

/* stream_gap.c: numbers were skipped before this packet, which has been taken; before it,
 * delay variation was that.  ERR_NOMEM: it is not remembered. */
MUST_CHECK enum status stream_note_loss(struct stream *stream, nstime arrival,
                                        uint16_t number, double before_ms);

/* The sender was sending elsewhere in between (sequence_interrupt). */
void stream_interrupt(struct stream *stream);

/*
 * Has it met an undecided type and no block to hold headers in?  Then the caller sets
 * stream->held, if it has one to give, before the next packet.
 */
bool stream_wants_held(const struct stream *stream);

/* What the timeline has room for was `room_before` bytes: the rest is charged to all. */
void stream_charge_timeline(const struct stream *stream, size_t room_before);

/* The running interval ends before `at`; into the timeline with it. */
void stream_close_interval(struct stream *stream, const struct settings *settings,
                           nstime at);

/* The call is answered: what has come until now is kept apart. */
void stream_answered(struct stream *stream);

/* Its end: decides, and closes the last interval. */
void stream_end(struct stream *stream, const struct settings *settings);

/*
 * stream_suspects.c: tells the witness what an interval lost; at the end, whose it was.
 * ERR_NOMEM: of that interval the losses stay unknown.
 */
MUST_CHECK enum status stream_suspect(struct stream *stream, nstime at,
                                      const struct burst_figures *network);
/* Into the timeline, too, go those of the capture. */
struct loss_shares stream_judge(struct stream *stream, const struct settings *settings);

/* Delay variation of all its packets. */
struct delay_variation stream_delay_variation(const struct stream *stream);

/* Gives back what it owns but for the held headers. */
void stream_drop(struct stream *stream);

/* All packets seen, copies too. */
uint64_t stream_packets(const struct stream *stream);

/* Everything a record says about it; stream_end has been called. */
void stream_record(struct stream *stream, const struct settings *settings,
                   struct stream_record *out);
/* The same of one that goes on: what waits to be decided is not in it. */
void stream_record_so_far(struct stream *stream, const struct settings *settings,
                          struct stream_record *out);
/* What others want to know beside it; puts its losses into the record, too. */
void stream_facts_of(const struct stream *stream, struct stream_record *out,
                     struct stream_facts *facts);

#endif
