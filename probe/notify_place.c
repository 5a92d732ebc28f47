#include "probe/notify_place.h"

#include <string.h>

enum { LABEL_MOST = 63 };

static bool is_alphanumeric(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 1123 section 2.1, and an underscore, which some have. */
static bool is_name(struct text name)
{
	size_t label = 0;
	for (size_t i = 0; i < name.len; i++) {
		const char c = name.at[i];
		const bool inner = c == '-' || c == '_';
		if (c == '.' && label == 0)
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MOST || (c != '.' && !inner && !is_alphanumeric(c)) ||
		    (inner && label == 1 && c == '-'))
			return false;
	}
	return name.len > 0;
}

/* Of "[::1]:80", "a.b:80" and, with a port to fall back on, "a.b". */
static enum status take_authority(struct text authority, uint16_t fallback,
                                  struct place *out)
{
	struct address address;
	struct text host;
	struct text port = { 0 };
	if (text_starts(authority, TEXT("["))) {
		const size_t end = text_find(authority, ']');
		host = text_head(text_skip(authority, 1), end - 1);
		port = text_skip(authority, end + 1);
		if (end == authority.len || address_parse(host, &address) != OK ||
		    (port.len && port.at[0] != ':'))
			return ERR_MALFORMED;
		port = text_skip(port, 1);
	} else {
		port = authority;
		host = text_cut(&port, ':');
		if (address_parse(host, &address) != OK && !is_name(host))
			return ERR_MALFORMED;
	}
	uint64_t number = fallback;
	if (port.len && text_number(port, UINT16_MAX, &number) != OK)
		return ERR_MALFORMED;
	out->port = (uint16_t)number;
	return number && text_copy(out->host, sizeof out->host, host) ? OK : ERR_MALFORMED;
}

enum status place_of_peer(struct text address, struct place *out)
{
	*out = (struct place){ .port = 0 };
	return take_authority(address, 0, out);
}

enum status place_of_url(struct text url, struct place *out)
{
	*out = (struct place){ .tls = text_starts(url, TEXT("https://")) };
	if (!out->tls && !text_starts(url, TEXT("http://")))
		return ERR_MALFORMED;
	const struct text rest = text_skip(url, out->tls ? 8 : 7);
	const size_t slash = text_find(rest, '/');
	const struct text path = text_skip(rest, slash);
	for (size_t i = 0; i < path.len; i++)
		if (path.at[i] <= ' ' || path.at[i] >= 0x7f || path.at[i] == '#')
			return ERR_MALFORMED;
	if (!text_copy(out->path, sizeof out->path, path.len ? path : TEXT("/")))
		return ERR_MALFORMED;
	return take_authority(text_head(rest, slash), out->tls ? 443 : 80, out);
}

enum status place_endpoint(const struct place *place, struct endpoint *out)
{
	out->port = place->port;
	return address_parse(text_from(place->host), &out->address);
}
