/*
 * offer.c - from SDP to expectations (RFC 3264).
 *
 * Whoever sends an SDP says where and in which formats it wants to receive.  That holds for
 * offers and answers alike, so each SDP is published when it is seen: media that comes
 * before the answer is then joined, and an address that a refused re-INVITE named harms
 * nobody.  It is forgotten with the leg.
 */
#include "analyzer/track/signalling.h"

/* Bit rates of AMR modes 0..7 (RFC 4867, 3GPP TS 26.101) and AMR-WB modes 0..8 (26.201). */
static const uint32_t amr_bps[] = { 4750, 5150, 5900, 6700, 7400, 7950, 10200, 12200 };
static const uint32_t amr_wb_bps[] = { 6600,  8850,  12650, 14250, 15850,
	                               18250, 19850, 23050, 23850 };

/* "mode-set=7" of AMR; of G722.1 its "bitrate=32000" (RFC 5577). */
static uint32_t single_rate_bps(enum codec codec, struct text fmtp)
{
	uint64_t mode, rate;
	if (codec == CODEC_G7221 &&
	    text_number(sdp_fmtp_param(fmtp, TEXT("bitrate")), UINT32_MAX, &rate) == OK)
		return (uint32_t)rate;
	const struct text set = sdp_fmtp_param(fmtp, TEXT("mode-set"));
	if (text_number(text_trim(set), ARRAY_LEN(amr_wb_bps) - 1, &mode) != OK)
		return 0;
	if (codec == CODEC_AMR_WB)
		return amr_wb_bps[mode];
	return codec == CODEC_AMR && mode < ARRAY_LEN(amr_bps) ? amr_bps[mode] : 0;
}

static bool param_is(struct text fmtp, struct text name, struct text value)
{
	return text_equal_nocase(sdp_fmtp_param(fmtp, name), value);
}

/* 3GPP TS 26.445 A.3.1: of a range the sender uses the most. */
static enum audio_bandwidth evs_bandwidth(struct text fmtp)
{
	if (param_is(fmtp, TEXT("bw"), TEXT("nb")))
		return BANDWIDTH_NB;
	return param_is(fmtp, TEXT("bw"), TEXT("wb")) ||
	                       param_is(fmtp, TEXT("bw"), TEXT("nb-wb"))
	               ? BANDWIDTH_WB
	               : BANDWIDTH_UNKNOWN;
}

static struct payload_meaning meaning_of(const struct sdp_format *format)
{
	struct payload_meaning meaning = { .basis = CLOCK_SDP };
	if (format->mapped) {
		meaning.codec = codec_by_name(format->encoding, format->clock_hz);
		meaning.clock_hz = format->clock_hz;
	} else {
		meaning.codec = codec_by_payload_type(format->payload_type);
		meaning.clock_hz = codec_payload_clock_hz(format->payload_type);
	}
	/* RFC 3551 4.5.2: G.722 counts at 8000, whatever a device believes. */
	if (meaning.codec == CODEC_G722)
		meaning.clock_hz = codec_info(CODEC_G722)->clock_hz;
	meaning.bit_rate_bps = single_rate_bps(meaning.codec, format->fmtp);
	if (meaning.codec == CODEC_EVS)
		meaning.bandwidth = evs_bandwidth(format->fmtp);
	meaning.no_vad = param_is(format->fmtp, TEXT("annexb"), TEXT("no"));
	meaning.octet_aligned = param_is(format->fmtp, TEXT("octet-align"), TEXT("1"));
	meaning.header_full_only = param_is(format->fmtp, TEXT("hf-only"), TEXT("1"));
	return meaning;
}

/* RTCP elsewhere than on the port of RTP or on the next one (RFC 3605). */
static struct endpoint odd_rtcp(const struct sdp_media *media)
{
	struct endpoint rtcp = { media->rtcp_address, media->rtcp_port };
	const bool same = rtcp.port == media->port || rtcp.port == media->port + 1;
	if (same && address_equal(&rtcp.address, &media->connection))
		rtcp = (struct endpoint){ 0 };
	return rtcp;
}

