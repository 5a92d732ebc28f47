#include "web/kpi_rows.h"

#include <math.h>

#include "web/display.h"
#include "web/record_json.h"

const struct kpi_group kpi_groups[] = {
	{ 0, "from" },
	{ KPI_BY_HOUR_OF_WEEK, "hour_of_week" },
	{ KPI_BY_SITE, "site" },
	{ KPI_BY_TRUNK, "trunk" },
	{ KPI_BY_PEER, "peer" },
	{ KPI_BY_DIRECTION, "direction" },
	{ KPI_BY_PREFIX, "prefix" },
	{ KPI_BY_CODEC, "codec" },
	{ KPI_BY_CODE, "code" },
};
const size_t kpi_group_count = ARRAY_LEN(kpi_groups);

void kpi_add_minute(struct buffer *to, nstime at)
{
	struct buffer text = { 0 };
	display_time(&text, at, 1);
	buffer_add(to, text_head(buffer_text(&text), sizeof "2024-05-01T10:00:00" - 1));
	buffer_add_char(to, 'Z');
	buffer_free(&text);
}

bool kpi_group_is_shown(const struct kpi_request *request, const struct kpi_group *group)
{
	return group->by ? (request->by & group->by) != 0 : request->step != KPI_STEP_NONE;
}

static const char *direction_of(const struct kpi_row *row)
{
	return row->key.direction == KPI_INBOUND    ? "inbound"
	       : row->key.direction == KPI_OUTBOUND ? "outbound"
	                                            : "";
}

static const char *codec_of(const struct kpi_row *row)
{
	return row->key.codec == CODEC_UNKNOWN ? "" : codec_name(row->key.codec);
}

/* Text of ours, of the configuration, or an address. */
static const char *group_text(const struct kpi_row *row, unsigned int by)
{
	switch (by) {
	case KPI_BY_SITE:
		return row->key.site;
	case KPI_BY_TRUNK:
		return row->key.trunk;
	case KPI_BY_PEER:
		return row->key.trunk[0] ? row->key.trunk : row->key.peer;
	case KPI_BY_DIRECTION:
		return direction_of(row);
	case KPI_BY_PREFIX:
		return row->key.prefix;
	case KPI_BY_CODEC:
		return codec_of(row);
	default:
		return "";
	}
}

void kpi_add_group(struct buffer *to, const struct kpi_row *row,
                   const struct kpi_group *group)
{
	static const char *const days[] = {
		"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"
	};
	if (group->by == 0) {
		kpi_add_minute(to, row->key.start);
	} else if (group->by == KPI_BY_HOUR_OF_WEEK) {
		buffer_format(to, "%s %02d", days[row->hour_of_week / 24],
		              row->hour_of_week % 24);
	} else if (group->by == KPI_BY_CODE) {
		if (row->key.status)
			buffer_add_number(to, row->key.status);
	} else {
		if (group->by == KPI_BY_PEER && row->key.peer[0])
			buffer_add(to, TEXT("unknown peer "));
		display_text(to, text_from(group_text(row, group->by)));
	}
}

/* --- JSON ----------------------------------------------------------------------------- */

static void add_json_group(struct buffer *to, const struct kpi_row *row,
                           const struct kpi_group *group)
{
	if (group->by == KPI_BY_HOUR_OF_WEEK) {
		json_add_name(to, group->name);
		buffer_add_number(to, (uint64_t)row->hour_of_week);
	} else if (group->by == KPI_BY_CODE) {
		json_add_name(to, group->name);
		if (row->key.status)
			buffer_add_number(to, row->key.status);
		else
			buffer_add(to, TEXT("null"));
	} else {
		json_add_text(to, group->name, group_text(row, group->by));
	}
	if (group->by == KPI_BY_PEER) {
		json_add_flag(to, "peer_known", row->key.trunk[0]);
	}
}

static void add_busy_hour(struct buffer *to, const struct kpi_row *row)
{
	if (row->sum.busy_hour != NSTIME_NONE) {
		json_add_time(to, "busy_hour", row->sum.busy_hour);
		return;
	}
	json_add_name(to, "busy_hour");
	buffer_add(to, TEXT("null"));
}

void kpi_add_json(struct buffer *to, const struct kpi_request *request,
                  const struct kpi_columns *columns, const struct kpi_row *row)
{
	buffer_add(to, TEXT("{\"kind\":\"kpis\""));
	json_add_text(to, "view", kpi_word_of(KPI_WORD_VIEW, request->view));
	json_add_time(to, "from", row->key.start);
	json_add_time(to, "to", row->end);
	json_add_real(to, "seconds", row->sum.seconds);
	for (size_t i = 0; i < kpi_group_count; i++) {
		if (kpi_groups[i].by & request->by)
			add_json_group(to, row, &kpi_groups[i]);
	}
	for (size_t i = 0; i < columns->count; i++) {
		json_add_real(to, columns->list[i]->name,
		              kpi_row_value(request, columns->list[i], row));
	}
	add_busy_hour(to, row);
	json_add_name(to, "counts");
	buffer_add_char(to, '{');
	for (size_t i = 0; i < KPI_COUNT_COUNT; i++) {
		json_add_count(to, kpi_count_names[i], row->sum.counts[i]);
	}
	buffer_add(to, TEXT("}}"));
}

/* --- CSV ------------------------------------------------------------------------------ */

static unsigned int csv_decimals_of(const struct kpi_definition *d)
{
	const bool whole = d->form == KPI_FORM_COUNT || d->form == KPI_FORM_PEAK ||
	                   d->form == KPI_FORM_CHANNELS || d->form == KPI_FORM_CONFIGURED;
	return whole ? 0 : 3;
}

void kpi_add_csv_header(struct buffer *to, const struct kpi_request *request,
                        const struct kpi_columns *columns)
{
	for (size_t i = 0; i < kpi_group_count; i++) {
		if (kpi_group_is_shown(request, &kpi_groups[i]))
			buffer_format(to, "\"%s\",", kpi_groups[i].name);
	}
	for (size_t i = 0; i < columns->count; i++)
		buffer_format(to, "%s\"%s\"", i ? "," : "", columns->list[i]->name);
	buffer_add_char(to, '\n');
}

void kpi_add_csv(struct buffer *to, const struct kpi_request *request,
                 const struct kpi_columns *columns, const struct kpi_row *row)
{
	struct buffer cell = { 0 };
	for (size_t i = 0; i < kpi_group_count; i++) {
		if (!kpi_group_is_shown(request, &kpi_groups[i]))
			continue;
		cell.len = 0;
		kpi_add_group(&cell, row, &kpi_groups[i]);
		display_csv(to, buffer_text(&cell));
		buffer_add_char(to, ',');
	}
	for (size_t i = 0; i < columns->count; i++) {
		const double value = kpi_row_value(request, columns->list[i], row);
		buffer_add_string(to, i ? ",\"" : "\"");
		if (isfinite(value))
			buffer_add_fixed(to, 0, csv_decimals_of(columns->list[i]), value);
		buffer_add_char(to, '"');
	}
	buffer_add_char(to, '\n');
	to->failed |= cell.failed;
	buffer_free(&cell);
}
