#include "schema/field_text.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static_assert(FIELD_LIST_SIZE > 2 + RECORD_MAX_LEGS * (ID_TEXT_SIZE + 3),
              "a list of ids fits");
static_assert(FIELD_LIST_SIZE >
                      2 + RECORD_MAX_TYPES * sizeof "\"127\":18446744073709551615,",
              "payload types fit");
static_assert(FIELD_LIST_SIZE > 2 + RECORD_PDV_BINS * sizeof "4294967295", "bins fit");
static_assert(FIELD_LIST_SIZE > 2 + 32 * 20, "32 flags with names of 16 fit");

const char *id_format(uint64_t id, char *to)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < 16; i++)
		to[i] = digits[id >> (60 - 4 * i) & 0xf];
	to[16] = '\0';
	return to;
}

struct list {
	char *at; /* FIELD_LIST_SIZE */
	size_t len;
};

static void list_add(struct list *list, const char *item)
{
	const size_t len = strlen(item);
	if (len + 4 > FIELD_LIST_SIZE - list->len)
		return;
	if (list->len > 1)
		list->at[list->len++] = ',';
	list->at[list->len++] = '"';
	memcpy(list->at + list->len, item, len);
	list->len += len;
	list->at[list->len++] = '"';
}

static void list_flags(struct list *list, const struct field *field, uint32_t flags)
{
	for (size_t i = 0; flags && i < field->name_count; i++) {
		if (flags >> i & 1)
			list_add(list, field->names[i]);
	}
}

static void list_ids(struct list *list, const struct id_list *ids)
{
	char id[ID_TEXT_SIZE];
	for (size_t i = 0; i < ids->count; i++)
		list_add(list, id_format(ids->ids[i], id));
}

static void list_number(struct list *list, uint64_t number)
{
	char digits[20];
	size_t count = 0;
	do {
		digits[count++] = (char)('0' + number % 10);
	} while (number /= 10);
	while (count)
		list->at[list->len++] = digits[--count];
}

static void list_payload_types(struct list *list, const struct payload_type_counts *counts)
{
	for (size_t i = 0; i < counts->count; i++) {
		if (i)
			list->at[list->len++] = ',';
		list->at[list->len++] = '"';
		list_number(list, counts->types[i]);
		list->at[list->len++] = '"';
		list->at[list->len++] = ':';
		list_number(list, counts->packets[i]);
	}
}

static void list_histogram(struct list *list, const struct histogram *histogram)
{
	for (size_t bin = 0; bin < RECORD_PDV_BINS; bin++) {
		if (bin)
			list->at[list->len++] = ',';
		list_number(list, histogram->counts[bin]);
	}
}

size_t field_format_list(const struct field *field, const struct record *record, char *to)
{
	const void *value = field_at(record, field);
	const bool object = field->type == FIELD_PAYLOAD_TYPES;
	struct list list = { to, 1 };
	to[0] = object ? '{' : '[';
	if (field->type == FIELD_FLAGS) {
		list_flags(&list, field, *(const uint32_t *)value);
	} else if (field->type == FIELD_IDS) {
		list_ids(&list, value);
	} else if (field->type == FIELD_CODECS) {
		const struct codec_list *codecs = value;
		for (size_t i = 0; i < codecs->count; i++)
			list_add(&list, codec_name(codecs->codecs[i]));
	} else if (field->type == FIELD_HISTOGRAM) {
		list_histogram(&list, value);
	} else if (object) {
		list_payload_types(&list, value);
	}
	to[list.len++] = object ? '}' : ']';
	to[list.len] = '\0';
	return list.len;
}

/* The next "string" of a list; false at its end. */
static bool next_string(struct text *rest, struct text *out)
{
	const size_t open = text_find(*rest, '"');
	*rest = text_skip(*rest, open + 1);
	const size_t close = text_find(*rest, '"');
	if (close == rest->len)
		return false;
	*out = text_head(*rest, close);
	*rest = text_skip(*rest, close + 1);
	return true;
}

static void parse_id(struct text t, struct id_list *ids)
{
	uint32_t high = 0;
	uint32_t low = 0;
	if (t.len != 16 || ids->count == RECORD_MAX_LEGS ||
	    text_hex32(text_head(t, 8), &high) || text_hex32(text_skip(t, 8), &low))
		return;
	ids->ids[ids->count++] = (uint64_t)high << 32 | low;
}

