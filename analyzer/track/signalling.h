/*
 * signalling.h - the signalling machine: SIP messages in; legs, calls and registrations
 * out.  What SDP announces goes to the media machine as expectations; streams come back as
 * records.
 */
#ifndef EARSHOT_TRACK_SIGNALLING_H
#define EARSHOT_TRACK_SIGNALLING_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/correlate.h"
#include "analyzer/track/diagnosis.h"
#include "analyzer/track/leg.h"
#include "analyzer/track/media.h"
#include "analyzer/track/registration.h"
#include "analyzer/track/sip_glance.h"
#include "analyzer/track/tally.h"
#include "analyzer/track/trunk_load.h"
#include "analyzer/track/watch.h"

/* The legs of one Call-ID; once their call is over, a tombstone that knows late repeats. */
struct dialog_set {
	uint64_t id, hash;
	char *sip_call_id; /* owned; cut at RECORD_TEXT - 1; may hold a NUL */
	size_t sip_call_id_len;
	nstime start;
	uint32_t call;         /* number; MAP_NONE: reported, only the tombstone is left */
	uint32_t next_of_call; /* number + 1 */
	uint32_t first_leg, first_closed; /* number + 1; open ones, and those that wait */
	uint32_t leg_count;               /* of both */
	uint32_t last_cseq; /* highest INVITE CSeq: a repeat of it opens no new call */
	uint16_t reports;   /* of endpoints on its quality, given */
	uint64_t leg_id;    /* of its first leg */
	uint64_t call_id;   /* of the tombstone */
	uint64_t family;    /* likewise */
	nstime referred;    /* REFER within it; 0: none */
	struct join_evidence joined; /* with the rest of its call */
	uint32_t first_key;          /* number + 1; what names it to other legs */
	uint8_t key_count;
	bool doubtful; /* its numbers fit more than one other */
	struct deadline deadline;
};

/* The legs of one conversation.  It lasts until all of them are over. */
struct call {
	uint64_t id;
	nstime start, ended;
	uint32_t first_set; /* number + 1; in no order */
	uint32_t leg_count, open_legs;
	uint32_t told_legs;  /* whose records are out */
	uint32_t strategies; /* bits of enum joined_by */
	uint32_t states;     /* bit for each enum leg_state a closed leg ended in */
	double worst_common_r, mos_lq_min; /* NAN before the first scored stream */
	enum band mos_lq_min_band;
	uint64_t mos_lq_min_stream;
	bool capture_loss;
	bool one_way;
	uint64_t family;        /* id of the first call of it; 0: none */
	enum relation relation; /* to that one */
	bool forwarded;
	bool sealed; /* its streams have been given: no other call joins it any more */
	struct diagnosis *diagnosis; /* owned; NULL: nothing is known yet */
	/* A leg with encrypted media; one with media in clear, from and to. */
	uint64_t secure_leg, clear_leg;
	struct endpoint clear_src, clear_dst;
	bool downgraded; /* told */
};

enum { RECENT_REPORTS = 64 };

struct signalling {
	struct context *context; /* borrowed */
	struct media *media;     /* borrowed */
	struct pool dialog_sets, calls, legs;
	struct map dialog_set_map; /* by Call-ID */
	struct correlation correlation;
	struct registrations registrations;
	struct watch watch;
	struct trunk_load trunk_load;
	struct sip_tally tally;
	uint64_t recent_reports[RECENT_REPORTS]; /* hashes of their bodies */
	uint32_t recent_at;
	uint32_t eviction_hand; /* where the search for a call to evict goes on */
	size_t text_bytes;      /* of legs and Call-IDs */
	struct sdp sdp;         /* scratch: too large for a stack, as are: */
	struct sdp_glance_line sdp_lines[SDP_MAX_MEDIA];
	struct sdp_glance_format sdp_formats[SDP_MAX_MEDIA * SDP_MAX_FORMATS];
};

MUST_CHECK enum status signalling_init(struct signalling *s, struct context *context,
                                       struct media *media);
void signalling_free(struct signalling *s);

/* Is this packet ours?  By its port, or by its first line on any port. */
bool signalling_claims(const struct signalling *s, const struct packet *packet);
void signalling_feed(struct signalling *s, const struct packet *packet);

