/* store_bind.c - a record's fields as the parameters of its INSERT. */
#include "schema/store_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "schema/digits.h"
#include "schema/utf8.h"

/* --- values --------------------------------------------------------------------------- */

static bool is_held(const struct held *held, const struct held *value)
{
	return held->type == value->type && held->len == value->len &&
	       held->integer == value->integer;
}

static int bind_value(struct insert *insert, int parameter, struct held value)
{
	sqlite3_stmt *to = insert->statement;
	struct held *held = &insert->held[parameter];
	int code = SQLITE_MISUSE;
	double real;
	if (is_held(held, &value))
		return SQLITE_OK;
	switch (value.type) {
	case HELD_NOTHING:
		return code;
	case HELD_NULL:
		code = sqlite3_bind_null(to, parameter);
		break;
	case HELD_INTEGER:
		code = sqlite3_bind_int64(to, parameter, value.integer);
		break;
	case HELD_REAL:
		memcpy(&real, &value.integer, sizeof real);
		code = sqlite3_bind_double(to, parameter, real);
		break;
	case HELD_TEXT:
		code = sqlite3_bind_text(to, parameter, value.at, value.len, SQLITE_STATIC);
		break;
	case HELD_BLOB:
		code = sqlite3_bind_blob(to, parameter, value.at, value.len, SQLITE_STATIC);
		break;
	}
	*held = code == SQLITE_OK ? value : (struct held){ HELD_NOTHING };
	return code;
}

static int bind_null(struct insert *insert, int parameter)
{
	return bind_value(insert, parameter, (struct held){ HELD_NULL });
}

static int bind_integer(struct insert *insert, int parameter, int64_t number)
{
	return bind_value(insert, parameter,
	                  (struct held){ HELD_INTEGER, .integer = number });
}

static int bind_real(struct insert *insert, int parameter, double number)
{
	struct held value = { HELD_REAL };
	memcpy(&value.integer, &number, sizeof number);
	return bind_value(insert, parameter, value);
}

/*
 * Texts stay where they are: they are bound without a copy, and nobody reads them after the
 * statement's step.
 */
static int bind_text(struct insert *insert, int parameter, struct text t)
{
	return bind_value(insert, parameter,
	                  (struct held){ HELD_TEXT, (int)t.len, { .at = t.at } });
}

static int bind_blob(struct insert *insert, int parameter, struct span bytes)
{
	return bind_value(insert, parameter,
	                  (struct held){ HELD_BLOB, (int)bytes.len, { .at = bytes.at } });
}

/* --- fields --------------------------------------------------------------------------- */

static int bind_wire_text(struct insert *insert, int parameter, const char *bytes)
{
	const struct text t = text_from(bytes);
	if (t.len == 0)
		return bind_null(insert, parameter);
	return utf8_valid(t) ? bind_text(insert, parameter, t)
	                     : bind_blob(insert, parameter, text_bytes(t));
}

static int bind_time(struct insert *insert, int parameter, nstime t)
{
	if (t == NSTIME_NONE)
		return bind_null(insert, parameter);
	/* Rounded down, before 1970 too. */
	return bind_integer(insert, parameter, ns_to_us(t));
}

static int bind_known(struct insert *insert, int parameter, uint64_t number)
{
	if (number == 0)
		return bind_null(insert, parameter);
	return bind_integer(insert, parameter, (int64_t)number);
}

static int bind_ssrc_if(struct insert *insert, int parameter, int64_t ssrc)
{
	return ssrc < 0 ? bind_null(insert, parameter)
	                : bind_integer(insert, parameter, ssrc);
}

static int bind_endpoint(struct store *store, struct insert *insert, int parameter,
                         const struct field *field, const struct record *record)
{
	static const struct endpoint unknown;
	if (endpoint_equal(field_at(record, field), &unknown))
		return bind_null(insert, parameter);
	assert(store->endpoint_count < MAX_ENDPOINTS);
	char *text = store->endpoints[store->endpoint_count++];
	const size_t len = field_format_endpoint(field, record, text);
	return bind_text(insert, parameter, (struct text){ text, len });
}

static int bind_name(struct insert *insert, int parameter, const char *name)
{
	const struct held *held = &insert->held[parameter];
	if (!name)
		return bind_null(insert, parameter);
	/* Names stay what and where they are. */
	return held->type == HELD_TEXT && held->at == name
	               ? SQLITE_OK
	               : bind_text(insert, parameter, text_from(name));
}

