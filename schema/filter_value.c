/* filter_value.c - what stands right of an operator, read as a value of the field left. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/field_text.h"
#include "schema/filter_time.h"
#include "schema/filter_tree.h"

enum { V4_PREFIX = 96, V6_BITS = 128, V4_BITS = 32, ID_DIGITS = 16, NUMBER_MAX = 40 };

bool filter_is_ordered(enum field_type type)
{
	return type == FIELD_COUNT || type == FIELD_NUMBER || type == FIELD_REAL ||
	       type == FIELD_TIME;
}

bool filter_is_text(enum field_type type)
{
	return type == FIELD_TEXT || type == FIELD_NAME || type == FIELD_CODEC;
}

bool filter_is_list(enum field_type type)
{
	return type == FIELD_FLAGS || type == FIELD_IDS || type == FIELD_CODECS ||
	       type == FIELD_PAYLOAD_TYPES;
}

__attribute__((format(printf, 2, 3))) static enum status expect(
        char expected[FILTER_EXPECTED_MAX], const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(expected, FILTER_EXPECTED_MAX, format, arguments);
	va_end(arguments);
	return ERR_MALFORMED;
}

/* --- telephone numbers ---------------------------------------------------------------- */

enum status filter_read_digits(struct text t, struct filter_value *out,
                               char expected[FILTER_EXPECTED_MAX])
{
	*out = (struct filter_value){ .form = FORM_DIGITS };
	if (digits_wanted(t, &out->digits) == OK)
		return OK;
	return expect(expected, "a telephone number or the end of one");
}

/* --- numbers -------------------------------------------------------------------------- */

/* Units that a number may carry, by the end of the field's name, in which it is kept. */
static const struct {
	const char *suffix, *unit;
	double factor;
} units[] = {
	{ "_ms", "ms", 1 },     { "_ms", "s", 1e3 },    { "_ms", "m", 60e3 },
	{ "_ms", "min", 60e3 }, { "_ms", "h", 3600e3 }, { "_s", "ms", 1e-3 },
	{ "_s", "s", 1 },       { "_s", "m", 60 },      { "_s", "min", 60 },
	{ "_s", "h", 3600 },    { "_s", "d", 86400 },   { "_pct", "%", 1 },
	{ "_hz", "Hz", 1 },     { "_hz", "kHz", 1e3 },  { "_bps", "k", 1e3 },
	{ "_bps", "M", 1e6 },
};

static bool unit_factor(const struct field *field, struct text unit, double *out)
{
	const struct text name = text_from(field->name);
	*out = 1;
	if (unit.len == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (text_ends_nocase(name, text_from(units[i].suffix)) &&
		    text_equal(text_from(units[i].unit), unit)) {
			*out = units[i].factor;
			return true;
		}
	}
	return false;
}

static const char *units_of(const struct field *field)
{
	static const char *const known[][2] = {
		{ "_ms", " of milliseconds, or with its unit as in 2s" },
		{ "_s", " of seconds, or with its unit as in 5m" },
		{ "_pct", " of percent" },
		{ "_hz", " of Hz" },
		{ "_bps", " of bits a second" },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (text_ends_nocase(text_from(field->name), text_from(known[i][0])))
			return known[i][1];
	}
	return "";
}

/* The digits at the front of t from `at` on. */
static size_t skip_digits(struct text t, size_t at)
{
	while (at < t.len && ascii_is_digit(t.at[at]))
		at++;
	return at;
}

/* Length of the decimal number at the front, 0 when there is none; has it a fraction? */
static size_t number_length(struct text t, bool *whole)
{
	const size_t sign = t.len > 0 && (t.at[0] == '-' || t.at[0] == '+');
	const size_t point = skip_digits(t, sign);
	size_t end = point;
	*whole = true;
	if (end < t.len && t.at[end] == '.') {
		end = skip_digits(t, point + 1);
		*whole = false;
		if (end == point + 1)
			return 0;
	}
	return end - sign > 0 && end <= NUMBER_MAX ? end : 0;
}

static enum status read_number(const struct field *field, struct text t,
                               struct filter_value *out, char *expected)
{
	char digits[NUMBER_MAX + 1];
	bool whole;
	double factor;
	const size_t len = number_length(t, &whole);
	if (len == 0 || !unit_factor(field, text_skip(t, len), &factor))
		return expect(expected, "a number%s", units_of(field));
	text_copy(digits, sizeof digits, text_head(t, len));
	out->form = FORM_REAL;
	out->real = strtod(digits, NULL) * factor;
	/* Beyond 2^53 a double would not tell neighbours apart; no count gets there. */
	if (whole && fabs(out->real) < 9e15 && fmod(out->real, 1) == 0) {
		out->form = FORM_INTEGER;
		out->integer = (int64_t)out->real;
	}
	return OK;
}

