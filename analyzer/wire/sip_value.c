/*
 * sip_value.c - the inside of header values: addresses, parameters, Via, Date (RFC 3261
 * section 25.1).
 */
#include "analyzer/wire/sip_parts.h"

/* Length of the quoted string at the start of t, both quotes included; 0: it never closes.
 */
static size_t quoted_len(struct text t)
{
	for (size_t n = 1; n < t.len; n++) {
		if (t.at[n] == '"')
			return n + 1;
		if (t.at[n] == '\\')
			n++;
	}
	return 0;
}

/*
 * Index of the first c outside quotes and, if wanted, outside < >; t.len if there is none.
 * A quote or bracket that never closes hides the rest.
 */
static size_t find_outside(struct text t, char c, bool brackets)
{
	const size_t plain = text_find(t, c);
	const struct text before = text_head(t, plain);
	if (plain == t.len || (text_find(before, '"') == plain &&
	                       (!brackets || text_find(before, '<') == plain)))
		return plain;
	size_t n = 0;
	while (n < t.len && t.at[n] != c) {
		size_t step = 1;
		if (t.at[n] == '"')
			step = quoted_len(text_skip(t, n));
		else if (t.at[n] == '<' && brackets)
			step = text_find(text_skip(t, n), '>') + 1;
		if (step == 0 || step > t.len - n)
			return t.len;
		n += step;
	}
	return n;
}

struct text sip_cut_value(struct text *rest)
{
	const size_t end = find_outside(*rest, ',', true);
	const struct text value = text_head(*rest, end);
	*rest = text_skip(*rest, end + 1);
	return text_trim(value);
}

bool sip_next_param(struct text *rest, struct text *name, struct text *value)
{
	while (rest->len > 0) {
		const size_t end = find_outside(*rest, ';', false);
		const struct text param = text_head(*rest, end);
		*rest = text_skip(*rest, end + 1);
		const size_t equals = text_find(param, '=');
		*name = text_trim(text_head(param, equals));
		*value = text_trim(text_skip(param, equals + 1));
		if (name->len > 0)
			return true;
	}
	return false;
}

bool sip_has_param(struct text params, struct text name)
{
	struct text this_name, value;
	while (sip_next_param(&params, &this_name, &value))
		if (text_equal_nocase(this_name, name))
			return true;
	return false;
}

struct text sip_param(struct text params, struct text name)
{
	struct text this_name, value;
	while (sip_next_param(&params, &this_name, &value)) {
		if (!text_equal_nocase(this_name, name))
			continue;
		if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
			value = text_skip(text_head(value, value.len - 1), 1);
		return value;
	}
	return (struct text){ 0 };
}

static bool has_lws(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (sip_is_lws(t.at[i]))
			return true;
	return false;
}

static void find_tag(struct sip_address *out)
{
	struct text rest = out->params, name, value;
	while (sip_next_param(&rest, &name, &value)) {
		if (name.len == 3 && text_equal_nocase(name, TEXT("tag"))) {
			out->tag = value;
			return;
		}
	}
}

/* name-addr = [ display-name ] "<" addr-spec ">"; t begins at the "<". */
static bool read_name_addr(struct text t, struct sip_address *out)
{
	const size_t end = text_find(t, '>');
	if (end == t.len || end < 2)
		return false;
	out->uri = text_skip(text_head(t, end), 1);
	if (!out->uri.at || sip_is_lws(out->uri.at[0]) ||
	    sip_is_lws(out->uri.at[out->uri.len - 1]))
		return false;
	const struct text rest = text_trim(text_skip(t, end + 1));
	out->params = text_skip(rest, 1);
	return rest.len == 0 || rest.at[0] == ';';
}

/* Without < > everything behind a ";" is the header's, and a "?" has no place (20.10). */
static bool read_addr_spec(struct text t, struct sip_address *out)
{
	const size_t end = text_find(t, ';');
	out->uri = text_trim(text_head(t, end));
	out->params = text_skip(t, end + 1);
	return out->uri.len > 0 && text_find(out->uri, '?') == out->uri.len &&
	       !has_lws(out->uri);
}

/*
 * Display names come in every spelling: without quotes, in UTF-8, in Latin-1.  Only a
 * comma outside quotes is refused, for it could part two addresses (RFC 4475 3.1.2.15).
 */
bool sip_read_address(struct text value, struct sip_address *out)
{
	*out = (struct sip_address){ .raw = value };
	struct text rest = value;
	if (rest.len > 0 && rest.at[0] == '"') {
		const size_t len = quoted_len(rest);
		if (len == 0)
			return false;
		out->display = text_skip(text_head(rest, len - 1), 1);
		rest = text_trim(text_skip(rest, len));
	}
	const size_t angle = text_find(rest, '<');
	bool good;
	if (angle == rest.len) {
		good = read_addr_spec(rest, out);
	} else {
		const struct text name = text_trim(text_head(rest, angle));
		if (out->display.len == 0)
			out->display = name;
		good = text_find(name, ',') == name.len &&
		       read_name_addr(text_skip(rest, angle), out);
	}
	if (good && out->params.len > 0)
		find_tag(out);
	return good;
}

static struct text skip_lws(struct text t)
{
	while (t.len > 0 && sip_is_lws(t.at[0]))
		t = text_skip(t, 1);
	return t;
}

/* sent-protocol = name SLASH version SLASH transport, with blanks around each slash. */
static bool skip_protocol(struct text *t)
{
	if (text_starts(*t, TEXT("SIP/2.0/")))
		*t = text_skip(*t, sizeof "SIP/2.0/" - 1);
	for (unsigned int slashes = 0; t->len > 0; slashes++) {
		size_t n = 0;
		while (n < t->len && !sip_is_lws(t->at[n]) && t->at[n] != '/' &&
		       t->at[n] != ';')
			n++;
		const struct text after = skip_lws(text_skip(*t, n));
		if (n == 0 || after.len == 0)
			return false;
		*t = after;
		if (after.at[0] != '/')
			return true;
		*t = skip_lws(text_skip(after, 1));
	}
	return false;
}

bool sip_read_via(struct text value, struct text *sent_by, struct text *params)
{
	struct text rest = value;
	if (!skip_protocol(&rest))
		return false;
	const size_t end = text_find(rest, ';');
	*sent_by = text_trim(text_head(rest, end));
	*params = text_skip(rest, end + 1);
	return sent_by->len > 0;
}

/* The last word, which it takes off *rest. */
static struct text cut_last_word(struct text *rest)
{
	size_t n = rest->len;
	while (n > 0 && !sip_is_lws(rest->at[n - 1]))
		n--;
	const struct text word = text_skip(*rest, n);
	*rest = text_trim(text_head(*rest, n));
	return word;
}

/*
 * Only a clear case: three to five letters behind hh:mm:ss that are not GMT.  Dates of
 * other shapes are common and nothing here depends on them.
 */
bool sip_date_is_foreign(struct text value)
{
	struct text rest = value;
	const struct text zone = cut_last_word(&rest);
	const struct text time = cut_last_word(&rest);
	if (zone.len < 3 || zone.len > 5 || time.len != 8 || time.at[2] != ':' ||
	    time.at[5] != ':')
		return false;
	for (size_t i = 0; i < zone.len; i++)
		if (ascii_lower(zone.at[i]) < 'a' || ascii_lower(zone.at[i]) > 'z')
			return false;
	return !text_equal_nocase(zone, TEXT("GMT")) &&
	       !text_equal_nocase(zone, TEXT("UTC"));
}
