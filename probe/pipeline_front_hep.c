/* pipeline_front_hep.c - what agents tell: packets, and reports behind them. */
#include "probe/pipeline_front_parts.h"

static struct text keep_text(struct packet_batch *batch, struct text text)
{
	const struct span bytes = { (const uint8_t *)text.at, text.len };
	return text_of(kept_bytes_add(&batch->kept, bytes));
}

/* It stands behind the packets of the batch: so records keep the order of what came. */
static void take_report(struct front *p, const struct agent_report *report)
{
	const size_t len =
	        report->packet->payload.len + report->call_id.len + report->agent.len;
	if (front_keeps(p) && !kept_bytes_fit(&p->batch->kept, len))
		front_flush(p);
	struct packet_batch *batch = p->batch;
	batch->reported = *report->packet;
	batch->report = *report;
	batch->report.packet = &batch->reported;
	batch->end = BATCH_THEN_REPORT;
	if (front_keeps(p)) {
		batch->reported.payload =
		        kept_bytes_add(&batch->kept, batch->reported.payload);
		batch->report.call_id = keep_text(batch, report->call_id);
		batch->report.agent = keep_text(batch, report->agent);
	}
	front_deliver(p);
}

static void take_verdict(struct front *p, enum hep_verdict verdict,
                         const struct packet *packet, const struct agent_report *report)
{
	bool parsed = true;
	switch (verdict) {
	case HEP_IS_PACKET:
		*front_next(p) = *packet;
		front_take_datagram(p, false);
		return;
	case HEP_IS_REPORT:
		take_report(p, report);
		return;
	case HEP_IS_OTHER:
		p->not_ours++;
		return;
	case HEP_IS_MALFORMED:
		parsed = false;
		break;
	case HEP_IS_COPY:
	case HEP_IS_COUNTED:
		break;
	}
	if (parsed)
		p->parsed++;
	else
		p->by_reason[REASON_HEP]++;
}

void front_take_hep_frame(struct front *p, const struct frame *frame)
{
	struct packet packet;
	struct agent_report report;
	take_verdict(p, hep_feed_frame(p->hep, frame, &packet, &report), &packet, &report);
}

static bool is_rtcp_like(const struct packet *packet)
{
	return (span_first_u64(packet->payload) & 0xc0) == 0x80;
}

/*
 * Where points are told apart each of them has its own RTCP, and knows that SIP came by
 * though an agent has told what it says.  One point of several is enough to pair off with
 * the agent.
 */
static void note_told_at_point(struct front *p, const struct packet *packet)
{
	const bool again = packet->flags & PACKET_ELSEWHERE;
	if (!again && hep_feed_was_told(p->hep, packet) && !is_rtcp_like(packet))
		front_next(p)->flags |= PACKET_ELSEWHERE;
}

bool front_take_as_hep(struct front *p)
{
	const struct packet around = *front_next(p);
	struct packet packet;
	struct agent_report report;
	if (p->hep_in_udp && hep_is_one(around.payload)) {
		take_verdict(p, hep_feed_payload(p->hep, &around, &packet, &report),
		             &packet, &report);
		return true;
	}
	if (p->sights) {
		note_told_at_point(p, &around);
		return false;
	}
	if (!hep_feed_was_told(p->hep, &around))
		return false;
	p->parsed++;
	return true;
}
