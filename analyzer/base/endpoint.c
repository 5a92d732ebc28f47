#include "analyzer/base/endpoint.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t ipv4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct address address_ipv4(const uint8_t *bytes4)
{
	struct address a;
	memcpy(a.bytes, ipv4_prefix, sizeof ipv4_prefix);
	memcpy(a.bytes + sizeof ipv4_prefix, bytes4, 4);
	return a;
}

struct address address_ipv6(const uint8_t *bytes16)
{
	struct address a;
	memcpy(a.bytes, bytes16, sizeof a.bytes);
	return a;
}

bool address_is_ipv4(const struct address *a)
{
	return memcmp(a->bytes, ipv4_prefix, sizeof ipv4_prefix) == 0;
}

bool address_is_unspecified(const struct address *a)
{
	static const uint8_t zero[16];
	if (address_is_ipv4(a))
		return memcmp(a->bytes + sizeof ipv4_prefix, zero, 4) == 0;
	return memcmp(a->bytes, zero, sizeof zero) == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && address_equal(&a->address, &b->address);
}

int endpoint_compare(const struct endpoint *a, const struct endpoint *b)
{
	const int order = memcmp(&a->address, &b->address, sizeof a->address);
	return order ? order : (a->port > b->port) - (a->port < b->port);
}

enum status address_parse(struct text t, struct address *out)
{
	char copy[ADDRESS_TEXT_SIZE];
	uint8_t bytes[16];
	if (t.len >= 2 && t.at[0] == '[' && t.at[t.len - 1] == ']')
		t = text_head(text_skip(t, 1), t.len - 2);
	if (t.len == 0 || text_find(t, '\0') != t.len || !text_copy(copy, sizeof copy, t))
		return ERR_MALFORMED;
	if (inet_pton(AF_INET, copy, bytes) == 1)
		*out = address_ipv4(bytes);
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		*out = address_ipv6(bytes);
	else
		return ERR_MALFORMED;
	return OK;
}

/* Decimal digits of a number below 65536; returns where they end. */
static char *put_decimal(char *to, unsigned int number)
{
	char digits[5];
	size_t at = sizeof digits;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(to, digits + at, sizeof digits - at);
	return to + (sizeof digits - at);
}

/* Each record has several: not worth a trip through printf. */
static char *put_ipv4(char *to, const uint8_t bytes4[4])
{
	for (int i = 0; i < 4; i++) {
		to = put_decimal(to, bytes4[i]);
		*to++ = '.';
	}
	return to - 1;
}

static char *put_address(char *to, const struct address *a)
{
	if (address_is_ipv4(a))
		return put_ipv4(to, a->bytes + sizeof ipv4_prefix);
	if (!inet_ntop(AF_INET6, a->bytes, to, ADDRESS_TEXT_SIZE))
		return to;
	return to + strlen(to);
}

const char *address_format(const struct address *a, char *to)
{
	*put_address(to, a) = '\0';
	return to;
}

const char *endpoint_format(const struct endpoint *e, char *to)
{
	const bool brackets = !address_is_ipv4(&e->address);
	char *end = to;
	if (brackets)
		*end++ = '[';
	end = put_address(end, &e->address);
	if (brackets)
		*end++ = ']';
	*end++ = ':';
	*put_decimal(end, e->port) = '\0';
	return to;
}
