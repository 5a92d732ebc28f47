#include "probe/pipeline_back.h"

#include "probe/application.h"

enum status back_init(struct back *back, const struct pipeline_options *options,
                      const struct sink *sink)
{
	enum status status = OK;
	if (options->applications)
		status = applications_new(options->applications_at_once,
		                          &back->applications);
	return status == OK ? analyzer_new(&options->settings, sink, &back->analyzer)
	                    : status;
}

void back_free(struct back *back)
{
	analyzer_free(back->analyzer);
	applications_free(back->applications);
}

static void note_claims(struct back *b, const struct packet *packets,
                        const enum claim *claims, size_t count)
{
	size_t rtp = 0;
	for (size_t i = 0; i < count; i++)
		rtp += claims[i] == CLAIM_RTP;
	b->claims[CLAIM_RTP] += rtp;
	for (size_t i = 0; rtp < count && i < count; i++) {
		b->claims[claims[i]] += claims[i] != CLAIM_RTP;
		if (claims[i] == CLAIM_NONE && b->applications)
			applications_note(b->applications, &packets[i]);
	}
}

static void feed(struct back *b, const struct packet_batch *batch)
{
	enum claim claims[PACKET_BATCH];
	analyzer_feed(b->analyzer, batch->packets, batch->count, claims);
	if (!batch->messages)
		note_claims(b, batch->packets, claims, batch->count);
}

void back_take(struct back *back, const struct packet_batch *batch)
{
	struct back *b = back;
	feed(b, batch);
	switch (batch->end) {
	case BATCH_ENDS:
	case BATCH_THEN_NO_MORE:
		break;
	case BATCH_THEN_TCP_GAP:
		analyzer_note_tcp_gap(b->analyzer, batch->at);
		break;
	case BATCH_THEN_REPORT:
		if (analyzer_feed_report(b->analyzer, &batch->report) == OK)
			b->reports++;
		else
			b->malformed_reports++;
		break;
	case BATCH_THEN_ADVANCE:
		analyzer_advance(b->analyzer, batch->at);
		break;
	case BATCH_THEN_DROPS:
		analyzer_note_drops(b->analyzer, batch->seen, batch->dropped);
		break;
	case BATCH_THEN_FINISH:
		analyzer_finish(b->analyzer);
		analyzer_give_encrypted(b->analyzer, batch->encrypted,
		                        batch->encrypted_count);
		break;
	}
}

void back_add_tally(const struct back *b, struct frame_tally *tally)
{
	const uint64_t admitted =
	        analyzer_counters(b->analyzer)->of[COUNT_ADMITTED_PACKETS];
	tally->parsed += b->claims[CLAIM_SIP] + b->claims[CLAIM_RTP] +
	                 b->claims[CLAIM_RTCP] + b->claims[CLAIM_ICMP] + admitted +
	                 b->reports;
	tally->not_ours += b->claims[CLAIM_NONE] + b->claims[CLAIM_PENDING] - admitted;
	tally->malformed += b->malformed_reports;
}

void back_add_summary(const struct back *back, struct summary *summary)
{
	const struct back *b = back;
	const struct counters *counters = analyzer_counters(b->analyzer);
	struct frame_tally tally = { 0 };
	back_add_tally(b, &tally);
	summary->parsed += tally.parsed;
	summary->not_ours += tally.not_ours;
	summary->malformed[REASON_HEP] += b->malformed_reports;
	summary->counters = counters;
	summary->sip = analyzer_sip_tally(b->analyzer);
	summary->losses = analyzer_losses(b->analyzer);
	const struct pressure *pressures = analyzer_pressures(b->analyzer);
	for (size_t i = PRESSURE_CALLS; i <= PRESSURE_REQUESTS; i++)
		summary->pressures[i] = pressures[i];
	if (!b->applications)
		return;
	summary->applications = applications_counts(b->applications);
	summary->probe[PROBE_APPLICATIONS_EVICTED] = summary->applications->evicted;
	summary->probe[PROBE_APPLICATIONS_NOT_ASKED] = summary->applications->not_asked;
}