static void parse_payload_type(struct text name, struct text *rest,
                               struct payload_type_counts *counts)
{
	uint64_t type = 0;
	uint64_t packets = 0;
	*rest = text_skip(*rest, 1); /* the colon */
	size_t digits = 0;
	while (digits < rest->len && ascii_is_digit(rest->at[digits]))
		digits++;
	if (counts->count == RECORD_MAX_TYPES || text_number(name, 255, &type) ||
	    text_number(text_head(*rest, digits), INT64_MAX, &packets))
		return;
	counts->types[counts->count] = (uint8_t)type;
	counts->packets[counts->count++] = packets;
}

static unsigned int name_index(const char *const *names, size_t count, struct text name)
{
	for (unsigned int i = 0; i < count; i++) {
		if (names[i] && text_equal(text_from(names[i]), name))
			return i;
	}
	return (unsigned int)count;
}

unsigned int field_name_index(const struct field *field, struct text name)
{
	const unsigned int index = name_index(field->names, field->name_count, name);
	return index < field->name_count ? index : 0;
}

static void parse_histogram(struct text t, struct histogram *to)
{
	for (size_t bin = 0; bin < RECORD_PDV_BINS; bin++) {
		t = text_skip(t, 1); /* the bracket, or a comma */
		size_t digits = 0;
		uint64_t count = 0;
		while (digits < t.len && ascii_is_digit(t.at[digits]))
			digits++;
		if (text_number(text_head(t, digits), UINT32_MAX, &count) != OK)
			return;
		to->counts[bin] = (uint32_t)count;
		t = text_skip(t, digits);
	}
}

void field_parse_list(const struct field *field, struct text t, struct record *record)
{
	if (field->type == FIELD_HISTOGRAM) {
		parse_histogram(t, (struct histogram *)((char *)record + field->offset));
		return;
	}
	void *value = (char *)record + field->offset;
	struct codec_list *codecs = value;
	struct text item;
	while (next_string(&t, &item)) {
		if (field->type == FIELD_FLAGS) {
			const unsigned int bit =
			        name_index(field->names, field->name_count, item);
			if (bit < field->name_count)
				*(uint32_t *)value |= UINT32_C(1) << bit;
		} else if (field->type == FIELD_IDS) {
			parse_id(item, value);
		} else if (field->type == FIELD_PAYLOAD_TYPES) {
			parse_payload_type(item, &t, value);
		} else if (codecs->count < RECORD_MAX_CODECS) {
			codecs->codecs[codecs->count++] = codec_by_name(item, 0);
		}
	}
}

const char *field_name_of(const struct field *field, const struct record *record)
{
	const unsigned int value = *(const unsigned int *)field_at(record, field);
	if (field->type == FIELD_CODEC)
		return value == CODEC_UNKNOWN ? NULL : codec_name((enum codec)value);
	return value < field->name_count ? field->names[value] : NULL;
}

size_t field_format_endpoint(const struct field *field, const struct record *record,
                             char *to)
{
	const struct endpoint *e = field_at(record, field);
	if (field->type == FIELD_ADDRESS)
		return strlen(address_format(&e->address, to));
	return strlen(endpoint_format(e, to));
}

enum status endpoint_parse(struct text t, struct endpoint *out)
{
	uint64_t port = 0;
	size_t colon = t.len;
	while (colon > 0 && t.at[colon - 1] != ':' && t.at[colon - 1] != ']')
		colon--;
	if (colon == 0 || t.at[colon - 1] != ':')
		return ERR_MALFORMED;
	const enum status status = text_number(text_skip(t, colon), UINT16_MAX, &port);
	out->port = (uint16_t)port;
	return status == OK ? address_parse(text_head(t, colon - 1), &out->address)
	                    : status;
}

void record_clear(struct record *record, enum record_kind kind)
{
	const struct field_table table = record_fields(kind);
	memset(record, 0, sizeof *record);
	record->kind = kind;
	record->at = NSTIME_NONE;
	for (size_t i = 0; i < table.count; i++) {
		void *value = (char *)record + table.fields[i].offset;
		if (table.fields[i].type == FIELD_TIME)
			*(nstime *)value = NSTIME_NONE;
		else if (table.fields[i].type == FIELD_REAL)
			*(double *)value = NAN;
		else if (table.fields[i].type == FIELD_SSRC_IF)
			*(int64_t *)value = -1;
	}
}
