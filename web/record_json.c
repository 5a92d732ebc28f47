#include "web/record_json.h"

#include <string.h>

#include "schema/field_text.h"
#include "web/display.h"

void json_add_name(struct buffer *to, const char *name)
{
	if (to->len > 0 && to->at[to->len - 1] != '{')
		buffer_add_char(to, ',');
	buffer_add_char(to, '"');
	buffer_add_string(to, name);
	buffer_add(to, TEXT("\":"));
}

static void add_null(struct buffer *to)
{
	buffer_add(to, TEXT("null"));
}

static void add_quoted(struct buffer *to, const char *ours)
{
	if (!ours) {
		add_null(to);
		return;
	}
	buffer_add_char(to, '"');
	buffer_add_string(to, ours);
	buffer_add_char(to, '"');
}

static void add_id(struct buffer *to, uint64_t id)
{
	char text[ID_TEXT_SIZE];
	add_quoted(to, id ? id_format(id, text) : NULL);
}

static void add_wire_text(struct buffer *to, const char *bytes)
{
	if (bytes[0])
		display_json(to, text_from(bytes));
	else
		add_null(to);
}

void json_add_real(struct buffer *to, const char *name, double value)
{
	json_add_name(to, name);
	display_json_real(to, value);
}

void json_add_count(struct buffer *to, const char *name, uint64_t count)
{
	json_add_name(to, name);
	display_json_count(to, count);
}

void json_add_flag(struct buffer *to, const char *name, bool flag)
{
	json_add_name(to, name);
	buffer_add_string(to, flag ? "true" : "false");
}

static void add_time(struct buffer *to, nstime t)
{
	if (t == NSTIME_NONE) {
		add_null(to);
		return;
	}
	buffer_add_char(to, '"');
	display_time(to, t, 6);
	buffer_add_char(to, '"');
}

void json_add_text(struct buffer *to, const char *name, const char *text)
{
	json_add_name(to, name);
	add_wire_text(to, text ? text : "");
}

void json_add_time(struct buffer *to, const char *name, nstime at)
{
	json_add_name(to, name);
	add_time(to, at);
}

static void add_endpoint(struct buffer *to, const struct field *field,
                         const struct record *record)
{
	static const struct endpoint unknown;
	char text[ENDPOINT_TEXT_SIZE];
	const bool known = !endpoint_equal(field_at(record, field), &unknown);
	if (known)
		field_format_endpoint(field, record, text);
	add_quoted(to, known ? text : NULL);
}

static void add_known(struct buffer *to, uint64_t number)
{
	if (number)
		display_json_count(to, number);
	else
		add_null(to);
}

static void add_ssrc_if(struct buffer *to, int64_t ssrc)
{
	if (ssrc < 0)
		add_null(to);
	else
		buffer_format(to, "\"0x%08x\"", (uint32_t)ssrc);
}

static void add_list(struct buffer *to, const struct field *field,
                     const struct record *record)
{
	char text[FIELD_LIST_SIZE];
	buffer_add(to, (struct text){ text, field_format_list(field, record, text) });
}

void json_add_buffers(struct buffer *to, const struct buffer_list *list)
{
	buffer_add_char(to, '[');
	for (size_t i = 0; i < list->count; i++) {
		const struct buffer_record *b = &list->buffers[i];
		char name[sizeof b->name + 1] = "";
		memcpy(name, b->name, sizeof b->name);
		buffer_add_string(to, i ? ",{" : "{");
		json_add_name(to, "name");
		add_quoted(to, name);
		for (size_t f = 0; f < BUFFER_FIELDS; f++) {
			json_add_real(to, record_buffer_field(f)->name, buffer_value(b, f));
		}
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, ']');
}

/* What belongs to the lowest interval is one object. */
static void add_interval_min(struct buffer *to, const struct stream_record *stream)
{
	json_add_name(to, "interval_min");
	if (stream->interval_min_at == NSTIME_NONE) {
		add_null(to);
		return;
	}
	buffer_add_char(to, '{');
	json_add_name(to, "at");
	add_time(to, stream->interval_min_at);
	json_add_real(to, "mos_lq", stream->interval_min_mos_lq);
	buffer_add_char(to, '}');
}

static void add_value(struct buffer *to, const struct field *field,
                      const struct record *record)
{
	const void *value = field_at(record, field);
	switch (field->type) {
	case FIELD_ID:
		add_id(to, *(const uint64_t *)value);
		break;
	case FIELD_TEXT:
		add_wire_text(to, value);
		break;
	case FIELD_TIME:
		add_time(to, *(const nstime *)value);
		break;
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		add_endpoint(to, field, record);
		break;
	case FIELD_COUNT:
		display_json_count(to, *(const uint64_t *)value);
		break;
	case FIELD_NUMBER:
		add_known(to, *(const uint64_t *)value);
		break;
	case FIELD_REAL:
		display_json_real(to, *(const double *)value);
		break;
	case FIELD_NAME:
	case FIELD_CODEC:
		add_quoted(to, field_name_of(field, record));
		break;
	case FIELD_FLAG:
		buffer_add_string(to, *(const bool *)value ? "true" : "false");
		break;
	case FIELD_SSRC:
		buffer_format(to, "\"0x%08x\"", *(const uint32_t *)value);
		break;
	case FIELD_SSRC_IF:
		add_ssrc_if(to, *(const int64_t *)value);
		break;
	case FIELD_FLAGS:
	case FIELD_IDS:
	case FIELD_CODECS:
	case FIELD_PAYLOAD_TYPES:
	case FIELD_HISTOGRAM:
		add_list(to, field, record);
		break;
	case FIELD_BUFFERS:
		json_add_buffers(to, value);
		break;
	}
}

/* Each series that has any: an object of bin to number. */
static void add_bins(struct buffer *to, struct span tail)
{
	struct kpi_bins bins = { 0 };
	to->failed |= kpi_bins_decode(tail, &bins) == ERR_NOMEM;
	json_add_name(to, "bins");
	buffer_add_char(to, '{');
	for (unsigned int series = 0; series < KPI_SERIES_COUNT; series++) {
		const struct kpi_range range = kpi_bins_of(&bins, series);
		if (range.count == 0)
			continue;
		json_add_name(to, kpi_series_names[series]);
		buffer_add_char(to, '{');
		for (size_t i = 0; i < range.count; i++)
			buffer_format(to, "%s\"%u\":%lld", i ? "," : "",
			              range.first[i].key & UINT8_MAX,
			              (long long)range.first[i].n);
		buffer_add_char(to, '}');
	}
	buffer_add_char(to, '}');
	kpi_bins_free(&bins);
}

void json_add_members(struct buffer *to, const struct record *record)
{
	const struct field_table table = record_fields(record->kind);
	json_add_name(to, "kind");
	add_quoted(to, record_kind_names[record->kind]);
	for (size_t i = 0; i < table.count; i++) {
		json_add_name(to, table.fields[i].name);
		add_value(to, &table.fields[i], record);
	}
	if (record->kind == RECORD_STREAM)
		add_interval_min(to, &record->stream);
	if (record->kind == RECORD_KPI)
		add_bins(to, record->tail);
	if (record->kind == RECORD_MESSAGE) {
		json_add_name(to, "raw");
		display_json(to, text_of(record->tail));
	}
}

void json_add_object(struct buffer *to, const struct record *record)
{
	buffer_add_char(to, '{');
	json_add_members(to, record);
	buffer_add_char(to, '}');
}

void json_add_record(struct buffer *to, const struct record *record)
{
	json_add_object(to, record);
	buffer_add_char(to, '\n');
}
