#include "probe/hep_feed.h"

#include <stdio.h>
#include <stdlib.h>

/* Kamailio's number for TLS, and WebSocket; OpenSIPS' for the latter. */
static enum transport transport_of(uint8_t ip_protocol)
{
	switch (ip_protocol) {
	case 6:
		return TRANSPORT_TCP;
	case 22:
		return TRANSPORT_TLS;
	case 50:
		return TRANSPORT_WS;
	case 132:
		return TRANSPORT_SCTP;
	default:
		return TRANSPORT_UDP;
	}
}

static bool is_rtcp(struct span payload)
{
	struct reader r = reader_of(payload);
	const uint8_t first = read_u8(&r);
	const uint8_t second = read_u8(&r);
	return !r.ran_out && first >> 6 == 2 && second >= 192 && second <= 223;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_text(struct span payload)
{
	return payload.len > 0 && is_letter((char)payload.at[0]);
}

bool hep_feed_was_told(struct hep_feed *feed, const struct packet *packet)
{
	return (is_text(packet->payload) || is_rtcp(packet->payload)) &&
	       sightings_note(feed->sightings, packet, 0);
}

static enum hep_verdict make_packet(struct hep_feed *feed, uint16_t agent,
                                    const struct packet *packet)
{
	if (address_is_unspecified(&packet->src.address) ||
	    address_is_unspecified(&packet->dst.address))
		return HEP_IS_MALFORMED;
	return sightings_note(feed->sightings, packet, agent) ? HEP_IS_COPY : HEP_IS_PACKET;
}

static enum hep_verdict take_fact(struct hep_feed *feed, const struct hep *hep,
                                  uint16_t agent, struct packet *packet,
                                  struct agent_report *report)
{
	packet->src = hep->src;
	packet->dst = hep->dst;
	packet->payload = hep->payload;
	packet->payload_len = (uint32_t)hep->payload.len;
	packet->transport = transport_of(hep->ip_protocol);
	packet->vlan[0] = hep->vlan;
	snprintf(feed->agent, sizeof feed->agent, "%u", hep->capture_id);
	*report = (struct agent_report){ .packet = packet,
		                         .of_rtcp = hep->type == HEP_RTCP,
		                         .call_id = hep->correlation,
		                         .agent = text_from(feed->agent) };
	if (hep->compressed) {
		feed->counts[HEP_COUNT_OTHERS]++;
		return HEP_IS_OTHER;
	}
	switch (hep->type) {
	case HEP_SIP:
		feed->counts[HEP_COUNT_SIP]++;
		/* An agent may not tell media into being. */
		return is_text(hep->payload) ? make_packet(feed, agent, packet)
		                             : HEP_IS_OTHER;
	case HEP_RTCP:
		feed->counts[HEP_COUNT_RTCP]++;
		packet->transport = TRANSPORT_UDP;
		return is_rtcp(hep->payload) ? make_packet(feed, agent, packet)
		                             : HEP_IS_REPORT;
	case HEP_RTP_SHORT:
	case HEP_RTP_FINAL:
		feed->counts[HEP_COUNT_RTP]++;
		return HEP_IS_REPORT;
	case HEP_LOG:
		feed->counts[HEP_COUNT_LOGS]++;
		return HEP_IS_COUNTED;
	default:
		feed->counts[HEP_COUNT_OTHERS]++;
		return HEP_IS_OTHER;
	}
}

enum hep_verdict hep_feed_frame(struct hep_feed *feed, const struct frame *frame,
                                struct packet *packet, struct agent_report *report)
{
	struct hep hep;
	*packet = (struct packet){ .at = frame->at, .frame = frame->number };
	if (hep_decode(frame->bytes, &hep) != OK)
		return HEP_IS_MALFORMED;
	return take_fact(feed, &hep, frame->interface, packet, report);
}

enum hep_verdict hep_feed_payload(struct hep_feed *feed, const struct packet *around,
                                  struct packet *packet, struct agent_report *report)
{
	struct hep hep;
	nstime at;
	if (hep_decode(around->payload, &hep) != OK)
		return HEP_IS_MALFORMED;
	struct hep_agent *agent =
	        hep_agents_note(&feed->agents, &around->src.address, &hep, around->at, &at);
	feed->counts[HEP_COUNT_WRONG_TIME] += agent->clock.flagged;
	*packet = (struct packet){ .at = at, .frame = around->frame };
	return take_fact(feed, &hep, hep_agent_number(&feed->agents, agent), packet,
	                 report);
}

enum status hep_feed_new(uint64_t seed, struct hep_feed **out)
{
	struct hep_feed *feed = calloc(1, sizeof *feed);
	if (!feed)
		return ERR_NOMEM;
	const enum status status = sightings_new(seed, &feed->sightings);
	if (status != OK) {
		free(feed);
		return status;
	}
	*out = feed;
	return OK;
}

void hep_feed_free(struct hep_feed *feed)
{
	if (!feed)
		return;
	sightings_free(feed->sightings);
	free(feed);
}
