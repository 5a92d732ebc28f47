/*
 * media.h - the media machine: which packet belongs to which stream, and which stream to
 * which leg.
 *
 * It knows signalling only as expectations ("leg L expects these formats at this
 * endpoint") and answers with stream records; a join is a number, never a pointer.
 *
 * A new stream belongs to the call that knows both of its ends, of several to that whose
 * expectation at its destination is the newest, and within that call (one Call-ID over
 * several hops) to the first hop; where nobody expects media at the destination, the
 * endpoint it comes from decides (NAT, symmetric RTP).  media_owner.c has the details.
 */
#ifndef EARSHOT_TRACK_MEDIA_H
#define EARSHOT_TRACK_MEDIA_H

#include "analyzer/base/hash.h"
#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/model/packet.h"
#include "analyzer/quality/audio_path.h"
#include "analyzer/track/context.h"
#include "analyzer/track/media_match.h"
#include "analyzer/track/media_only.h"
#include "analyzer/track/sight.h"
#include "analyzer/track/stream.h"
#include "analyzer/wire/sdp.h"

enum { MEDIA_MAX_FORMATS = 32 }; /* kept of one media line */

struct media_format {
	uint8_t payload_type;
	struct payload_meaning meaning;
};

/* One side of a leg says where it wants media, and what. */
struct media_offer {
	struct endpoint at;
	struct endpoint
	        rtcp; /* a=rtcp, if neither the same nor the port above; else zero */
	enum direction direction; /* of the media that will arrive there */
	bool secure;              /* SRTP */
	size_t format_count;
	struct media_format formats[MEDIA_MAX_FORMATS];
};

struct expectation;

/* A leg as far as media is concerned. */
struct media_leg {
	uint64_t leg;
	uint64_t call; /* ids; the same for all legs of one Call-ID */
	nstime start;
	bool incomplete; /* begun before the capture: media may be older than the leg */
	bool over;       /* refused or hung up: what is new belongs to another leg */
	uint32_t signalling_leg; /* the other machine's number for it */
	uint32_t first_stream;   /* number + 1 */
	uint32_t first_final;    /* number + 1; over, to be given with the leg */
	uint32_t expectation_count;
	uint32_t stream_count;            /* open */
	uint32_t streams_ever;            /* those that are over, too */
	struct expectation *expectations; /* owned; newest first */
	struct audio_plan plan;
	struct audio_path paths[AUDIO_DIRECTIONS];
	uint8_t steps[AUDIO_DIRECTIONS]; /* enum handshake_step, seen on its endpoints */
};

/* A transport address that media comes from or goes to. */
struct media_node {
	struct endpoint at;
	struct endpoint rtcp; /* where SDP says that RTCP of this address is; or zero */
	uint64_t hash;
	struct expectation *expectations; /* borrowed; newest first */
	uint32_t first_in, first_out;     /* streams to and from here: number + 1 */
};

struct expectation {
	struct expectation *next_at_node, *prev_at_node, *next_of_leg;
	uint32_t node, leg;
	enum direction direction;
	bool secure;
	uint8_t format_count;
	struct media_format formats[];
};

struct probation;

struct media {
	struct context *context; /* borrowed */
	struct pool streams, nodes, legs, probations;
	struct pool hots; /* taken and given with the streams: they have the same numbers */
	struct map stream_map, node_map, rtcp_map, probation_map;
	uint64_t emptied; /* times that the last stream went, and their memory with it */
	struct stream_ratings ratings;
	struct loss_witness witness;
	struct media_matcher matcher;
	struct loss_shares losses;  /* of all streams that are over */
	struct glance_key flow_key; /* of the maps of streams and probations */
	size_t held_blocks, expectations, audio_blocks;
	struct sight sight;
	struct media_only only;
	uint32_t stream_hand,
	        probation_hand; /* where the search for something to evict goes on */
};

MUST_CHECK enum status media_init(struct media *media, struct context *context);
void media_free(struct media *media);

/* A stream is known by its flow and the point where it was seen. */
uint64_t media_flow_hash(const struct media *media, const struct flow *flow, uint8_t point);

/*
 * What is looked up of a packet before its turn comes, in four steps, so that the memory
 * which media_feed will touch is there by then.  Each step is worth a memory latency, which
 * those of other packets share.
 */
struct media_ahead {
	const struct packet_glance *glance; /* the packet's, or `own` */
	struct stream_hot *hot; /* most probably its stream's, unless that goes; or NULL */
	uint32_t number;        /* of that place */
	struct packet_glance own;
};

/* Of one that may be RTP and lies further ahead still: its bytes may be with another
 * processor. */
void media_foresee(const struct media *media, const struct packet *packet);
void media_find_ahead(const struct media *media, const struct packet *packet,
                      struct media_ahead *out);
void media_fetch_ahead(const struct media_ahead *ahead);
/* What few packets need, once what each does is there: for lost ones, ends of intervals,
 * samples. */
void media_fetch_more(const struct media *media, const struct packet *packet,
                      const struct media_ahead *ahead);

