#include "web/record_csv.h"

#include <math.h>

#include "schema/field_text.h"
#include "web/display.h"

static void add_cell(struct buffer *to, const char *ours)
{
	buffer_add_char(to, '"');
	buffer_add_string(to, ours);
	buffer_add_char(to, '"');
}

/* Decimals by the end of the name: the unit, or what kind of figure it is. */
static const struct {
	const char *end;
	unsigned int decimals;
} roundings[] = {
	{ "_packets", 0 },  { "_lost", 0 }, { "lost_after", 0 }, { "_report", 0 },
	{ "_expected", 0 }, { "_ms", 3 },   { "_s", 3 },         { "r", 1 },
};

static unsigned int decimals_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(roundings); i++) {
		if (text_ends_nocase(text_from(name), text_from(roundings[i].end)))
			return roundings[i].decimals;
	}
	return 2;
}

static void add_real(struct buffer *to, const struct field *field, double value)
{
	buffer_add_char(to, '"');
	if (isfinite(value))
		buffer_add_fixed(to, 0, decimals_of(field->name), value);
	buffer_add_char(to, '"');
}

static void add_time(struct buffer *to, nstime t)
{
	buffer_add_char(to, '"');
	if (t != NSTIME_NONE)
		display_time(to, t, 3);
	buffer_add_char(to, '"');
}

static void add_count(struct buffer *to, uint64_t count)
{
	buffer_add_char(to, '"');
	buffer_add_number(to, count);
	buffer_add_char(to, '"');
}

/* A list's JSON without its brackets and quotes: "PCMU PCMA", "0:5000 101:3". */
static void add_list(struct buffer *to, const struct field *field,
                     const struct record *record)
{
	char text[FIELD_LIST_SIZE];
	const size_t len = field_format_list(field, record, text);
	buffer_add_char(to, '"');
	for (size_t i = 1; i + 1 < len; i++) {
		if (text[i] != '"')
			buffer_add_char(to, text[i] == ',' ? ' ' : text[i]);
	}
	buffer_add_char(to, '"');
}

static void add_ssrc_if(struct buffer *to, int64_t ssrc)
{
	if (ssrc < 0)
		add_cell(to, "");
	else
		buffer_format(to, "\"0x%08x\"", (uint32_t)ssrc);
}

static void add_endpoint(struct buffer *to, const struct field *field,
                         const struct record *record)
{
	static const struct endpoint unknown;
	char text[ENDPOINT_TEXT_SIZE] = "";
	if (!endpoint_equal(field_at(record, field), &unknown))
		field_format_endpoint(field, record, text);
	add_cell(to, text);
}

/* "f50=4.38 f200=4.41 adaptive=4.41": the MOS in each. */
static void add_buffers(struct buffer *to, const struct buffer_list *list)
{
	buffer_add_char(to, '"');
	for (size_t i = 0; i < list->count; i++) {
		const struct buffer_record *b = &list->buffers[i];
		buffer_format(to, "%s%.*s=", i ? " " : "", (int)sizeof b->name, b->name);
		if (!isnan(b->mos_lq))
			buffer_format(to, "%.2f", b->mos_lq);
	}
	buffer_add_char(to, '"');
}

static void add_id(struct buffer *to, uint64_t id)
{
	char text[ID_TEXT_SIZE];
	add_cell(to, id ? id_format(id, text) : "");
}

/* 0 = not known. */
static void add_known(struct buffer *to, uint64_t number)
{
	if (number)
		add_count(to, number);
	else
		add_cell(to, "");
}

static void add_name(struct buffer *to, const char *name)
{
	add_cell(to, name ? name : "");
}

static void add_value(struct buffer *to, const struct field *field,
                      const struct record *record)
{
	const void *value = field_at(record, field);
	switch (field->type) {
	case FIELD_ID:
		add_id(to, *(const uint64_t *)value);
		break;
	case FIELD_NUMBER:
		add_known(to, *(const uint64_t *)value);
		break;
	case FIELD_COUNT:
		add_count(to, *(const uint64_t *)value);
		break;
	case FIELD_TEXT:
		display_csv(to, text_from(value));
		break;
	case FIELD_TIME:
		add_time(to, *(const nstime *)value);
		break;
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		add_endpoint(to, field, record);
		break;
	case FIELD_REAL:
		add_real(to, field, *(const double *)value);
		break;
	case FIELD_NAME:
	case FIELD_CODEC:
		add_name(to, field_name_of(field, record));
		break;
	case FIELD_FLAG:
		add_cell(to, *(const bool *)value ? "true" : "false");
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
		add_buffers(to, value);
		break;
	}
}

void csv_add_header(struct buffer *to, enum record_kind kind)
{
	const struct field_table table = record_fields(kind);
	for (size_t i = 0; i < table.count; i++) {
		if (i > 0)
			buffer_add_char(to, ',');
		add_cell(to, table.fields[i].name);
	}
	buffer_add(to, TEXT("\n"));
}

void csv_add_record(struct buffer *to, const struct record *record)
{
	const struct field_table table = record_fields(record->kind);
	for (size_t i = 0; i < table.count; i++) {
		if (i > 0)
			buffer_add_char(to, ',');
		add_value(to, &table.fields[i], record);
	}
	buffer_add(to, TEXT("\n"));
}
