/*
 * leg_offers.h - what the two sides of a leg offered and took: codecs, keys, digits, fax
 * (RFC 3264, RFC 4568, RFC 5763, RFC 4733, RFC 3362); and which of it was then used.
 */
#ifndef EARSHOT_TRACK_LEG_OFFERS_H
#define EARSHOT_TRACK_LEG_OFFERS_H

#include "analyzer/model/record.h"
#include "analyzer/track/sdp_glance.h"
#include "analyzer/track/used_codecs.h"
#include "analyzer/wire/sip.h"

struct offered_codecs {
	uint8_t count;
	uint8_t list[RECORD_MAX_CODECS]; /* enum codec; audio only, as they stood */
};

/* One side's word on audio. */
struct offer_side {
	struct offered_codecs codecs;
	uint8_t events; /* payload type of telephone-event + 1; 0: none */
	uint8_t keys;   /* enum key_exchange */
	bool ice;
};

struct leg_offers {
	nstime t38;       /* T.38 was taken then; 0: never */
	nstime early_rtp; /* first packet to the caller before the answer; 0: none */
	struct offer_side offer, answer;
	uint16_t codec_changes;     /* by agreement after the answer */
	uint16_t codec_heard;       /* in one stream, beyond its first */
	uint8_t agreed;             /* enum codec: of the latest answer, the first */
	uint8_t dtmf_seen;          /* enum dtmf_way */
	uint8_t dscp_src, dscp_dst; /* of the first message from there + 1; 0: none */
};

enum sdp_role { SDP_ROLE_OFFER, SDP_ROLE_ANSWER };

/*
 * The SDP of a message.  `later`: after the call was answered, so that the agreement is not
 * its first one.
 */
void leg_offers_sdp(struct leg_offers *offers, const struct sdp_glance *sdp,
                    enum sdp_role role, bool later, nstime at);

/* Digits that a request within the dialog may carry. */
void leg_offers_digits(struct leg_offers *offers, const struct sip_message *message);

/* A stream of the leg is final; `early`: it began before the answer. */
void leg_offers_stream(struct leg_offers *offers, const struct stream_record *stream,
                       const struct used_codecs *used, bool early);

void leg_offers_record(const struct leg_offers *offers, struct leg_record *out);

#endif