/*
 * What a packet that SHOWS_SIP will touch when it is fed is fetched in three steps, each
 * worth a memory latency: what it says, and where its Call-ID is looked up; who has that,
 * or MAP_NONE, and where its transaction is; and their leg.
 */
void signalling_foresee(const struct signalling *s, const struct packet *packet);
uint32_t signalling_find_ahead(const struct signalling *s, const struct packet *packet);
void signalling_fetch_ahead(const struct signalling *s, const struct packet *packet,
                            uint32_t set);

void signalling_deadline(struct signalling *s, struct deadline *deadline);
void signalling_finish(struct signalling *s, nstime at);

/* A stream of that leg is final: its part in the leg's and the call's record. */
void signalling_note_stream(struct signalling *s, uint32_t leg,
                            struct stream_record *stream, const struct stream_facts *facts);

/* Records of what is final; the object is given back. */
void signalling_leg_record(struct signalling *s, uint32_t leg, struct leg_record *out);
/* What most probably went wrong; how many.  Comes before the record of the call. */
size_t signalling_findings(struct signalling *s, uint32_t call,
                           struct finding_record out[FINDINGS_PER_CALL]);
void signalling_call_record(struct signalling *s, uint32_t call, struct call_record *out);

/* --- between the files of the signalling machine -------------------------------------- */

/* A message with what every step needs of it. */
struct sip_event {
	const struct packet *packet;
	const struct sip_message *message;
	const struct sip_glance *glance;    /* which the message is of */
	uint64_t call_id, from_tag, to_tag; /* of sip_glance.h, as is the digest */
	uint64_t thing; /* id of the leg or registration it belongs to; 0 = none */
	uint32_t digest;
	nstime at;
};

/* dialog_set.c: MAP_NONE when there is none, or no room (counted). */
struct dialog_set *dialog_set_at(const struct signalling *s, uint32_t number);
uint32_t dialog_set_find(const struct signalling *s, struct text sip_call_id,
                         uint64_t hash);
/* A call of its own comes with it. */
uint32_t dialog_set_open(struct signalling *s, const struct sip_event *event,
                         uint64_t hash);
uint32_t dialog_set_find_leg(const struct signalling *s, uint32_t set,
                             const struct sip_event *event);
/* A BYE that ended one hop: other hops of the dialog end with it, or soon. */
void dialog_set_spread_end(struct signalling *s, uint32_t leg,
                           const struct sip_event *event);
void dialog_set_drop(struct signalling *s, uint32_t set);
/* Its call is reported. */
void dialog_set_bury(struct signalling *s, uint32_t set);

/* leg_feed.c.  One more message of that leg; sets event->thing, and event->at no earlier
 * than the last. */
void leg_feed(struct signalling *s, uint32_t leg, struct sip_event *event);
/* The leg was seen where the packet was. */
void leg_feed_point(struct leg *leg, const struct packet *packet);
void leg_feed_deadline(struct signalling *s, struct leg *leg, nstime due);

/* call_evict.c: room for one more call, at the expense of what is worth least. */
void call_make_room(struct signalling *s);
void call_look_at_pressure(struct signalling *s);
/* Texts of the leg may have come or gone. */
void call_charge(struct signalling *s, struct leg *leg);
void call_discharge(struct signalling *s, const struct leg *leg);

/* call_table.c */
struct call *call_at(const struct signalling *s, uint32_t number);
struct leg *leg_at(const struct signalling *s, uint32_t number);
/* The call of a new set; ERR_FULL, ERR_NOMEM: counted. */
MUST_CHECK enum status call_open(struct signalling *s, uint32_t set,
                                 const struct sip_event *event);
/* One without any leg, with its set. */
void call_abandon(struct signalling *s, uint32_t call);
/* Records as they stand. */
void call_describe_leg(const struct signalling *s, uint32_t leg, struct leg_record *out);
void call_describe(const struct signalling *s, uint32_t call, struct call_record *out);
/* Closes all its legs, with those flags (enum leg_flag). */
void call_close(struct signalling *s, uint32_t call, uint32_t flags, nstime at);
/*
 * The calls of two sets are one: the later becomes part of the earlier, and its first set
 * keeps the evidence (all but `leg`).  False when one of them is sealed, or when there is
 * no room for so many legs.
 */
