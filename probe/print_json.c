#include "probe/print_json.h"

#include <inttypes.h>

#include "web/display.h"
#include "web/record_json.h"

/* Those that are not zero, by name. */
static void add_counts(struct buffer *to, const char *name, const uint64_t *counts,
                       const char *const *names, size_t count)
{
	json_add_name(to, name);
	buffer_add_char(to, '{');
	for (size_t i = 0; i < count; i++) {
		if (counts[i])
			json_add_count(to, names[i], counts[i]);
	}
	buffer_add_char(to, '}');
}

/* A method's name, which may be a stranger's, as a member's name; status 0: a request. */
static void add_sip_count(struct buffer *to, unsigned int status, struct text method,
                          uint64_t count)
{
	struct buffer name = { 0 };
	if (count == 0)
		return;
	if (status)
		buffer_format(&name, "%u (", status);
	buffer_add(&name, method);
	if (status)
		buffer_add_char(&name, ')');
	if (to->at[to->len - 1] != '{')
		buffer_add_char(to, ',');
	display_json(to, buffer_text(&name));
	buffer_add_char(to, ':');
	display_json_count(to, count);
	to->failed |= name.failed;
	buffer_free(&name);
}

static struct text method_text(unsigned int method)
{
	return method == SIP_METHOD_OTHER ? TEXT("None")
	                                  : text_from(sip_method_names[method]);
}

static void add_sip_tally(struct buffer *to, const struct sip_tally *tally)
{
	for (unsigned int m = 1; m < SIP_METHOD_COUNT; m++)
		add_sip_count(to, 0, method_text(m), tally->requests[m]);
	for (size_t i = 0; i < tally->other_count; i++)
		add_sip_count(to, 0, text_from(tally->other[i].name),
		              tally->other[i].requests);
	for (unsigned int status = 1; status <= TALLY_STATUS_MAX; status++) {
		for (unsigned int m = 0; m < SIP_METHOD_COUNT; m++)
			add_sip_count(to, status, method_text(m),
			              tally->responses[status][m]);
	}
	for (size_t i = 0; i < tally->pair_count; i++) {
		const size_t method = tally->pairs[i].method;
		add_sip_count(to, tally->pairs[i].status,
		              method < tally->other_count
		                      ? text_from(tally->other[method].name)
		                      : TEXT("other"),
		              tally->pairs[i].count);
	}
	add_sip_count(to, 0, TEXT("other"),
	              tally->other_requests + tally->pairs_not_told_apart);
}

static void add_loss_share(struct buffer *to, enum loss_verdict whose, double packets)
{
	json_add_real(to, loss_verdict_names[whose], packets);
}

static void add_verdict(struct buffer *to, enum loss_verdict verdict)
{
	json_add_name(to, "loss_verdict");
	if (loss_verdict_names[verdict])
		display_json(to, text_from(loss_verdict_names[verdict]));
	else
		buffer_add(to, TEXT("null"));
}

static void add_applications(struct buffer *to, const struct application_counts *counts)
{
	json_add_name(to, "applications");
	buffer_add_char(to, '{');
	for (size_t i = 0; i < APPLICATION_COUNT; i++) {
		const struct application_count *count = &counts->of[i];
		if (count->flows == 0)
			continue;
		json_add_name(to, application_names[i]);
		buffer_add_char(to, '{');
		json_add_count(to, "flows", count->flows);
		json_add_count(to, "packets", count->packets);
		json_add_count(to, "octets", count->octets);
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, '}');
}

/* Of tables that ever were under pressure. */
static void add_pressures(struct buffer *to, const struct pressure *pressures)
{
	const char *comma = "";
	json_add_name(to, "pressure");
	buffer_add_char(to, '{');
	for (size_t i = 0; i < PRESSURE_TABLES; i++) {
		const struct pressure *p = &pressures[i];
		if (!p->times)
			continue;
		buffer_format(to,
		              "%s\"%s\":{\"on\":%s,\"times\":%" PRIu64 ",\"changed\":\"",
		              comma, pressure_names[i], p->on ? "true" : "false", p->times);
		display_time(to, p->changed, 6);
		buffer_add_string(to, "\"}");
		comma = ",";
	}
	buffer_add_char(to, '}');
}

void json_add_summary(struct buffer *to, const struct summary *summary)
{
	const uint64_t *counts = summary->counters->of;
	buffer_add(to, TEXT("{\"kind\":\"summary\""));
	json_add_count(to, "frames", summary->frames);
	json_add_count(to, "parsed", summary->parsed);
	json_add_count(to, "not_ours", summary->not_ours);
	add_counts(to, "malformed", summary->malformed, decode_reason_names, REASON_COUNT);
	add_counts(to, "dropped", summary->dropped, decode_reason_names, REASON_COUNT);
	json_add_count(to, "legs", counts[COUNT_LEGS]);
	json_add_count(to, "calls", counts[COUNT_CALLS]);
	json_add_count(to, "streams", counts[COUNT_STREAMS]);
	json_add_count(to, "registrations", counts[COUNT_REGISTRATIONS]);
	json_add_count(to, "sip_messages", counts[COUNT_SIP_MESSAGES]);
	json_add_name(to, "sip");
	buffer_add_char(to, '{');
	add_sip_tally(to, summary->sip);
	buffer_add_char(to, '}');
	add_counts(to, "sip_malformed", summary->sip->faults, sip_fault_names,
	           SIP_FAULT_COUNT);
	json_add_count(to, "truncated", counts[COUNT_TRUNCATED_PACKETS]);
	json_add_count(to, "duplicates", counts[COUNT_RTP_DUPLICATES]);
	add_counts(to, "evicted", counts + COUNT_CALLS_EVICTED,
	           counter_names + COUNT_CALLS_EVICTED,
	           COUNTER_COUNT - COUNT_CALLS_EVICTED);
	add_pressures(to, summary->pressures);
	if (summary->applications)
		add_applications(to, summary->applications);
	add_verdict(to, loss_shares_verdict(&summary->losses));
	json_add_name(to, "losses");
	buffer_add_char(to, '{');
	add_loss_share(to, LOSS_NETWORK, summary->losses.network);
	add_loss_share(to, LOSS_CAPTURE, summary->losses.capture);
	add_loss_share(to, LOSS_UNKNOWN, summary->losses.unknown);
	buffer_add_char(to, '}');
	add_counts(to, "counters", counts, counter_names, COUNTER_COUNT);
	add_counts(to, "capture", summary->probe, probe_counter_names, PROBE_COUNTER_COUNT);
	buffer_add(to, TEXT("}\n"));
}
