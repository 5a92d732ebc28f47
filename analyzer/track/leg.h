/*
 * leg.h - one INVITE dialog, with its early branches, between two signalling addresses:
 * its state machine (RFC 3261 sections 12 to 15) as a bystander can follow it.
 */
#ifndef EARSHOT_TRACK_LEG_H
#define EARSHOT_TRACK_LEG_H

#include "analyzer/model/limits.h"
#include "analyzer/model/packet.h"
#include "analyzer/model/pressure.h"
#include "analyzer/model/record.h"
#include "analyzer/track/agreement.h"
#include "analyzer/track/deadlines.h"
#include "analyzer/track/leg_ending.h"
#include "analyzer/track/leg_holds.h"
#include "analyzer/track/leg_identity.h"
#include "analyzer/track/leg_marks.h"
#include "analyzer/track/leg_nat.h"
#include "analyzer/track/leg_offers.h"
#include "analyzer/track/leg_sources.h"
#include "analyzer/track/leg_stages.h"
#include "analyzer/track/leg_texts.h"
#include "analyzer/track/leg_trace.h"
#include "analyzer/track/used_codecs.h"
#include "analyzer/wire/sip.h"

/* Messages remembered to know a retransmission; of a usual call there are seven. */
enum { LEG_RECENT_FEW = 8, LEG_RECENT = 24 };
struct leg_seen {
	uint32_t digest; /* 0: none */
	uint16_t ip_id;
	nstime at;
};

struct leg {
	uint64_t id;
	uint32_t set;             /* number */
	uint32_t next_of_set;     /* number + 1 */
	uint32_t media;           /* the media machine's number for it */
	struct endpoint src, dst; /* of the first INVITE: caller's and callee's side */
	enum transport transport;
	struct deadline deadline;

	uint64_t from_tag;   /* keyed hashes of tags */
	uint64_t to_tag;     /* the first; 0: none */
	uint64_t *more_tags; /* owned; the rest of LIMIT_BRANCHES_PER_LEG; NULL: none */
	uint8_t to_tag_count;
	uint8_t recent_at;
	uint32_t invite_cseq; /* of the attempt that counts; 0 when no initial INVITE was
	                         seen */

	nstime start, invited, ringing, answered, ended, last;
	nstime first_response; /* 18x or final, to the INVITE that counts */
	nstime closed;         /* the probe stopped waiting for more of it */
	nstime sibling_ended;  /* another hop of the same dialog was ended then */
	enum ended_by ended_by, sibling_ended_by;
	uint16_t status;
	bool has_invite;     /* the initial INVITE was seen */
	bool provisional;    /* any 1xx */
	bool forwarded;      /* 181, or redirected by 301, 302 or 305 */
	bool cancelled;      /* CANCEL was seen */
	bool timed_out;      /* its deadline passed without a final response */
	bool media_closed;   /* its streams are over, the answer to its BYE is awaited */
	bool media_given;    /* and final: `media` is nothing's number any more */
	bool no_memory;      /* a text could not be kept: to be counted, then cleared */
	bool channels_taken; /* of the trunks at its ends (trunk_load.h): their numbers + 1
	                      */
	uint16_t trunks[2];
	uint8_t points; /* of the network, where it was seen: bit for each packet.point - 1
	                 */
	uint16_t charged; /* bytes of its texts, as call_charge last saw them */
	uint32_t flags;   /* enum leg_flag */
	uint32_t messages, retransmissions, span_copies;
	uint32_t invite_retransmissions;

	char *from, *to, *user_agent, *server, *reason; /* owned; NULL = none */

	struct leg_seen recent[LEG_RECENT_FEW];
	struct leg_seen *more_recent; /* owned; NULL: there were no more than those */
	struct used_codecs codecs;
	struct agreement agreement;
	struct leg_trace trace;
	struct audio_outcome audio; /* once it is closed */
	struct leg_stages stages;
	struct leg_ending ending;
	struct leg_holds holds;
	struct leg_offers offers;
	struct leg_nat nat;
	struct leg_identity identity;
	struct leg_marks marks;
	uint8_t steps[AUDIO_DIRECTIONS]; /* enum handshake_step, seen before its RTP */
	struct leg_texts texts;
	struct leg_sources sources;
};

/* Is the message's sender the side that sent the first INVITE?  By the From tag. */
bool leg_from_caller(const struct leg *leg, uint64_t from_tag, bool is_request);

/*
 * A message of this leg that is no retransmission.  `from_tag`, `to_tag` are hashes, 0 =
 * none; `at` is packet time, never behind leg->last.
 */
void leg_request(struct leg *leg, const struct sip_message *message, uint64_t from_tag,
                 nstime at);
void leg_response(struct leg *leg, const struct sip_message *message, uint64_t from_tag,
                  uint64_t to_tag, nstime at);

enum leg_repeat {
	LEG_NEW,
	LEG_RETRANSMISSION,
	/* The same IP packet again in under 10 ms, sooner than any timer repeats a message:
	 * the mirror's doing.  Where packets have no identification, time alone must tell.
	 */
	LEG_COPY,
};

/* Remembers the message; has it been seen before in this leg? */
enum leg_repeat leg_repeat(struct leg *leg, uint32_t digest, uint16_t ip_id, nstime at);

/* When the leg becomes overdue, seen from `now`. */
nstime leg_due(const struct leg *leg, const struct limits *limits,
               const struct pressure *pressure, nstime now);

/* Until when the answer to its BYE may come; NSTIME_NONE: no BYE, or it has come. */
nstime leg_bye_due(const struct leg *leg);

/* What became of it, as far as was seen. */
enum leg_state leg_state(const struct leg *leg);

/* All but ids, Call-ID and what other machines know. */
void leg_record(const struct leg *leg, struct leg_record *out);

/* leg_handshake.c: what became of ICE and DTLS; once its media is closed. */
void leg_handshake_record(const struct leg *leg, struct leg_record *out);

/* Of its texts and lists, in bytes of memory. */
size_t leg_texts_size(const struct leg *leg);
void leg_free_texts(struct leg *leg);

#endif