static int bind_list(struct store *store, struct insert *insert, int parameter,
                     const struct field *field, const struct record *record)
{
	if (field->type == FIELD_FLAGS && !*(const uint32_t *)field_at(record, field))
		return bind_text(insert, parameter, TEXT("[]"));
	assert(store->list_count < MAX_LISTS);
	char *text = store->lists[store->list_count++];
	const size_t len = field_format_list(field, record, text);
	return bind_text(insert, parameter, (struct text){ text, len });
}

static int bind_field(struct store *store, struct insert *insert, int parameter,
                      const struct field *field, const struct record *record)
{
	const void *value = field_at(record, field);
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
		return bind_integer(insert, parameter, (int64_t) * (const uint64_t *)value);
	case FIELD_REAL: /* NaN becomes NULL */
		return bind_real(insert, parameter, *(const double *)value);
	case FIELD_FLAG:
		return bind_integer(insert, parameter, *(const bool *)value);
	case FIELD_SSRC:
		return bind_integer(insert, parameter, *(const uint32_t *)value);
	case FIELD_SSRC_IF:
		return bind_ssrc_if(insert, parameter, *(const int64_t *)value);
	case FIELD_NAME:
	case FIELD_CODEC:
		return bind_name(insert, parameter, field_name_of(field, record));
	case FIELD_FLAGS:
	case FIELD_IDS:
	case FIELD_CODECS:
	case FIELD_PAYLOAD_TYPES:
	case FIELD_HISTOGRAM:
		return bind_list(store, insert, parameter, field, record);
	case FIELD_BUFFERS:
		return bind_blob(insert, parameter,
		                 (struct span){ store->buffers,
		                                buffers_pack(value, store->buffers) });
	}
	return SQLITE_MISUSE;
}

/* What a leg's row has beside its fields, in the order of insert.c. */
static bool bind_leg_tail(const struct store *store, struct insert *insert, int parameter,
                          const struct leg_record *leg)
{
	const struct text ladder = ladders_text(&store->ladders, leg->id);
	int code = bind_text(insert, parameter, ladder);
	for (size_t i = 0; i < DIGITS_FIELDS && code == SQLITE_OK; i++) {
		int64_t key;
		code = digits_of_leg(leg, i, &key) ? bind_integer(insert, ++parameter, key)
		                                   : bind_null(insert, ++parameter);
	}
	return code == SQLITE_OK;
}

/* --- records -------------------------------------------------------------------------- */

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

bool store_insert_does(const struct insert *insert, const struct record *record)
{
	const struct field *const *left_out = insert->fields + insert->field_count;
	for (size_t i = 0; i < insert->left_out; i++) {
		if (is_known(left_out[i], record))
			return false;
	}
	return true;
}

bool store_bind_record(struct store *store, const struct record *record,
                       struct insert *insert)
{
	int parameter = FIRST_FIELD;
	store->list_count = 0;
	store->endpoint_count = 0;
	if (bind_integer(insert, RUN_PARAMETER, store->run) != SQLITE_OK)
		return false;
	for (size_t i = 0; i < insert->field_count; i++) {
		if (bind_field(store, insert, parameter++, insert->fields[i], record) !=
		    SQLITE_OK)
			return false;
	}
	if (record->kind == RECORD_LEG)
		return bind_leg_tail(store, insert, parameter, &record->leg);
	if (record->kind == RECORD_STREAM || record->kind == RECORD_KPI)
		return bind_blob(insert, parameter, record->tail) == SQLITE_OK;
	return true;
}

bool store_bind_message(struct store *store, const struct record *record)
{
	struct insert *insert = &store->inserts[RECORD_MESSAGE];
	const bool cut = record->tail.len > STORE_RAW_MAX;
	const struct span kept = message_pack(
	        store->packer, (struct span){ record->tail.at, cut ? (size_t)STORE_RAW_MAX
	                                                           : record->tail.len });
	store->added[0] += (int64_t)kept.len;
	return bind_integer(insert, 1, store->run) == SQLITE_OK &&
	       bind_integer(insert, 2, (int64_t)record->message.id) == SQLITE_OK &&
	       bind_blob(insert, 3, kept) == SQLITE_OK &&
	       bind_integer(insert, 4, cut) == SQLITE_OK &&
	       bind_time(insert, 5, record->message.at) == SQLITE_OK;
}
