/*
 * fuzz_analyzer.c - the whole analyzer, fed with a list of packets.
 *
 * The input is a list of: gap (u16: units of 2^n ms, n by its two highest bits times 5;
 * the highest gap goes back in time), flow (u8), length (u16), bytes.  The low bits of the
 * flow choose source and destination among few addresses, so that packets meet; its
 * highest ones transport and truncation.  Limits are small, so that tables overflow.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analyzer.h"

enum {
	MOST_PACKETS = 400,
	BACKWARDS = 0xffff,
	FLOW_TCP = 0x80,
	FLOW_CUT = 0x40,
};

/* What went in and what came out. */
struct account {
	uint64_t kpi_legs, kpi_streams;
	uint64_t streams, legs, calls, registrations, reports;
	nstime last; /* record's time */
};

static const struct {
	uint8_t address[4];
	uint16_t port;
} places[] = {
	{ { 198, 18, 0, 1 }, 5060 }, { { 198, 19, 0, 1 }, 5060 },
	{ { 198, 18, 0, 1 }, 4000 }, { { 198, 19, 0, 1 }, 5000 },
	{ { 198, 18, 0, 1 }, 4001 }, { { 198, 19, 0, 1 }, 5001 },
	{ { 198, 18, 0, 9 }, 5060 }, { { 192, 0, 2, 1 }, 6000 },
};

static struct endpoint place(unsigned int n)
{
	n %= sizeof places / sizeof places[0];
	return (struct endpoint){ address_ipv4(places[n].address), places[n].port };
}

static bool is_mos(double mos)
{
	return isnan(mos) || (mos >= 1 && mos <= 4.5);
}

static bool is_positive(double figure)
{
	return isnan(figure) || (figure >= 0 && isfinite(figure));
}

static bool is_real(double figure)
{
	return isnan(figure) || isfinite(figure);
}

/* What RTCP made of it. */
static void check_second_witness(const struct stream_record *s)
{
	assert(is_positive(s->rtt_receiver_ms) && is_positive(s->rtt_sender_ms));
	assert(isnan(s->rtt_ms) || s->rtt_ms <= 20000);
	assert(!s->rtt_partial || !isnan(s->rtt_ms));
	assert(is_positive(s->far_expected) && is_real(s->far_lost));
	assert(isnan(s->far_expected) == isnan(s->lost_after));
	assert(is_positive(s->far_jitter_max_ms) && is_positive(s->unconfirmed_lost));
	assert(is_mos(s->mos_cq) && (isnan(s->mos_cq) || !isnan(s->rtt_ms)));
}

static void check_report(const struct report_record *r)
{
	assert(r->source > REPORT_SOURCE_NONE && r->source < REPORT_SOURCE_COUNT);
	assert(r->side == SIDE_LOCAL || (r->side == SIDE_REMOTE && r->source != REPORT_XR));
	assert(r->ssrc >= -1 && r->ssrc <= UINT32_MAX);
	assert(r->concealment < CONCEALMENT_COUNT && r->buffer < REPORT_BUFFER_COUNT);
	assert(is_positive(r->loss_pct) && is_positive(r->rtt_ms) && is_real(r->mos_lq));
}

static void check_stream(const struct stream_record *s)
{
	assert(s->lost <= s->expected);
	assert(s->received <= s->packets);
	assert(s->received + s->lost == s->expected);
	assert(s->duplicates + s->received <= s->packets);
	assert(s->span_copies <= s->duplicates);
	assert(s->first <= s->last);
	assert(s->packets > 0);
	assert(is_mos(s->mos_lq));
	assert(isnan(s->mos_lq) == (s->band == BAND_NONE));
	assert(is_positive(s->jitter_max_ms) && is_positive(s->jitter_mean_ms) &&
	       is_positive(s->jitter_last_ms) && is_positive(s->ptime_ms));
	assert(isnan(s->jitter_max_ms) || s->jitter_mean_ms <= s->jitter_max_ms + 1e-9);
	assert(s->loss_pct >= 0 && s->loss_pct <= 100);
	assert(s->legs.count <= RECORD_MAX_LEGS);
	assert((s->leg != 0) == (s->legs.count > 0));
	uint64_t typed = 0;
	for (uint8_t i = 0; i < s->payload_types.count; i++)
		typed += s->payload_types.packets[i];
	assert(typed <= s->packets);
	check_second_witness(s);
}

static void check_leg(const struct leg_record *l)
{
	assert(l->state > LEG_STATE_NONE && l->state < LEG_STATE_COUNT);
	assert(l->ringing == NSTIME_NONE || l->ringing >= l->start);
	assert(l->answered == NSTIME_NONE || l->answered >= l->start);
	assert(l->ended == NSTIME_NONE || l->ended >= l->start);
	assert(is_positive(l->pdd_ms) && is_positive(l->duration_s));
	assert(l->status <= 699);
	assert(l->retransmissions < l->messages);
	assert(l->codecs.count <= RECORD_MAX_CODECS);
	assert(l->audio_forward < AUDIO_FATE_COUNT && l->audio_reverse < AUDIO_FATE_COUNT);
	assert(!l->one_way || l->answered != NSTIME_NONE);
	assert(is_positive(l->media_coverage_forward_pct) &&
	       is_positive(l->media_coverage_reverse_pct));
	assert(!(l->media_coverage_forward_pct > 100 ||
	         l->media_coverage_reverse_pct > 100));
}