static enum status read_ssrc(struct text t, struct filter_value *out, char *expected)
{
	uint64_t number = 0;
	uint32_t ssrc = 0;
	out->form = FORM_INTEGER;
	if (text_starts_nocase(t, TEXT("0x")) && text_hex32(t, &ssrc) == OK)
		out->integer = ssrc;
	else if (text_number(t, UINT32_MAX, &number) == OK)
		out->integer = (int64_t)number;
	else
		return expect(expected, "an SSRC such as 0x17cb308c");
	return OK;
}

static enum status read_time(struct filter *filter, struct text t, struct filter_value *out,
                             char *expected)
{
	nstime time = 0;
	if (filter_time_relative(t, &time) == OK) {
		filter->relative = true;
		out->form = FORM_RELATIVE;
	} else if (filter_time_absolute(t, &time) == OK) {
		out->form = FORM_INTEGER;
	} else {
		return expect(expected,
		              "a time such as -2h, 2026-01-31 or 2026-01-31T09:44:00Z");
	}
	out->integer = ns_to_us(time);
	return OK;
}

/* --- texts ---------------------------------------------------------------------------- */

static void keep_text(struct filter *filter, struct text t, struct filter_value *out)
{
	out->form = FORM_TEXT;
	out->text = filter->text_len;
	out->text_len = t.len;
	if (t.len)
		memcpy(filter->text + filter->text_len, t.at, t.len);
	filter->text_len += t.len;
}

static void keep_string(struct filter *filter, const char *string, struct filter_value *out)
{
	keep_text(filter, text_from(string), out);
}

static enum status expect_one_of(const char *const *names, size_t count, struct text t,
                                 char *expected)
{
	const char *nearest = filter_nearest(names, count, t);
	size_t len = 0;
	if (nearest)
		return expect(expected, "a name it can have; did you mean %s?", nearest);
	for (size_t i = 0; i < count; i++) {
		if (names[i] && len < FILTER_EXPECTED_MAX)
			len += (size_t)snprintf(expected + len, FILTER_EXPECTED_MAX - len,
			                        "%s%s", len ? ", " : "one of ", names[i]);
	}
	return ERR_MALFORMED;
}

static enum status read_name(struct filter *filter, const struct field *field,
                             struct text t, struct filter_value *out, char *expected)
{
	for (size_t i = 0; i < field->name_count; i++) {
		if (field->names[i] && text_equal_nocase(text_from(field->names[i]), t)) {
			keep_string(filter, field->names[i], out);
			return OK;
		}
	}
	return expect_one_of(field->names, field->name_count, t, expected);
}

static enum status read_codec(struct filter *filter, struct text t,
                              struct filter_value *out, char *expected)
{
	const char *names[CODEC_COUNT] = { 0 };
	const enum codec codec = codec_by_name(t, 0);
	if (codec != CODEC_UNKNOWN) {
		keep_string(filter, codec_name(codec), out);
		return OK;
	}
	for (unsigned int i = CODEC_UNKNOWN + 1; i < CODEC_COUNT; i++)
		names[i] = codec_name((enum codec)i);
	const char *nearest = filter_nearest(names, ARRAY_LEN(names), t);
	return nearest ? expect(expected, "a codec; did you mean %s?", nearest)
	               : expect(expected, "a codec such as PCMA");
}

/* The ids that begin with these digits; as numbers with a sign they lie side by side too.
 */
static enum status read_id(struct text t, struct filter_value *out, char *expected)
{
	uint64_t id = 0;
	for (size_t i = 0; i < ID_DIGITS; i++) {
		uint32_t digit = 0;
		if (i < t.len && text_hex32((struct text){ t.at + i, 1 }, &digit) != OK)
			t.len = 0;
		id = id << 4 | digit;
	}
	if (t.len == 0 || t.len > ID_DIGITS)
		return expect(expected, "an id, up to 16 hexadecimal digits");
	const unsigned int missing = 4 * (ID_DIGITS - (unsigned int)t.len);
	out->form = FORM_RANGE;
	out->integer = (int64_t)id;
	out->last = (int64_t)(id | (missing ? UINT64_MAX >> (64 - missing) : 0));
	return OK;
}

