/*
 * offer.c - from SDP to expectations (RFC 3264).
 *
 * Whoever sends an SDP says where and in which formats it wants to receive.  That holds for
 * offers and answers alike, so each SDP is published when it is seen: media that comes
 * before the answer is then joined, and an address that a refused re-INVITE named harms
 * nobody.  It is forgotten with the leg.
 */
#include "analyzer/track/signalling.h"

static void publish_media(struct signalling *s, uint32_t leg, const struct sdp_glance *sdp,
                          const struct sdp_glance_line *line, bool from_caller)
{
	const struct sdp_glance_format *formats = sdp_glance_formats(sdp, line);
	struct media_offer offer;
	if (line->port == 0 || !line->is_rtp || !line->has_connection ||
	    address_is_unspecified(&line->connection))
		return;
	offer.at = (struct endpoint){ line->connection, line->port };
	offer.rtcp = line->rtcp;
	offer.direction = from_caller ? DIRECTION_REVERSE : DIRECTION_FORWARD;
	offer.secure = line->is_secure || line->has_fingerprint;
	offer.format_count = 0;
	for (uint16_t i = 0; i < line->format_count; i++) {
		if (offer.format_count == MEDIA_MAX_FORMATS) {
			count(s->context, COUNT_SDP_DROPPED_LINES);
			break;
		}
		struct media_format *format = &offer.formats[offer.format_count];
		format->payload_type = formats[i].payload_type;
		format->meaning = formats[i].meaning;
		/* A dynamic type without a map says nothing (RFC 8866 6.6). */
		offer.format_count += format->meaning.clock_hz > 0;
	}
	media_expect(s->media, leg_at(s, leg)->media, &offer);
}

static bool is_hold(const struct sdp_glance_line *media)
{
	return media->direction == SDP_SENDONLY || media->direction == SDP_INACTIVE ||
	       (media->has_connection && address_is_unspecified(&media->connection));
}

/* What an SDP tells about the leg as a whole. */
static void note_media(struct leg *leg, const struct sdp_glance_line *media,
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
                           const struct sip_event *event, const struct sdp_glance *sdp)
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

/* What the message says, or what was too much for its glance. */
static void read_sdp(struct signalling *s, const struct sip_event *event,
                     struct sdp_glance *out)
{
	const struct sdp_glance_room room = { s->sdp_lines, s->sdp_formats,
		                              ARRAY_LEN(s->sdp_lines),
		                              ARRAY_LEN(s->sdp_formats) };
	*out = event->glance->sdp;
	if (out->status == ERR_FULL)
		sdp_glance_at(event->message, &s->sdp, &room, out);
}

void offer_publish(struct signalling *s, uint32_t number, const struct sip_event *event)
{
	const struct sip_message *message = event->message;
	struct leg *leg = leg_at(s, number);
	struct sdp_glance sdp;
	read_sdp(s, event, &sdp);
	if (sdp.status == ERR_NOT_FOUND) {
		note_agreement(s, leg, event, NULL);
		return;
	}
	if (sdp.status != OK) {
		count(s->context, COUNT_SDP_MALFORMED);
		return;
	}
	s->context->counters.of[COUNT_SDP_DROPPED_LINES] += sdp.dropped;
	if (!message->is_request && message->status < 200)
		leg->flags |= LEG_EARLY_MEDIA;
	if (message->is_request && message->method == SIP_ACK)
		leg->flags |= LEG_LATE_OFFER;
	const bool from_caller = leg_from_caller(leg, event->from_tag, message->is_request);
	leg_trace_sdp(&leg->trace, &sdp, from_caller ? TRACE_CALLER : TRACE_CALLEE,
	              event->packet, message);
	for (uint8_t i = 0; i < sdp.line_count; i++) {
		note_media(leg, &sdp.lines[i], message);
		publish_media(s, number, &sdp, &sdp.lines[i], from_caller);
	}
	leg_nat_sdp(&leg->nat, &leg->texts, &sdp, &event->packet->src.address, from_caller);
	note_agreement(s, leg, event, &sdp);
}
