/* store_bind.c - a record's fields as the parameters of its INSERT. */
#include "schema/store_parts.h"

#include <assert.h>
#include <math.h>

#include "schema/digits.h"
#include "schema/utf8.h"

/*
 * Texts stay where they are: they are bound without a copy, and nobody reads them after the
 * statement's step.
 */
static int bind_wire_text(sqlite3_stmt *insert, int parameter, const char *bytes)
{
	const struct text t = text_from(bytes);
	if (t.len == 0)
		return sqlite3_bind_null(insert, parameter);
	if (utf8_valid(t))
		return sqlite3_bind_text(insert, parameter, t.at, (int)t.len,
		                         SQLITE_STATIC);
	return sqlite3_bind_blob(insert, parameter, t.at, (int)t.len, SQLITE_STATIC);
}

static int bind_time(sqlite3_stmt *insert, int parameter, nstime t)
{
	if (t == NSTIME_NONE)
		return sqlite3_bind_null(insert, parameter);
	/* Rounded down, before 1970 too. */
	return sqlite3_bind_int64(insert, parameter, ns_to_us(t));
}

static int bind_known(sqlite3_stmt *insert, int parameter, uint64_t number)
{
	if (number == 0)
		return sqlite3_bind_null(insert, parameter);
	return sqlite3_bind_int64(insert, parameter, (int64_t)number);
}

static int bind_ssrc_if(sqlite3_stmt *insert, int parameter, int64_t ssrc)
{
	return ssrc < 0 ? sqlite3_bind_null(insert, parameter)
	                : sqlite3_bind_int64(insert, parameter, ssrc);
}

static int bind_endpoint(struct store *store, sqlite3_stmt *insert, int parameter,
                         const struct field *field, const struct record *record)
{
	static const struct endpoint unknown;
	if (endpoint_equal(field_at(record, field), &unknown))
		return sqlite3_bind_null(insert, parameter);
	assert(store->endpoint_count < MAX_ENDPOINTS);
	char *text = store->endpoints[store->endpoint_count++];
	const size_t len = field_format_endpoint(field, record, text);
	return sqlite3_bind_text(insert, parameter, text, (int)len, SQLITE_STATIC);
}

static int bind_list(struct store *store, sqlite3_stmt *insert, int parameter,
                     const struct field *field, const struct record *record)
{
	assert(store->list_count < MAX_LISTS);
	char *text = store->lists[store->list_count++];
	const size_t len = field_format_list(field, record, text);
	return sqlite3_bind_text(insert, parameter, text, (int)len, SQLITE_STATIC);
}