static void publish_media(struct signalling *s, uint32_t leg, const struct sdp_media *media,
                          bool from_caller)
{
	if (media->port == 0 || !media->is_rtp || !media->has_connection ||
	    address_is_unspecified(&media->connection))
		return;
	struct media_offer offer = {
		.at = { media->connection, media->port },
		.rtcp = odd_rtcp(media),
		.direction = from_caller ? DIRECTION_REVERSE : DIRECTION_FORWARD,
		.secure = media->is_secure || media->has_fingerprint,
	};
	for (uint8_t i = 0; i < media->format_count; i++) {
		if (offer.format_count == MEDIA_MAX_FORMATS) {
			count(s->context, COUNT_SDP_DROPPED_LINES);
			break;
		}
		struct media_format *format = &offer.formats[offer.format_count];
		format->payload_type = media->formats[i].payload_type;
		format->meaning = meaning_of(&media->formats[i]);
		/* A dynamic type without a map says nothing (RFC 8866 6.6). */
		offer.format_count += format->meaning.clock_hz > 0;
	}
	media_expect(s->media, leg_at(s, leg)->media, &offer);
}

static bool is_hold(const struct sdp_media *media)
{
	return media->direction == SDP_SENDONLY || media->direction == SDP_INACTIVE ||
	       (media->has_connection && address_is_unspecified(&media->connection));
}

/* What an SDP tells about the leg as a whole. */
static void note_media(struct leg *leg, const struct sdp_media *media,
                       const struct sip_message *message)
{
	const bool answered = leg->answered != NSTIME_NONE;
	if (media->port == 0)
		return;
	if (media->has_crypto || media->has_fingerprint || media->is_secure)
		leg->flags |= LEG_SRTP;
	if (media->kind == SDP_IMAGE && !message->is_request)
		leg->flags |= LEG_T38; /* the answer takes it */
	if (media->kind == SDP_AUDIO && answered && message->is_request && is_hold(media))
		leg->flags |= LEG_HELD;
}

/* What the message makes of the agreement on audio; sdp NULL: it has none. */
static void note_agreement(struct signalling *s, struct leg *leg,
                           const struct sip_event *event, const struct sdp *sdp)
{
	const struct sip_message *message = event->message;
	const bool from_caller = leg_from_caller(leg, event->from_tag, message->is_request);
	const bool later = leg->agreement.agreed && leg->answered != NSTIME_NONE &&
	                   leg->answered != event->at;
	struct agreement_outcome agreed;
	struct audio_side side;
	if (sdp)
		side = audio_side_of(sdp, &event->packet->src.address);
	const bool completes = agreement_take(&leg->agreement, message, from_caller,
	                                      sdp ? &side : NULL, &agreed);
	if (sdp)
		leg_offers_sdp(&leg->offers, sdp,
		               completes ? SDP_ROLE_ANSWER : SDP_ROLE_OFFER, later,
		               event->at);
	if (completes) {
		media_leg_agreed(s->media, leg->media, event->at, agreed.want,
		                 agreed.unroutable);
		if (leg->agreement.again && leg->answered != NSTIME_NONE)
			leg_holds_agreed(&leg->holds, &leg->agreement, event->at);
	}
}

void offer_publish(struct signalling *s, uint32_t number, const struct sip_event *event)
{
	const struct sip_message *message = event->message;
	struct leg *leg = leg_at(s, number);
	struct text body;
	unsigned int dropped = 0;
	if (sip_find_sdp(message, &body) != OK) {
		note_agreement(s, leg, event, NULL);
		return;
	}
	if (sdp_parse(body, &s->sdp, &dropped) != OK) {
		count(s->context, COUNT_SDP_MALFORMED);
		return;
	}
	s->context->counters.of[COUNT_SDP_DROPPED_LINES] += dropped;
	if (!message->is_request && message->status < 200)
		leg->flags |= LEG_EARLY_MEDIA;
	if (message->is_request && message->method == SIP_ACK)
		leg->flags |= LEG_LATE_OFFER;
	const bool from_caller = leg_from_caller(leg, event->from_tag, message->is_request);
	leg_trace_sdp(&leg->trace, &s->sdp, from_caller ? TRACE_CALLER : TRACE_CALLEE,
	              event->packet, message);
	for (uint8_t i = 0; i < s->sdp.media_count; i++) {
		note_media(leg, &s->sdp.media[i], message);
		publish_media(s, number, &s->sdp.media[i], from_caller);
	}
	leg_nat_sdp(&leg->nat, &leg->texts, &s->sdp, &event->packet->src.address,
	            from_caller);
	note_agreement(s, leg, event, &s->sdp);
}
