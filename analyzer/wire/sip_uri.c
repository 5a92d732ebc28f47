#include "analyzer/wire/sip_uri.h"

void sip_host_port(struct text t, struct text *host, uint16_t *port)
{
	struct text rest = text_trim(t);
	uint64_t number;
	*port = 0;
	if (rest.len > 0 && rest.at[0] == '[') {
		rest = text_skip(rest, 1);
		*host = text_cut(&rest, ']');
		text_cut(&rest, ':');
	} else {
		*host = text_trim(text_cut(&rest, ':'));
	}
	if (text_number(text_trim(rest), UINT16_MAX, &number) == OK)
		*port = (uint16_t)number;
}

/* The index of the @ that parts user and host: the last one before any parameter of the
 * host; a user part may hold ; and ? itself, and careless devices leave an @ in it. */
static size_t find_at(struct text t)
{
	size_t at = t.len;
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] == '@')
			at = i;
		else if (at < t.len && (t.at[i] == ';' || t.at[i] == '?'))
			break;
	}
	return at;
}

static size_t find_either(struct text t, char a, char b)
{
	const size_t first = text_find(t, a);
	const size_t second = text_find(t, b);
	return first < second ? first : second;
}

bool sip_uri_read(struct text uri, struct sip_uri *out)
{
	struct text rest = text_trim(uri);
	*out = (struct sip_uri){ 0 };
	const size_t colon = text_find(rest, ':');
	if (colon == 0 || colon == rest.len)
		return false;
	out->scheme = text_head(rest, colon);
	rest = text_skip(rest, colon + 1);
	const bool is_tel = text_equal_nocase(out->scheme, TEXT("tel"));
	const size_t at = is_tel ? rest.len : find_at(rest);
	if (is_tel || at < rest.len) {
		const struct text user = text_head(rest, at);
		out->telephone = text_head(user, text_find(user, ':'));
		out->user = text_head(user, find_either(user, ';', ':'));
		if (is_tel)
			out->params = text_skip(user, out->user.len + 1);
		rest = text_skip(rest, at + 1);
	}
	if (!is_tel) {
		rest = text_head(rest, text_find(rest, '?'));
		const size_t end = text_find(rest, ';');
		sip_host_port(text_head(rest, end), &out->host, &out->port);
		out->params = text_skip(rest, end + 1);
	}
	return out->user.len > 0 || out->host.len > 0;
}