enum media_claim { MEDIA_NONE, MEDIA_PENDING, MEDIA_RTP, MEDIA_RTCP, MEDIA_ICMP };

/*
 * A UDP datagram that is no SIP, or an ICMP error about one.  media->emptied is what it was
 * when the packet was looked up, or ahead->hot is NULL.
 */
enum media_claim media_feed(struct media *media, const struct packet *packet,
                            const struct media_ahead *ahead);

/* Opens a leg; ERR_FULL, ERR_NOMEM.  *number names it from now on. */
MUST_CHECK enum status media_leg_open(struct media *media, const struct media_leg *leg,
                                      uint32_t *number);
/* Publishes what a leg expects, or adds to what it expected there before. */
void media_expect(struct media *media, uint32_t leg, const struct media_offer *offer);
/* The leg ended then: refused or hung up.  NSTIME_NONE: not, or it is tried again. */
void media_leg_over(struct media *media, uint32_t leg, nstime ended);
/* It was answered then; NSTIME_NONE: not yet.  What its streams have given so far was early
 * media. */
void media_leg_answered(struct media *media, uint32_t leg, nstime answered);
/* What both sides have agreed on for audio, from `at` on; by direction. */
void media_leg_agreed(struct media *media, uint32_t leg, nstime at,
                      const enum audio_want want[AUDIO_DIRECTIONS],
                      const bool unroutable[AUDIO_DIRECTIONS]);
/* Time of the last packet in any of its streams, NSTIME_NONE without any. */
nstime media_leg_last(const struct media *media, uint32_t leg);
/* How far ICE and DTLS came on its endpoints, by direction: enum handshake_step. */
void media_leg_steps(const struct media *media, uint32_t leg,
                     uint8_t steps[AUDIO_DIRECTIONS]);
/*
 * The leg is over, and media_leg_over has said when: its streams end at `at`, its
 * expectations are forgotten.
 */
void media_leg_close(struct media *media, uint32_t leg, nstime at,
                     struct audio_outcome *audio);
/* Its streams become final, and its number is given back. */
void media_leg_give(struct media *media, uint32_t leg, nstime at);

/* A stream's deadline has passed. */
void media_deadline(struct media *media, struct deadline *deadline);
/* End of input: all streams that are still open become final. */
void media_finish(struct media *media, nstime at);

/*
 * A final stream: its record with the timeline as its tail, which lasts until the release,
 * what others want to know beside it, and the signalling leg it belongs to (MAP_NONE:
 * none).
 */
uint32_t media_record(struct media *media, uint32_t stream, struct record *out,
                      struct stream_facts *facts);
/* After its record has been taken. */
void media_release(struct media *media, uint32_t stream);

/* --- between the files of the media machine ------------------------------------------ */

/* media_node.c: the node of that endpoint; made if asked to. MAP_NONE if there is none. */
uint32_t media_node_find(const struct media *media, const struct endpoint *at);
uint32_t media_node_get(struct media *media, const struct endpoint *at);
/* RTCP of that node has an address of its own (RFC 3605).  The latest word counts. */
void media_node_set_rtcp(struct media *media, uint32_t node, const struct endpoint *rtcp);
/* The node whose RTCP that is; MAP_NONE when none was told so. */
uint32_t media_node_of_rtcp(const struct media *media, const struct endpoint *rtcp);
/* Gives the node back when nothing needs it any more. */
void media_node_drop(struct media *media, uint32_t node);

/* media_owner.c */
struct media_join {
	uint32_t leg; /* MAP_NONE: nobody expects it */
	enum direction direction;
	bool by_source;
	bool secure;
};
struct media_join media_find_join(const struct media *media, uint32_t node_in,
                                  uint32_t node_out);
/*
 * Does the call of that new claim have more right to a stream of another call than that?
 * `arriving`: what is claimed is where the stream goes to, else where it comes from.
 */
bool media_takes_over(const struct media *media, const struct expectation *claim,
                      const struct stream *stream, bool arriving);
/* Does the call that the stream belongs to announce where it comes from and goes to? */
bool media_knows_both_ends(const struct media *media, const struct stream *stream);

/* media_expect.c */
/* What that payload type means in the stream, by the best source there is. */
struct payload_meaning media_meaning(const struct media *media, const struct stream *stream,
                                     uint8_t payload_type);
/* Does anybody expect this type at one of the two nodes?  For admission without probation.
 */
bool media_is_expected(const struct media *media, uint32_t node_in, uint32_t node_out,
                       uint8_t payload_type);
void media_join_stream(struct media *media, uint32_t stream, const struct media_join *join);
/* media_unlisted.c: what its receiver has not agreed to. */
void media_note_unlisted(const struct media *media, struct stream *stream);
/* Sent from an address that its sender's SDP does not name. */
bool media_is_translated(const struct media *media, const struct stream *stream);