bool call_join(struct signalling *s, uint32_t a, uint32_t b,
               const struct join_evidence *evidence);
/* Opens the leg that this message begins. */
uint32_t call_open_leg(struct signalling *s, uint32_t set, const struct sip_event *event);
void call_close_leg(struct signalling *s, uint32_t leg, nstime at);
/* A copy; NULL of nothing, or without memory (counted). */
char *signalling_duplicate(struct signalling *s, struct text text, size_t size);

/* correlate.c: what the message that began a leg, or answers it, says of other legs. */
void correlate_feed(struct signalling *s, uint32_t set, const struct sip_event *event);
/* What the media machine has found since. */
void correlate_media(struct signalling *s);
/* Up to `most` sets with that key, tombstones too. */
size_t correlate_find(const struct signalling *s, uint64_t hash, uint32_t *sets,
                      size_t most);
/* The set has this key from now on, unless CALLS_TO_ONE have. */
void correlate_keep(struct signalling *s, uint32_t set, uint64_t hash);
/* correlate_numbers.c: who its first leg calls, and when; and, once it is over or nothing
 * more will come, the one other set that it can be one call with. */
void correlate_note_numbers(struct signalling *s, uint32_t set);
void correlate_numbers(struct signalling *s, uint32_t set);
/* Is it the same user, or the same number however it is written? */
bool correlate_same_party(const struct signalling *s, const struct leg *a,
                          struct text uri_a, const struct leg *b, struct text uri_b);
void correlate_forget(struct signalling *s, struct dialog_set *set);
void correlate_leg_record(const struct leg *leg, const struct dialog_set *set,
                          struct leg_record *out);

/* Its media is final; the leg may wait for more of its signalling. */
void call_close_media(struct signalling *s, uint32_t leg, nstime at);

/*
 * family.c: calls that came out of another one.  An INVITE may take the place of a dialog,
 * or be what a REFER asked for; a REFER may name the dialog that is to be replaced.
 */
void family_note_invite(struct signalling *s, uint32_t set, const struct sip_event *event);
/* A message of it may say that its sender is the focus of a conference. */
void family_note_focus(struct signalling *s, uint32_t set, const struct sip_event *event);
void family_note_refer(struct signalling *s, uint32_t set, const struct sip_event *event);

/* call_branches.c: what became of a leg beside others of the same origin. */
enum branch_fate call_branch_fate(const struct signalling *s, uint32_t leg);
/* The leg of its call that brought it to the host from which it leaves; NULL: none. */
const struct leg *call_parent(const struct signalling *s, uint32_t leg);
/* call_changes.c: what is otherwise on this leg than on that one; bits of enum change. */
uint32_t call_changes(const struct signalling *s, const struct leg *leg,
                      const struct leg *parent);
/* call_rewriting.c: what the INVITE of the one says otherwise than that of the other, both
 * values of it as text; bits of enum change. */
uint32_t call_rewriting(const struct leg *before, const struct leg *after,
                        char to[RECORD_REWRITTEN]);
/* How many there are, and which leg reached whoever answered. */
void call_branches(const struct signalling *s, uint32_t call, struct call_record *out);

/* watch_media.c: a stream that is final, and its leg and call: what of it looks like
 * security given up, or like somebody else's sound in the call. */
void call_watch_media(struct signalling *s, struct leg *leg, struct call *call,
                      const struct stream_record *stream);

/* vq.c: the endpoint's report on quality that this request may carry (RFC 6035). */
void vq_feed(struct signalling *s, const struct sip_event *event);
/*
 * The call, leg and stream that a report on the RTP of out->ssrc from src to dst is about,
 * in *out as far as they are known.  The stream, or NULL.
 */
struct stream *report_join(const struct signalling *s, const struct dialog_set *set,
                           const struct endpoint *src, const struct endpoint *dst,
                           struct report_record *out);

/* offer.c: publishes what the SDP of this message announces. */
void offer_publish(struct signalling *s, uint32_t leg, const struct sip_event *event);

#endif