static void check_binding(const struct binding_record *b)
{
	assert(b->state > BINDING_STATE_NONE && b->state < BINDING_STATE_COUNT);
	assert(b->refreshes + b->failures < b->registrations);
	assert(b->auth_failures <= b->failures);
	assert(is_positive(b->rrd_mean_ms) && is_positive(b->rrd_max_ms));
}

static void check_peer(const struct peer_record *p)
{
	assert(p->state < PEER_STATE_COUNT && p->first <= p->last);
	assert(p->options_answered + p->options_unanswered <= p->options);
	assert(p->invites_accepted + p->invites_unanswered <= p->invites);
	assert(p->registers_unanswered <= p->registers);
	assert(p->unavailable <= p->server_errors);
	assert(is_positive(p->rtt_min_ms) && is_positive(p->rtt_max_ms));
	assert(is_positive(p->outage_s));
}

static void check_event(const struct event_record *e)
{
	assert(e->type > EVENT_TYPE_NONE && e->type < EVENT_TYPE_COUNT);
	assert(e->began <= e->detected);
	assert(is_positive(e->duration_s) && is_positive(e->rtp_after_s));
	assert(e->calls_survived + e->calls_silent + e->calls_one_way + e->calls_dropped ==
	       e->calls_carried);
	assert(is_mos(e->mos_lq_before) && is_mos(e->mos_lq_after));
}

static void check_finding(const struct finding_record *f)
{
	assert(f->code > FINDING_NONE && f->code < FINDING_CODE_COUNT);
	assert(f->points_to > POINTS_TO_NONE && f->points_to < POINTS_TO_COUNT);
	assert(f->rank >= 1 && f->rank <= FINDINGS_PER_CALL);
	assert(f->confidence > 0 && f->confidence <= 1);
	assert(f->call && f->sentence[0] && f->evidence[0]);
}

static void check_kpi(const struct record *record, struct account *account)
{
	const uint64_t *counts = record->kpi.counts;
	struct kpi_bins bins = { 0 };
	assert(kpi_bins_decode(record->tail, &bins) == OK);
	kpi_bins_free(&bins);
	assert(counts[KPI_SEEN] == counts[KPI_INCOMPLETE] + counts[KPI_INTERRUPTED] +
	                                   counts[KPI_PENDING] + counts[KPI_SEIZURES]);
	assert(counts[KPI_DELIVERED] <= counts[KPI_SEIZURES]);
	assert(counts[KPI_ANSWERED] == counts[KPI_ENDED] + counts[KPI_TALKING]);
	assert(counts[KPI_ONE_WAY] <= counts[KPI_JUDGED]);
	if (record->kpi.key.view == KPI_VIEW_LEG) {
		account->kpi_legs += counts[KPI_SEEN];
		account->kpi_streams += counts[KPI_STREAMS];
	}
}

static void check_observation(const struct observation_record *o)
{
	assert(o->type > OBSERVATION_NONE && o->type < OBSERVATION_TYPE_COUNT);
	assert(o->first <= o->last && o->events > 0 && o->events >= o->peak_per_min);
	assert(o->sources > 0 && o->targets > 0);
	assert(o->examples.count <= OBSERVATION_EXAMPLES);
}

static void accept(void *self, const struct record *record)
{
	struct account *account = self;
	assert(record->at >= account->last);
	account->last = record->at;
	switch (record->kind) {
	case RECORD_STREAM:
		account->streams++;
		check_stream(&record->stream);
		break;
	case RECORD_LEG:
		account->legs++;
		check_leg(&record->leg);
		break;
	case RECORD_CALL:
		account->calls++;
		assert(is_mos(record->call.mos_lq_min));
		assert(record->call.legs.count > 0);
		break;
	case RECORD_REPORT:
		account->reports++;
		check_report(&record->report);
		break;
	case RECORD_REGISTRATION:
		account->registrations++;
		assert(record->registration.status <= 699);
		assert(is_positive(record->registration.rrd_ms));
		break;
	case RECORD_FINDING:
		check_finding(&record->finding);
		break;
	case RECORD_BINDING:
		check_binding(&record->binding);
		break;
	case RECORD_PEER:
		check_peer(&record->peer);
		break;
	case RECORD_EVENT:
		check_event(&record->event);
		break;
	case RECORD_KPI:
		check_kpi(record, account);
		break;
	case RECORD_OBSERVATION:
		check_observation(&record->observation);
		break;
	default:
		assert(0 && "nobody asked for messages");
	}
}

