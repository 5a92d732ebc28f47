#include "analyzer/track/leg_offers.h"

#include <math.h>

static_assert(CODEC_COUNT <= UINT8_MAX, "a codec fits into a byte");

static void add_codec(struct offered_codecs *codecs, enum codec codec)
{
	for (uint8_t i = 0; i < codecs->count; i++)
		if (codecs->list[i] == codec)
			return;
	if (codecs->count < RECORD_MAX_CODECS)
		codecs->list[codecs->count++] = (uint8_t)codec;
}

static void add_audio(struct offer_side *side, const struct sdp_glance_line *media,
                      const struct sdp_glance_format *formats)
{
	for (uint16_t i = 0; i < media->format_count; i++) {
		const struct sdp_glance_format *format = &formats[i];
		const enum codec codec = format->meaning.codec;
		if (codec_info(codec)->kind == CODEC_KIND_AUDIO)
			add_codec(&side->codecs, codec);
		else if (codec == CODEC_TELEPHONE_EVENT && !side->events)
			side->events = (uint8_t)(format->payload_type + 1);
	}
	if (media->has_crypto)
		side->keys |= KEYS_SDES;
	if (media->has_fingerprint)
		side->keys |= KEYS_DTLS;
	side->ice |= media->has_ice;
}

/* Lines that are refused, or not in use, offer and take nothing. */
static struct offer_side side_of(const struct sdp_glance *sdp)
{
	struct offer_side side = { 0 };
	for (uint8_t i = 0; i < sdp->line_count; i++)
		if (sdp->lines[i].kind == SDP_AUDIO && sdp->lines[i].port != 0)
			add_audio(&side, &sdp->lines[i],
			          sdp_glance_formats(sdp, &sdp->lines[i]));
	return side;
}

static bool takes_image(const struct sdp_glance *sdp)
{
	for (uint8_t i = 0; i < sdp->line_count; i++)
		if (sdp->lines[i].kind == SDP_IMAGE && sdp->lines[i].port != 0)
			return true;
	return false;
}

void leg_offers_sdp(struct leg_offers *offers, const struct sdp_glance *sdp,
                    enum sdp_role role, bool later, nstime at)
{
	const struct offer_side side = side_of(sdp);
	if (role == SDP_ROLE_OFFER) {
		if (!later)
			offers->offer = side;
		return;
	}
	const uint8_t codec = side.codecs.count ? side.codecs.list[0] : CODEC_UNKNOWN;
	if (!later)
		offers->answer = side;
	else if (codec && offers->agreed && codec != offers->agreed &&
	         offers->codec_changes < UINT16_MAX)
		offers->codec_changes++;
	if (codec)
		offers->agreed = codec;
	if (takes_image(sdp) && !offers->t38)
		offers->t38 = at;
}

/*
 * INFO as Cisco ("dtmf-relay") and others ("dtmf") send it; NOTIFY of Cisco's unsolicited
 * kind, and of KPML (RFC 4730).
 */
void leg_offers_digits(struct leg_offers *offers, const struct sip_message *message)
{
	static const struct {
		enum sip_method method;
		struct text type;
		enum dtmf_way way;
	} carriers[] = {
		{ SIP_INFO, { "application/dtmf-relay", 22 }, DTMF_INFO },
		{ SIP_INFO, { "application/dtmf", 16 }, DTMF_INFO },
		{ SIP_INFO, { "audio/telephone-event", 21 }, DTMF_INFO },
		{ SIP_NOTIFY, { "audio/telephone-event", 21 }, DTMF_NOTIFY },
		{ SIP_NOTIFY, { "application/kpml-response+xml", 29 }, DTMF_NOTIFY },
	};
	if (!message->is_request || message->body.len == 0)
		return;
	const struct text type = text_trim(
	        text_head(message->content_type, text_find(message->content_type, ';')));
	for (size_t i = 0; i < ARRAY_LEN(carriers); i++)
		if (message->method == carriers[i].method &&
		    text_equal_nocase(type, carriers[i].type))
			offers->dtmf_seen |= (uint8_t)carriers[i].way;
}

void leg_offers_stream(struct leg_offers *offers, const struct stream_record *stream,
                       const struct used_codecs *used, bool early)
{
	if (used->events)
		offers->dtmf_seen |= DTMF_RFC4733;
	if (stream->audio_dtmf > 0)
		offers->dtmf_seen |= DTMF_INBAND;
	if (early && stream->direction == DIRECTION_REVERSE &&
	    (!offers->early_rtp || stream->first < offers->early_rtp))
		offers->early_rtp = stream->first;
	if (used->count > 1 && used->count - 1 > offers->codec_heard)
		offers->codec_heard = (uint16_t)(used->count - 1);
}

static void copy_codecs(const struct offered_codecs *from, struct codec_list *to)
{
	to->count = from->count;
	for (uint8_t i = 0; i < from->count; i++)
		to->codecs[i] = (enum codec)from->list[i];
}

/* Digits that came by a way that was not agreed on, and not by the one that was. */
static bool is_mismatch(const struct leg_offers *offers)
{
	const bool agreed = offers->offer.events && offers->answer.events;
	const bool by_rtp = offers->dtmf_seen & DTMF_RFC4733;
	return by_rtp ? !agreed : agreed && offers->dtmf_seen;
}

static double dscp_of(uint8_t kept)
{
	return kept ? kept - 1 : NAN;
}

void leg_offers_record(const struct leg_offers *offers, struct leg_record *out)
{
	copy_codecs(&offers->offer.codecs, &out->codecs_offered);
	copy_codecs(&offers->answer.codecs, &out->codecs_answered);
	out->codec_changes = offers->codec_changes > offers->codec_heard
	                             ? offers->codec_changes
	                             : offers->codec_heard;
	out->early_rtp = offers->early_rtp ? offers->early_rtp : NSTIME_NONE;
	out->keys_offered = offers->offer.keys;
	out->keys_accepted = offers->answer.keys;
	out->dtmf_offered = offers->offer.events ? offers->offer.events - 1 : 0;
	out->dtmf_answered = offers->answer.events ? offers->answer.events - 1 : 0;
	out->dtmf_seen = offers->dtmf_seen;
	out->dtmf_mismatch = is_mismatch(offers);
	out->t38 = offers->t38 ? offers->t38 : NSTIME_NONE;
	out->dscp_src = dscp_of(offers->dscp_src);
	out->dscp_dst = dscp_of(offers->dscp_dst);
}
