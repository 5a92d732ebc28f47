#include "analyzer/wire/json_scan.h"

#include <math.h>
#include <string.h>

struct scanner {
	struct text rest;
	struct json_value value;
	bool is_object[JSON_DEPTH];
	bool has_key; /* of the innermost object, the value comes next */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct scanner *s)
{
	size_t n = 0;
	while (n < s->rest.len && is_blank(s->rest.at[n]))
		n++;
	s->rest = text_skip(s->rest, n);
}

/* Behind the first quote up to the last. */
static bool take_string(struct scanner *s, struct text *out)
{
	for (size_t i = 1; i < s->rest.len; i++) {
		if (s->rest.at[i] == '\\') {
			i++;
		} else if (s->rest.at[i] == '"') {
			*out = text_head(text_skip(s->rest, 1), i - 1);
			s->rest = text_skip(s->rest, i + 1);
			return true;
		}
	}
	return false;
}

static bool is_of_word(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '+' || c == '.';
}

static bool take_word(struct scanner *s, struct json_value *value)
{
	size_t n = 0;
	while (n < s->rest.len && is_of_word(s->rest.at[n]))
		n++;
	value->text = text_head(s->rest, n);
	s->rest = text_skip(s->rest, n);
	if (n == 0)
		return false;
	const char first = value->text.at[0];
	value->type = ascii_is_digit(first) || first == '-' ? JSON_NUMBER : JSON_WORD;
	return true;
}

static enum status open_level(struct scanner *s, bool is_object)
{
	if (s->value.depth == JSON_DEPTH)
		return ERR_TOO_LONG;
	const size_t level = s->value.depth++;
	s->is_object[level] = is_object;
	s->value.keys[level] = (struct text){ 0 };
	s->value.places[level] = 0;
	s->has_key = false;
	s->rest = text_skip(s->rest, 1);
	return OK;
}

static enum status close_level(struct scanner *s, bool is_object)
{
	if (s->value.depth == 0 || s->is_object[s->value.depth - 1] != is_object ||
	    s->has_key)
		return ERR_MALFORMED;
	s->value.depth--;
	s->rest = text_skip(s->rest, 1);
	return OK;
}

static enum status take_key(struct scanner *s)
{
	if (s->rest.at[0] != '"' || !take_string(s, &s->value.keys[s->value.depth - 1]))
		return ERR_MALFORMED;
	skip_blanks(s);
	if (s->rest.len == 0 || s->rest.at[0] != ':')
		return ERR_MALFORMED;
	s->rest = text_skip(s->rest, 1);
	s->has_key = true;
	return OK;
}

static enum status step(struct scanner *s,
                        void (*give)(void *self, const struct json_value *value),
                        void *self)
{
	const char c = s->rest.at[0];
	const size_t depth = s->value.depth;
	if (c == '}' || c == ']')
		return close_level(s, c == '}');
	if (c == ',' && depth > 0 && !s->has_key) {
		s->value.places[depth - 1]++;
		s->rest = text_skip(s->rest, 1);
		return OK;
	}
	if (depth > 0 && s->is_object[depth - 1] && !s->has_key)
		return take_key(s);
	if (c == '{' || c == '[')
		return open_level(s, c == '{');
	s->value.type = JSON_TEXT;
	if (c == '"' ? !take_string(s, &s->value.text) : !take_word(s, &s->value))
		return ERR_MALFORMED;
	s->has_key = false;
	give(self, &s->value);
	return OK;
}

enum status json_scan(struct text json,
                      void (*give)(void *self, const struct json_value *value), void *self)
{
	struct scanner s = { .rest = json };
	enum status status = OK;
	bool begun = false;
	for (skip_blanks(&s); status == OK && s.rest.len > 0; skip_blanks(&s)) {
		if (begun && s.value.depth == 0)
			break; /* what is behind the value */
		status = step(&s, give, self);
		begun = true;
	}
	return status == OK && (!begun || s.value.depth > 0) ? ERR_MALFORMED : status;
}

static size_t take_digits(struct text t, double *out)
{
	size_t n = 0;
	for (*out = 0; n < t.len && ascii_is_digit(t.at[n]); n++)
		*out = *out * 10 + (t.at[n] - '0');
	return n;
}

double json_number(const struct json_value *value)
{
	struct text t = value->text;
	double whole, part = 0;
	const bool negative = t.len > 0 && t.at[0] == '-';
	t = text_skip(t, negative);
	const size_t digits = take_digits(t, &whole);
	t = text_skip(t, digits);
	if (digits == 0 || digits > 20 || value->type == JSON_WORD)
		return NAN;
	if (t.len > 0 && t.at[0] == '.') {
		const size_t places = take_digits(text_skip(t, 1), &part);
		t = text_skip(t, 1 + places);
		part /= pow(10, (double)places);
	}
	if (t.len > 0)
		return NAN; /* an exponent: no report has one */
	return negative ? -(whole + part) : whole + part;
}
