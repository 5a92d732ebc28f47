#include "probe/print_intervals.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analyzer/quality/emodel.h"
#include "schema/field_text.h"
#include "schema/timeline.h"
#include "web/display.h"
#include "web/record_json.h"

static_assert((int)RECORD_MAX_BUFFERS == (int)TIMELINE_NETWORK,
              "the views are the buffers");

static void add_losses(struct buffer *to, const struct interval_loss *loss, enum band band)
{
	json_add_count(to, "bursts", loss->bursts);
	json_add_count(to, "burst_packets", loss->burst_packets);
	json_add_count(to, "burst_bad", loss->burst_bad);
	json_add_count(to, "gaps", loss->gaps);
	json_add_real(to, "r", loss->r);
	json_add_real(to, "mos_lq", emodel_mos(band, loss->r));
}

/* As it would be without any buffer, then in each, by the names the stream has for them. */
static void add_views(struct buffer *to, const struct interval *interval,
                      const struct stream_record *stream)
{
	const struct interval_loss *network = &interval->views[TIMELINE_NETWORK];
	json_add_count(to, "loss_runs", network->runs);
	json_add_name(to, "network");
	buffer_add_char(to, '{');
	add_losses(to, network, stream->band);
	buffer_add_char(to, '}');
	json_add_name(to, "buffers");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < stream->buffers.count; i++) {
		const struct interval_loss *view = &interval->views[i];
		const char *name = stream->buffers.buffers[i].name;
		buffer_add_string(to, i ? ",{" : "{");
		json_add_name(to, "name");
		display_json(to, (struct text){ name, strnlen(name, 8) });
		json_add_count(to, "discarded",
		               view->bad > network->bad ? view->bad - network->bad : 0);
		add_losses(to, view, stream->band);
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, ']');
}

static void add_flags(struct buffer *to, uint32_t flags)
{
	static const char *const names[] = { "ts_resync", "restart", "telephone_event",
		                             "comfort_noise", "time_backwards" };
	const char *before = "\"";
	json_add_name(to, "flags");
	buffer_add_char(to, '[');
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!(flags & UINT32_C(1) << i))
			continue;
		buffer_format(to, "%s%s\"", before, names[i]);
		before = ",\"";
	}
	buffer_add_char(to, ']');
}

static void add_interval(struct buffer *to, const struct interval *interval,
                         const struct stream_record *stream)
{
	const uint64_t lost = interval->views[TIMELINE_NETWORK].bad;
	char id[ID_TEXT_SIZE];
	buffer_format(to, "{\"kind\":\"interval\",\"stream\":\"%s\",\"at\":\"",
	              id_format(stream->id, id));
	display_time(to, interval->at, 6);
	buffer_add_char(to, '"');
	json_add_count(to, "expected", interval->expected);
	json_add_count(to, "lost", lost);
	json_add_real(to, "loss_pct",
	              interval->expected ? 100 * (double)lost / interval->expected : NAN);
	json_add_count(to, "suspect_lost", interval->suspect_lost);
	json_add_count(to, "duplicates", interval->duplicates);
	json_add_count(to, "reordered", interval->reordered);
	json_add_count(to, "octets", interval->octets);
	json_add_real(to, "jitter_last_ms", interval->jitter_last_ms);
	json_add_real(to, "jitter_mean_ms", interval->jitter_mean_ms);
	json_add_real(to, "jitter_max_ms", interval->jitter_max_ms);
	json_add_real(to, "delta_max_ms", interval->delta_max_ms);
	json_add_real(to, "ptime_ms", interval->ptime_ms);
	json_add_real(to, "pdv_p50_ms", interval->pdv_p50_ms);
	json_add_real(to, "pdv_p95_ms", interval->pdv_p95_ms);
	json_add_real(to, "pdv_p99_ms", interval->pdv_p99_ms);
	json_add_real(to, "depth_ms", interval->depth_ms);
	json_add_count(to, "payload_type", interval->payload_type);
	json_add_count(to, "dscp", interval->dscp);
	json_add_count(to, "ttl", interval->ttl);
	add_flags(to, interval->flags);
	add_views(to, interval, stream);
	buffer_add_string(to, "}\n");
}

void json_add_intervals(struct buffer *to, const struct record *record)
{
	struct timeline_reader reader;
	struct interval interval;
	if (timeline_open(record->tail, &reader) != OK)
		return;
	while (timeline_next(&reader, &interval) == OK)
		add_interval(to, &interval, &record->stream);
}
