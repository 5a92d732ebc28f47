/*
 * signalling.h - the signalling machine: SIP messages in; legs, calls and registrations
 * out.  What SDP announces goes to the media machine as expectations; streams come back as
 * records.
 */
#ifndef EARSHOT_TRACK_SIGNALLING_H
#define EARSHOT_TRACK_SIGNALLING_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/leg.h"
#include "analyzer/track/media.h"
#include "analyzer/track/registration.h"
#include "analyzer/track/tally.h"
#include "analyzer/track/watch.h"

/* The legs of one Call-ID; once all are over, a tombstone that knows late repeats. */
struct call {
	uint64_t id, hash;
	char *sip_call_id; /* owned; cut at RECORD_TEXT - 1; may hold a NUL */
	size_t sip_call_id_len;
	nstime start, ended;
	uint32_t first_leg; /* number + 1 */
	uint32_t open_legs;
	uint32_t last_cseq; /* highest INVITE CSeq: a repeat of it opens no new call */
	bool over;          /* reported; only the tombstone is left */
	uint16_t reports;   /* of endpoints on its quality, given */
	struct id_list legs;
	uint32_t states; /* bit for each enum leg_state a closed leg ended in */
	double worst_common_r, mos_lq_min; /* NAN before the first scored stream */
	enum band mos_lq_min_band;
	uint64_t mos_lq_min_stream;
	bool capture_loss;
	bool one_way;
	struct deadline deadline;
};

enum { RECENT_REPORTS = 64 };

struct signalling {
	struct context *context; /* borrowed */
	struct media *media;     /* borrowed */
	struct pool calls, legs;
	struct map call_map;
	struct registrations registrations;
	struct watch watch;
	struct sip_tally tally;
	uint64_t recent_reports[RECENT_REPORTS]; /* hashes of their bodies */
	uint32_t recent_at;
	uint32_t call_hand; /* where the search for a call to evict goes on */
	struct sdp sdp;     /* scratch: too large for a stack */
};

MUST_CHECK enum status signalling_init(struct signalling *s, struct context *context,
                                       struct media *media);
void signalling_free(struct signalling *s);

/* Is this packet ours?  By its port, or by its first line on any port. */
bool signalling_claims(const struct signalling *s, const struct packet *packet);
void signalling_feed(struct signalling *s, const struct packet *packet);

void signalling_deadline(struct signalling *s, struct deadline *deadline);
void signalling_finish(struct signalling *s, nstime at);

/* A stream of that leg is final: its part in the leg's and the call's record. */
void signalling_note_stream(struct signalling *s, uint32_t leg,
                            struct stream_record *stream, const struct used_codecs *used);

/* Records of what is final; the object is given back. */
void signalling_leg_record(struct signalling *s, uint32_t leg, struct leg_record *out);
void signalling_call_record(struct signalling *s, uint32_t call, struct call_record *out);

/* --- between the files of the signalling machine ---------------------------------------
 */

/* A message with what every step needs of it. */
struct sip_event {
	const struct packet *packet;
	const struct sip_message *message;
	uint64_t call_id, from_tag, to_tag; /* keyed hashes; of tags 0 = none */
	uint64_t thing;  /* id of the leg or registration it belongs to; 0 = none */
	uint32_t digest; /* what makes it the same as another of its leg; never 0 */
	nstime at;
};

/* call_table.c: MAP_NONE when there is none, or no room (counted). */
uint32_t call_find(const struct signalling *s, struct text sip_call_id, uint64_t hash);
uint32_t call_open(struct signalling *s, const struct sip_event *event, uint64_t hash);
struct call *call_at(const struct signalling *s, uint32_t number);
struct leg *leg_at(const struct signalling *s, uint32_t number);
uint32_t call_find_leg(const struct signalling *s, uint32_t call,
                       const struct sip_event *event);
/* Opens the leg that this message begins. */
uint32_t call_open_leg(struct signalling *s, uint32_t call, const struct sip_event *event);
void call_close_leg(struct signalling *s, uint32_t leg, nstime at);
/* A BYE that ended one hop: other hops of the dialog end with it, or soon. */
void call_spread_end(struct signalling *s, uint32_t leg, const struct sip_event *event);
void call_drop(struct signalling *s, uint32_t call);

/* Its media is final; the leg may wait for more of its signalling. */
void call_close_media(struct signalling *s, uint32_t leg, nstime at);

/* replaces.c: the dialog that this INVITE takes the place of, if it does. */
void call_note_replaces(struct signalling *s, const struct sip_event *event);

/* vq.c: the endpoint's report on quality that this request may carry (RFC 6035). */
void vq_feed(struct signalling *s, const struct sip_event *event);

/* offer.c: publishes what the SDP of this message announces. */
void offer_publish(struct signalling *s, uint32_t leg, const struct sip_event *event);

#endif