/* media_evict.c: room for one more stream, if there is none and any can make it. */
void media_make_room(struct media *media);
void media_look_at_pressure(struct media *media);
/* Silence that ends a stream without a dialog, for now. */
nstime media_stream_idle(const struct media *media);
/* Is what this leg expects a stream from its first packet on? */
bool media_may_skip_probation(const struct media *media, const struct media_leg *leg);
/* Its leg has so many that they take the room of others; `stream` has its nodes alone. */
bool media_is_one_too_many(const struct media *media, const struct stream *stream);

/* media_stream.c */
struct stream *media_stream(const struct media *media, uint32_t number);
struct stream_hot *media_hot(const struct media *media, uint32_t number);
uint32_t media_stream_find(const struct media *media, const struct flow *flow,
                           uint8_t point, uint64_t hash);
/* MAP_NONE when there is no room: counted. */
uint32_t media_stream_new(struct media *media, const struct flow *flow, uint64_t hash,
                          const struct packet *packet);
/* Any packet of that stream. */
void media_stream_packet(struct media *media, uint32_t number,
                         const struct stream_packet *packet, uint8_t packet_flags);
/*
 * What is left to do behind a packet that was taken: what only few streams are listened to
 * for, and whether it is a sample.
 */
void media_stream_hear(struct media *media, uint32_t number,
                       const struct stream_packet *packet);
void media_stream_sample(struct media *media, uint32_t number,
                         const struct stream_packet *packet);

/* Gives back the block of held headers when nothing is held any more. */
void media_release_held(struct media *media, struct stream *stream);
void media_stream_close(struct media *media, uint32_t number, nstime at);

/* media_checkpoint.c: streams as they stand.  The record of one; false: there is none of
 * that number, or it began only just now.  *signalling_leg: MAP_NONE = of no leg. */
bool media_so_far(const struct media *media, uint32_t number, struct stream_record *out,
                  uint32_t *signalling_leg);
/* The lowest score on the common axis; NAN: there is none. */
struct media_lowest {
	double common_r, mos_lq;
	enum band band;
	uint64_t stream; /* its id */
};
/* Of that leg's streams that go on the lowest, if it is lower than *lowest. */
void media_leg_so_far(const struct media *media, uint32_t leg, struct media_lowest *lowest);
/* At which point of the network it was seen, if that was said. */
void media_name_point(const struct media *media, const struct stream *stream,
                      struct stream_record *out);

/* media_audio.c: what streams sound like, where the settings ask for it. */
void media_audio_packet(struct media *media, struct stream *stream,
                        const struct stream_packet *packet);
/* Its figures, or that nothing is known. */
void media_audio_record(const struct stream *stream, struct stream_record *out);
void media_audio_drop(struct media *media, struct stream *stream);

/* media_path.c: what became of the audio of legs. */
/* A stream ends: whatever legs it concerns take note. */
void media_path_note(struct media *media, uint32_t stream);
/* Streams that go on, though a leg that they concern ends. */
void media_path_collect(struct media *media, uint32_t leg);
struct audio_outcome media_path_judge(const struct media *media, uint32_t leg);
/* The stream is the first of its leg in its direction, or is not. */
void media_path_joined(struct media *media, const struct stream *stream);
/* An ICMP error: does it say of RTP of some leg that it does not arrive? */
bool media_path_unreachable(struct media *media, const struct packet *packet);
/* A datagram that is neither RTP nor RTCP: is it a check of ICE, or DTLS, of some leg? */
void media_path_handshake(struct media *media, const struct packet *packet);
/* RTCP about RTP that we do not see: its receiver has it; its sender has sent so much. */
void media_path_received(struct media *media, const struct packet *packet);
void media_path_sent(struct media *media, const struct packet *packet, uint32_t count);
/* A report of somebody who hears nobody. */
void media_path_unheard(struct media *media, const struct packet *packet);

/* media_probation.c: RTP that nobody announced. */
enum media_claim media_probe(struct media *media, const struct packet *packet,
                             const struct rtp *rtp, const struct flow *flow, uint64_t hash);

/* Number of the leg's open stream with that SSRC, or (ssrc < 0) between those; MAP_NONE. */
uint32_t media_leg_find_stream(const struct media *media, uint32_t leg, int64_t ssrc,
                               const struct endpoint *src, const struct endpoint *dst);

/* media_rtcp.c */
enum media_claim media_rtcp(struct media *media, const struct packet *packet);

/* media_rtcp_join.c: where RTP may be if RTCP comes from, or goes to, that address. */
struct rtp_ends {
	struct endpoint list[3];
	size_t count;
};
struct rtp_ends media_rtp_ends(const struct media *media, const struct endpoint *rtcp);
/* The stream of that SSRC from about there to about there, seen at that point; NULL. */
struct stream *media_rtcp_stream(const struct media *media, const struct rtp_ends *src,
                                 const struct rtp_ends *dst, uint32_t ssrc, uint8_t point);
/* The newest one between them, whatever its SSRC: for those who report but do not send. */
struct stream *media_rtcp_between(const struct media *media, const struct rtp_ends *src,
                                  const struct rtp_ends *dst, uint8_t point);

#endif
