#include "analyzer/wire/claims.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct text *rest)
{
	size_t n = 0;
	while (n < rest->len && is_blank(rest->at[n]))
		n++;
	*rest = text_skip(*rest, n);
}

/* Length of the string at the start, both quotes included; 0: it never ends. */
static size_t string_len(struct text t)
{
	for (size_t n = 1; n < t.len; n++) {
		if (t.at[n] == '"')
			return n + 1;
		if (t.at[n] == '\\')
			n++;
	}
	return 0;
}

/* Length of the object or array at the start; 0: it never ends, or goes too deep. */
static size_t nested_len(struct text t)
{
	char ends[CLAIMS_MAX_DEPTH] = { 0 };
	size_t depth = 0;
	for (size_t n = 0; n < t.len; n++) {
		const char c = t.at[n];
		if (c == '"') {
			const size_t len = string_len(text_skip(t, n));
			if (len == 0)
				return 0;
			n += len - 1;
		} else if (c == '{' || c == '[') {
			if (depth == CLAIMS_MAX_DEPTH)
				return 0;
			ends[depth++] = c == '{' ? '}' : ']';
		} else if (c == '}' || c == ']') {
			if (c != ends[--depth])
				return 0;
			if (depth == 0)
				return n + 1;
		}
	}
	return 0;
}

static bool ends_plain(char c)
{
	const struct text marks = TEXT(",:]}[{\"");
	return is_blank(c) || text_find(marks, c) < marks.len;
}

/* A number or a word: up to what cannot be part of one. */
static size_t plain_len(struct text t)
{
	size_t n = 0;
	while (n < t.len && !ends_plain(t.at[n]))
		n++;
	return n;
}

static struct text inside(struct text t, size_t len)
{
	return text_skip(text_head(t, len - 1), 1);
}

/* The value at the start of *rest, and *rest behind it. */
static bool cut_value(struct text *rest, struct claim_value *out)
{
	skip_blanks(rest);
	*out = (struct claim_value){ 0 };
	if (rest->len == 0)
		return false;
	const char c = rest->at[0];
	const bool nests = c == '{' || c == '[';
	const size_t len = c == '"' ? string_len(*rest)
	                   : nests  ? nested_len(*rest)
	                            : plain_len(*rest);
	if (len == 0)
		return false;
	if (c == '"' || nests) {
		out->text = inside(*rest, len);
		out->type = c == '"'   ? CLAIM_TYPE_STRING
		            : c == '{' ? CLAIM_TYPE_OBJECT
		                       : CLAIM_TYPE_ARRAY;
	} else {
		out->text = text_head(*rest, len);
		out->type =
		        ascii_is_digit(c) || c == '-' ? CLAIM_TYPE_NUMBER : CLAIM_TYPE_WORD;
	}
	*rest = text_skip(*rest, len);
	return true;
}

static bool skip_char(struct text *rest, char c)
{
	skip_blanks(rest);
	if (rest->len == 0 || rest->at[0] != c)
		return false;
	*rest = text_skip(*rest, 1);
	return true;
}

/* Behind a value there is a comma and something more, or nothing. */
static bool is_parted(struct text *rest)
{
	skip_blanks(rest);
	if (rest->len == 0)
		return true;
	if (!skip_char(rest, ','))
		return false;
	skip_blanks(rest);
	return rest->len > 0;
}

bool claims_open(struct text text, struct claim_value *out)
{
	struct text rest = text;
	if (!cut_value(&rest, out))
		return false;
	skip_blanks(&rest);
	return rest.len == 0 &&
	       (out->type == CLAIM_TYPE_OBJECT || out->type == CLAIM_TYPE_ARRAY);
}

/* What is broken ends the walk: nothing behind it is believed. */
static bool stop(struct text *rest, struct claim_value *out)
{
	*rest = (struct text){ 0 };
	*out = (struct claim_value){ 0 };
	return false;
}

bool claims_next_member(struct text *rest, struct text *name, struct claim_value *out)
{
	struct claim_value key;
	if (!cut_value(rest, &key) || key.type != CLAIM_TYPE_STRING ||
	    !skip_char(rest, ':') || !cut_value(rest, out) || !is_parted(rest))
		return stop(rest, out);
	*name = key.text;
	return true;
}

bool claims_next_element(struct text *rest, struct claim_value *out)
{
	return cut_value(rest, out) && is_parted(rest) ? true : stop(rest, out);
}

struct claim_value claims_member(struct text object, struct text name)
{
	struct claim_value value;
	struct text this_name;
	while (claims_next_member(&object, &this_name, &value))
		if (text_equal(this_name, name))
			return value;
	return (struct claim_value){ 0 };
}