static struct settings small_settings(void)
{
	struct settings settings = settings_default();
	settings.limits.calls = 3;
	settings.limits.legs = 4;
	settings.limits.streams = 4;
	settings.limits.expectations = 8;
	settings.limits.probations = 3;
	settings.limits.held_headers = 1;
	settings.limits.audio = 2;
	settings.limits.hosts = 2;
	settings.limits.registrations = 2;
	settings.limits.bindings = 2;
	settings.limits.asks = 4;
	settings.limits.peers = 3;
	settings.limits.routes = 3;
	settings.limits.failovers = 1;
	settings.limits.watched = 3;
	settings.limits.accounts = 2;
	for (size_t i = 0; i < THRESHOLD_COUNT; i++)
		settings.thresholds[i] = 1;
	settings.audio_facts = true;
	settings.limits.reports = 6;
	settings.limits.kpi_cells = 5;
	settings.limits.kpi_pairs = 2;
	settings.keep_kpis = true;
	settings.kpi_every = 60 * NS_PER_SEC;
	settings.rtp_map[97] = (struct rtp_map){ CODEC_OPUS, 48000, 97 };
	return settings;
}

/* Next packet of the input; its payload is a copy of the exact size. */
static bool next_packet(struct reader *r, nstime *at, struct packet *packet)
{
	const uint16_t gap = read_u16(r);
	const uint8_t flow = read_u8(r);
	const uint16_t len = read_u16(r);
	if (r->ran_out)
		return false;
	const struct span bytes = take(r, len < r->rest.len ? len : r->rest.len);
	if (gap == BACKWARDS)
		*at -= 100 * NS_PER_MS;
	else
		*at += ((nstime)(gap & 0x3fff) << (gap >> 14) * 5) * NS_PER_MS;
	uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
	assert(copy);
	if (bytes.len)
		memcpy(copy, bytes.at, bytes.len);
	const bool cut = flow & FLOW_CUT;
	/* A stream gives no empty message: that is an ICMP error here. */
	const bool icmp = flow & FLOW_TCP && bytes.len == 0;
	*packet = (struct packet){
		.at = *at,
		.src = place(flow & 7),
		.dst = place(flow >> 3 & 7),
		.payload = { copy, bytes.len },
		.payload_len = (uint32_t)bytes.len + (cut ? 100 : 0),
		.ip_len = (uint32_t)bytes.len + 28,
		.transport = flow & FLOW_TCP ? TRANSPORT_TCP : TRANSPORT_UDP,
		.ip_id = (uint16_t)(bytes.len * 7),
		.flags = cut ? PACKET_TRUNCATED : 0,
	};
	if (icmp) {
		packet->transport = TRANSPORT_ICMP;
		packet->flags = PACKET_UNREACHABLE;
		packet->payload_len = 0;
	}
	/* cppcheck-suppress memleak ; the packet has it now, and its user frees it */
	return true;
}

static void check_totals(const struct counters *counters, const struct account *account,
                         size_t packets)
{
	const uint64_t *of = counters->of;
	assert(of[COUNT_SIP_PACKETS] + of[COUNT_RTP_PACKETS] + of[COUNT_RTCP_PACKETS] +
	               of[COUNT_PENDING_PACKETS] + of[COUNT_ICMP_PACKETS] +
	               of[COUNT_UNCLAIMED_PACKETS] ==
	       packets);
	assert(of[COUNT_SIP_MESSAGES] + of[COUNT_SIP_MALFORMED] + of[COUNT_SIP_CUT] ==
	       of[COUNT_SIP_PACKETS]);
	assert(of[COUNT_ADMITTED_PACKETS] <= of[COUNT_PENDING_PACKETS]);
	assert(of[COUNT_STREAMS] == account->streams);
	assert(of[COUNT_LEGS] == account->legs);
	assert(account->kpi_legs == account->legs);
	assert(account->kpi_streams == account->streams);
	assert(of[COUNT_CALLS] >= account->calls);
	assert(of[COUNT_REGISTRATIONS] >= account->registrations);
	assert(of[COUNT_REPORTS] == account->reports && account->reports <= 6);
	assert(of[COUNT_NO_MEMORY] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct account account = { .last = NSTIME_NONE };
	const struct sink sink = { accept, &account };
	const struct settings settings = small_settings();
	struct analyzer *analyzer;
	if (analyzer_new(&settings, &sink, &analyzer) != OK)
		abort();
	struct reader r = reader_of((struct span){ data, len });
	struct packet packet;
	nstime at = INT64_C(1767225600) * NS_PER_SEC;
	size_t packets = 0;
	while (packets < MOST_PACKETS && next_packet(&r, &at, &packet)) {
		enum claim claim;
		analyzer_feed(analyzer, &packet, 1, &claim);
		free((void *)packet.payload.at);
		packets++;
	}
	analyzer_finish(analyzer);
	check_totals(analyzer_counters(analyzer), &account, packets);
	analyzer_free(analyzer);
	return 0;
}
