/* print_summary.c - the account under the calls: what was seen, and what became of it. */
#include "probe/print_text.h"

static uint64_t sum(const uint64_t *counts, size_t count)
{
	uint64_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += counts[i];
	return total;
}

/* " (udp_length 2, tag 1)"; nothing where all are zero. */
static void add_reasons(struct buffer *to, const uint64_t *counts, const char *const *names,
                        size_t count)
{
	const char *before = " (";
	for (size_t i = 0; i < count; i++) {
		if (!counts[i])
			continue;
		buffer_format(to, "%s%s %llu", before, names[i],
		              (unsigned long long)counts[i]);
		before = ", ";
	}
	if (before[0] == ',')
		buffer_add_char(to, ')');
}

static void add_total(struct buffer *to, uint64_t number, const char *unit)
{
	buffer_format(to, "%llu %s", (unsigned long long)number, unit);
}

/* "1 call", "2 calls". */
static void add_things(struct buffer *to, uint64_t number, const char *thing)
{
	add_total(to, number, thing);
	if (number != 1)
		buffer_add_char(to, 's');
}

/* Requests by method, those whose method is none of ours together. */
static void add_requests(struct buffer *to, const struct sip_tally *sip)
{
	const char *names[SIP_METHOD_COUNT];
	uint64_t counts[SIP_METHOD_COUNT] = { 0 };
	const size_t last = SIP_METHOD_COUNT - 1;
	for (size_t method = 1; method < SIP_METHOD_COUNT; method++) {
		names[method - 1] = sip_method_names[method];
		counts[method - 1] = sip->requests[method];
	}
	names[last] = "other";
	counts[last] = sip->other_requests;
	for (size_t i = 0; i < sip->other_count; i++)
		counts[last] += sip->other[i].requests;
	add_reasons(to, counts, names, SIP_METHOD_COUNT);
}

static void add_sip_line(struct buffer *to, const struct summary *summary)
{
	const struct sip_tally *sip = summary->sip;
	uint64_t responses[TALLY_STATUS_MAX / 100 + 1] = { 0 };
	static const char *const classes[] = { "0xx", "1xx", "2xx", "3xx",
		                               "4xx", "5xx", "6xx" };
	for (size_t status = 0; status <= TALLY_STATUS_MAX; status++)
		responses[status / 100] += sum(sip->responses[status], SIP_METHOD_COUNT);
	for (size_t i = 0; i < sip->pair_count; i++)
		responses[sip->pairs[i].status / 100] += sip->pairs[i].count;
	add_things(to, summary->counters->of[COUNT_SIP_MESSAGES], "SIP message");
	add_requests(to, sip);
	add_reasons(to, responses, classes, ARRAY_LEN(classes));
	const uint64_t malformed = sum(sip->faults, SIP_FAULT_COUNT);
	if (malformed) {
		buffer_add_string(to, ", ");
		add_total(to, malformed, "malformed");
		add_reasons(to, sip->faults, sip_fault_names, SIP_FAULT_COUNT);
	}
	buffer_add_char(to, '\n');
}

static void add_frame_line(struct buffer *to, const struct summary *summary)
{
	add_things(to, summary->frames, "frame");
	buffer_add_string(to, ": ");
	add_total(to, summary->parsed, "parsed, ");
	add_total(to, summary->not_ours, "not ours, ");
	add_total(to, sum(summary->malformed, REASON_COUNT), "malformed");
	add_reasons(to, summary->malformed, decode_reason_names, REASON_COUNT);
	buffer_add_string(to, ", ");
	add_total(to, sum(summary->dropped, REASON_COUNT), "dropped");
	add_reasons(to, summary->dropped, decode_reason_names, REASON_COUNT);
	buffer_add_char(to, '\n');
}

static void add_application_line(struct buffer *to, const struct application_counts *counts)
{
	uint64_t flows[APPLICATION_COUNT];
	for (size_t i = 0; i < APPLICATION_COUNT; i++)
		flows[i] = counts->of[i].flows;
	if (!sum(flows, APPLICATION_COUNT))
		return;
	buffer_add_string(to, "flows of other voice applications, not measured");
	add_reasons(to, flows, application_names, APPLICATION_COUNT);
	buffer_add_char(to, '\n');
}

void text_add_summary(struct buffer *to, const struct summary *summary)
{
	const uint64_t *counts = summary->counters->of;
	static const struct {
		enum counter counter;
		const char *name;
	} things[] = {
		{ COUNT_CALLS, "call" },
		{ COUNT_LEGS, "leg" },
		{ COUNT_STREAMS, "stream" },
		{ COUNT_REGISTRATIONS, "registration" },
	};
	const uint64_t *evicted = counts + COUNT_CALLS_EVICTED;
	const size_t evictions = COUNTER_COUNT - COUNT_CALLS_EVICTED;
	for (size_t i = 0; i < ARRAY_LEN(things); i++) {
		if (i > 0)
			buffer_add_string(to, ", ");
		add_things(to, counts[things[i].counter], things[i].name);
	}
	buffer_add_char(to, '\n');
	add_sip_line(to, summary);
	add_frame_line(to, summary);
	if (summary->applications)
		add_application_line(to, summary->applications);
	if (counts[COUNT_TRUNCATED_PACKETS]) {
		add_things(to, counts[COUNT_TRUNCATED_PACKETS], "packet");
		buffer_add_string(to, " cut short by the capture\n");
	}
	if (sum(summary->probe, PROBE_COUNTER_COUNT)) {
		buffer_add_string(to, "not all could be seen");
		add_reasons(to, summary->probe, probe_counter_names, PROBE_COUNTER_COUNT);
		buffer_add_char(to, '\n');
	}
	if (sum(evicted, evictions)) {
		buffer_add_string(to, "tables were too small for this input");
		add_reasons(to, evicted, counter_names + COUNT_CALLS_EVICTED, evictions);
		buffer_add_char(to, '\n');
	}
}