/* As it stands in the list's text, from the quote on; of an id its beginning will do. */
static void keep_item(struct filter *filter, struct text item, const char *end,
                      struct filter_value *out)
{
	char quoted[64];
	const int len =
	        snprintf(quoted, sizeof quoted, "\"%.*s%s", (int)item.len, item.at, end);
	keep_text(filter, (struct text){ quoted, (size_t)len }, out);
	out->form = FORM_ITEM;
}

static enum status read_item(struct filter *filter, const struct field *field,
                             struct text t, struct filter_value *out, char *expected)
{
	struct filter_value name = { 0 };
	uint64_t type = 0;
	if (field->type == FIELD_PAYLOAD_TYPES) {
		char digits[4];
		if (text_number(t, 127, &type) != OK)
			return expect(expected, "a payload type, 0 to 127");
		snprintf(digits, sizeof digits, "%u", (unsigned int)type);
		keep_item(filter, text_from(digits), "\":", out);
		return OK;
	}
	if (field->type == FIELD_IDS) {
		char id[ID_TEXT_SIZE];
		if (read_id(t, &name, expected) != OK)
			return ERR_MALFORMED;
		id_format((uint64_t)name.integer, id);
		keep_item(filter, (struct text){ id, t.len }, "", out);
		return OK;
	}
	const enum status status = field->type == FIELD_FLAGS
	                                   ? read_name(filter, field, t, &name, expected)
	                                   : read_codec(filter, t, &name, expected);
	if (status == OK)
		keep_item(filter, filter_text(filter, &name), "\"", out);
	return status;
}

/* --- addresses ------------------------------------------------------------------------ */

static bool read_network(struct text t, struct filter_value *out)
{
	uint64_t bits = 0;
	struct text rest = t;
	const struct text address = text_cut(&rest, '/');
	if (address_parse(address, &out->endpoint.address) != OK ||
	    text_number(rest, V6_BITS, &bits) != OK)
		return false;
	const bool v4 = address_is_ipv4(&out->endpoint.address);
	if (v4 && bits > V4_BITS)
		return false;
	out->prefix = (unsigned int)bits + (v4 ? V4_PREFIX : 0);
	out->form = FORM_NETWORK;
	return true;
}

static enum status read_endpoint(const struct field *field, struct text t,
                                 struct filter_value *out, char *expected)
{
	const bool port = field->type == FIELD_ENDPOINT;
	if (text_find(t, '/') < t.len) {
		if (read_network(t, out))
			return OK;
	} else if (address_parse(t, &out->endpoint.address) == OK) {
		out->form = FORM_HOST;
		return OK;
	} else if (port && endpoint_parse(t, &out->endpoint) == OK) {
		out->form = FORM_ENDPOINT;
		return OK;
	}
	return expect(expected, "an address such as 198.18.0.1%s or 198.18.0.0/15",
	              port ? ", 198.18.0.1:5060" : "");
}

bool filter_holds(const struct address *network, unsigned int prefix,
                  const struct address *address)
{
	const size_t octets = prefix / 8;
	const unsigned int rest = prefix % 8;
	if (address_is_ipv4(network) != address_is_ipv4(address) ||
	    memcmp(network->bytes, address->bytes, octets) != 0)
		return false;
	return rest == 0 ||
	       (network->bytes[octets] ^ address->bytes[octets]) >> (8 - rest) == 0;
}

/* --- all of them ---------------------------------------------------------------------- */

enum status filter_read_value(struct filter *filter, const struct field *field,
                              struct text t, struct filter_value *out,
                              char expected[FILTER_EXPECTED_MAX])
{
	*out = (struct filter_value){ 0 };
	switch (field->type) {
	case FIELD_ID:
		return read_id(t, out, expected);
	case FIELD_TEXT:
		keep_text(filter, t, out);
		return OK;
	case FIELD_TIME:
		return read_time(filter, t, out, expected);
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		return read_endpoint(field, t, out, expected);
	case FIELD_COUNT:
	case FIELD_NUMBER:
	case FIELD_REAL:
		return read_number(field, t, out, expected);
	case FIELD_NAME:
		return read_name(filter, field, t, out, expected);
	case FIELD_CODEC:
		return read_codec(filter, t, out, expected);
	case FIELD_SSRC:
	case FIELD_SSRC_IF:
		return read_ssrc(t, out, expected);
	case FIELD_FLAGS:
	case FIELD_IDS:
	case FIELD_CODECS:
	case FIELD_PAYLOAD_TYPES:
		return read_item(filter, field, t, out, expected);
	case FIELD_FLAG:
	case FIELD_BUFFERS:
	case FIELD_HISTOGRAM:
		break;
	}
	return expect(expected, "another field");
}