static int bind_field(struct store *store, sqlite3_stmt *insert, int parameter,
                      const struct field *field, const struct record *record)
{
	const void *value = field_at(record, field);
	const char *name;
	switch (field->type) {
	case FIELD_ID:
	case FIELD_NUMBER:
		return bind_known(insert, parameter, *(const uint64_t *)value);
	case FIELD_TEXT:
		return bind_wire_text(insert, parameter, value);
	case FIELD_TIME:
		return bind_time(insert, parameter, *(const nstime *)value);
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		return bind_endpoint(store, insert, parameter, field, record);
	case FIELD_COUNT:
		return sqlite3_bind_int64(insert, parameter,
		                          (int64_t) * (const uint64_t *)value);
	case FIELD_REAL: /* NaN becomes NULL */
		return sqlite3_bind_double(insert, parameter, *(const double *)value);
	case FIELD_FLAG:
		return sqlite3_bind_int(insert, parameter, *(const bool *)value);
	case FIELD_SSRC:
		return sqlite3_bind_int64(insert, parameter, *(const uint32_t *)value);
	case FIELD_SSRC_IF:
		return bind_ssrc_if(insert, parameter, *(const int64_t *)value);
	case FIELD_NAME:
	case FIELD_CODEC:
		name = field_name_of(field, record);
		return sqlite3_bind_text(insert, parameter, name, -1, SQLITE_STATIC);
	case FIELD_FLAGS:
	case FIELD_IDS:
	case FIELD_CODECS:
	case FIELD_PAYLOAD_TYPES:
	case FIELD_HISTOGRAM:
		return bind_list(store, insert, parameter, field, record);
	case FIELD_BUFFERS:
		return sqlite3_bind_blob(insert, parameter, store->buffers,
		                         (int)buffers_pack(value, store->buffers),
		                         SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

/* What a leg's row has beside its fields, in the order of insert.c. */
static bool bind_leg_tail(const struct store *store, sqlite3_stmt *insert, int parameter,
                          const struct leg_record *leg)
{
	const struct text ladder = ladders_text(&store->ladders, leg->id);
	int code = sqlite3_bind_text(insert, parameter, ladder.at, (int)ladder.len,
	                             SQLITE_STATIC);
	for (size_t i = 0; i < DIGITS_FIELDS && code == SQLITE_OK; i++) {
		int64_t key;
		code = digits_of_leg(leg, i, &key)
		               ? sqlite3_bind_int64(insert, ++parameter, key)
		               : sqlite3_bind_null(insert, ++parameter);
	}
	return code == SQLITE_OK;
}

static bool is_known(const struct field *field, const struct record *record)
{
	const void *value = field_at(record, field);
	switch (field->type) {
	case FIELD_ID:
	case FIELD_NUMBER:
	case FIELD_COUNT: /* 0 is what the column has by itself */
		return *(const uint64_t *)value != 0;
	case FIELD_FLAGS: /* likewise, an empty list */
		return *(const uint32_t *)value != 0;
	case FIELD_REAL:
		return !isnan(*(const double *)value);
	case FIELD_TIME:
		return *(const nstime *)value != NSTIME_NONE;
	case FIELD_TEXT:
		return *(const char *)value;
	case FIELD_NAME:
		return *(const unsigned int *)value;
	default:
		return true;
	}
}

bool store_is_lean(const struct record *record)
{
	const struct field_table table = record_fields(record->kind);
	for (size_t i = 0; i < table.count; i++) {
		if (table.fields[i].rare && is_known(&table.fields[i], record))
			return false;
	}
	return true;
}

bool store_bind_record(struct store *store, const struct record *record,
                       sqlite3_stmt *insert)
{
	const bool lean = insert == store->quick_inserts[record->kind];
	const struct field_table table = record_fields(record->kind);
	int parameter = FIRST_FIELD;
	store->list_count = 0;
	store->endpoint_count = 0;
	if (sqlite3_bind_int64(insert, RUN_PARAMETER, store->run) != SQLITE_OK)
		return false;
	for (size_t i = 0; i < table.count; i++) {
		if (lean && table.fields[i].rare)
			continue;
		if (bind_field(store, insert, parameter++, &table.fields[i], record) !=
		    SQLITE_OK)
			return false;
	}
	if (record->kind == RECORD_LEG)
		return bind_leg_tail(store, insert, parameter, &record->leg);
	if (record->kind == RECORD_STREAM || record->kind == RECORD_KPI)
		return sqlite3_bind_blob(insert, parameter, record->tail.at,
		                         (int)record->tail.len, SQLITE_STATIC) == SQLITE_OK;
	return true;
}

bool store_bind_message(struct store *store, const struct record *record)
{
	sqlite3_stmt *insert = store->inserts[RECORD_MESSAGE];
	const bool cut = record->tail.len > STORE_RAW_MAX;
	const struct span kept = message_pack(
	        store->packer, (struct span){ record->tail.at, cut ? (size_t)STORE_RAW_MAX
	                                                           : record->tail.len });
	store->added[0] += (int64_t)kept.len;
	return sqlite3_bind_int64(insert, 1, store->run) == SQLITE_OK &&
	       sqlite3_bind_int64(insert, 2, (int64_t)record->message.id) == SQLITE_OK &&
	       sqlite3_bind_blob(insert, 3, kept.at, (int)kept.len, SQLITE_STATIC) ==
	               SQLITE_OK &&
	       sqlite3_bind_int(insert, 4, cut) == SQLITE_OK &&
	       bind_time(insert, 5, record->message.at) == SQLITE_OK;
}
