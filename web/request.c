#include "web/request.h"

#include <string.h>

#include "schema/field_text.h"
#include "schema/utf8.h"
#include "web/display.h"

static const char *const method_names[METHOD_OTHER + 1] = {
	[METHOD_GET] = "GET",   [METHOD_HEAD] = "HEAD", [METHOD_OPTIONS] = "OPTIONS",
	[METHOD_POST] = "POST", [METHOD_PUT] = "PUT",   [METHOD_DELETE] = "DELETE",
};

enum request_method request_method(const char *name)
{
	for (size_t i = 0; i < METHOD_OTHER; i++) {
		if (strcmp(method_names[i], name) == 0)
			return (enum request_method)i;
	}
	return METHOD_OTHER;
}

const char *request_method_name(enum request_method method)
{
	return method_names[method];
}

/* --- target --------------------------------------------------------------------------- */

/* Where decoded text goes. */
struct decoder {
	struct request *request;
	size_t used;
	struct problem *problem;
};

static bool decode_octet(struct text *rest, bool plus_is_blank, char *out)
{
	const char c = rest->at[0];
	uint32_t octet = 0;
	*rest = text_skip(*rest, 1);
	if (c == '+' && plus_is_blank) {
		*out = ' ';
		return true;
	}
	if (c != '%') {
		*out = c;
		return (unsigned char)c > ' ' && c != 0x7f;
	}
	const struct text digits = text_head(*rest, 2);
	if (digits.len < 2 || text_find(digits, 'x') < 2 || text_find(digits, 'X') < 2 ||
	    text_hex32(digits, &octet) != OK)
		return false;
	*rest = text_skip(*rest, 2);
	*out = (char)octet;
	return octet != 0;
}

/* `where` is for the problem: "path", or a parameter's name. */
static bool decode(struct decoder *d, struct text encoded, bool plus_is_blank,
                   const char *where, struct text *out)
{
	char *const begin = d->request->room + d->used;
	size_t len = 0;
	struct text rest = encoded;
	while (rest.len > 0) {
		const size_t at = encoded.len - rest.len;
		if (!decode_octet(&rest, plus_is_blank, &begin[len++])) {
			problem_in(d->problem, where, "bad-encoding",
			           "a percent sign and two hexadecimal digits, not 00, are "
			           "expected for what is no printable ASCII");
			d->problem->column = at + 1;
			return false;
		}
	}
	*out = (struct text){ begin, len };
	d->used += len;
	if (utf8_valid(*out))
		return true;
	return problem_in(d->problem, where, "bad-encoding", "UTF-8 is expected");
}

static bool read_path(struct decoder *d, struct text path)
{
	struct request *request = d->request;
	if (path.len == 0 || path.at[0] != '/')
		return problem_in(d->problem, "path", "bad-path", "a path begins with /");
	path = text_skip(path, 1);
	bool more = path.len > 0;
	while (more) {
		const size_t end = text_find(path, '/');
		if (request->segment_count == REQUEST_SEGMENTS_MAX)
			return problem_set(d->problem, 404, "no-such-path",
			                   "there is no such path");
		if (!decode(d, text_head(path, end), false, "path",
		            &request->segments[request->segment_count++]))
			return false;
		more = end < path.len;
		path = text_skip(path, end + 1);
	}
	return true;
}

static bool read_parameter(struct decoder *d, struct text pair)
{
	struct request *request = d->request;
	char shown[sizeof d->problem->parameter];
	struct request_parameter p;
	if (request->parameter_count == REQUEST_PARAMETERS_MAX)
		return problem_in(d->problem, "query", "too-many",
		                  "at most %d parameters are taken",
		                  REQUEST_PARAMETERS_MAX);
	const size_t equals = text_find(pair, '=');
	if (!decode(d, text_head(pair, equals), true, "query", &p.name))
		return false;
	text_copy(shown, sizeof shown, p.name);
	if (!decode(d, text_skip(pair, equals + 1), true, shown, &p.value))
		return false;
	if (request_parameter(request, shown).at)
		return problem_in(d->problem, shown, "given-twice",
		                  "a parameter may be given once");
	request->parameters[request->parameter_count++] = p;
	return true;
}

static bool read_query(struct decoder *d, struct text query)
{
	while (query.len > 0) {
		const size_t end = text_find(query, '&');
		if (end > 0 && !read_parameter(d, text_head(query, end)))
			return false;
		query = text_skip(query, end + 1);
	}
	return true;
}

bool request_read_target(struct request *request, struct text target,
                         struct problem *problem)
{
	struct decoder d = { .request = request, .problem = problem };
	const size_t question = text_find(target, '?');
	if (target.len > REQUEST_TARGET_MAX)
		return problem_set(problem, 414, "uri-too-long",
		                   "a target of more than %d octets is not taken",
		                   REQUEST_TARGET_MAX);
	return read_path(&d, text_head(target, question)) &&
	       read_query(&d, text_skip(target, question + 1));
}

struct text request_parameter(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->parameter_count; i++) {
		if (text_equal(request->parameters[i].name, text_from(name)))
			return request->parameters[i].value;
	}
	return (struct text){ 0 };
}

static bool is_one_of(struct text name, const char *const *names)
{
	for (; *names; names++) {
		if (text_equal(name, text_from(*names)))
			return true;
	}
	return false;
}

bool request_allows(const struct request *request, const char *const *names,
                    struct problem *problem)
{
	for (size_t i = 0; i < request->parameter_count; i++) {
		char shown[sizeof problem->parameter];
		if (is_one_of(request->parameters[i].name, names))
			continue;
		text_copy(shown, sizeof shown, request->parameters[i].name);
		return problem_in(problem, shown[0] ? shown : "query", "unknown-parameter",
		                  "this path has no such parameter");
	}
	return true;
}

bool request_address_is_local(const struct address *address)
{
	static const uint8_t loopback_v6[16] = { [15] = 1 };
	static const uint8_t loopback_v4[13] = { [10] = 0xff, [11] = 0xff, [12] = 127 };
	return memcmp(address->bytes, loopback_v6, sizeof loopback_v6) == 0 ||
	       memcmp(address->bytes, loopback_v4, sizeof loopback_v4) == 0;
}

bool request_host_is_local(struct text host)
{
	struct endpoint e = { 0 };
	struct text name = host;
	/* A port is what follows the last colon that is not within brackets. */
	const size_t bracket = text_find(host, ']');
	const struct text behind = bracket < host.len ? text_skip(host, bracket) : host;
	const size_t colon = text_find(behind, ':');
	const struct text port = text_skip(behind, colon + 1);
	uint64_t number;
	if (port.len > 0 && text_number(port, UINT16_MAX, &number) != OK)
		return false;
	name.len -= behind.len - colon;
	if (text_equal_nocase(name, TEXT("localhost")))
		return true;
	if (name.len > 2 && name.at[0] == '[' && bracket < host.len)
		name = (struct text){ name.at + 1, name.len - 2 };
	return address_parse(name, &e.address) == OK &&
	       request_address_is_local(&e.address);
}

/* --- header fields -------------------------------------------------------------------- */

/* The weight of an element, "0.8" as 800; 1000 when there is none, 0 when it is none. */
static unsigned int quality_of(struct text parameters)
{
	while (parameters.len > 0) {
		struct text parameter = text_trim(text_cut(&parameters, ';'));
		if (!text_starts_nocase(parameter, TEXT("q=")))
			continue;
		parameter = text_skip(parameter, 2);
		uint64_t whole = 0;
		uint64_t part = 0;
		const struct text digits = text_skip(parameter, 2);
		if (text_number(text_head(parameter, 1), 1, &whole) != OK)
			return 0;
		if (whole == 1 || digits.len == 0)
			return whole ? 1000 : 0;
		if (digits.len > 3 || text_number(digits, 999, &part) != OK)
			return 0;
		for (size_t i = digits.len; i < 3; i++)
			part *= 10;
		return (unsigned int)part;
	}
	return 1000;
}

/* How closely a range names the type: 3 exactly, 2 "text" and any, 1 anything, 0 not. */
static unsigned int closeness(struct text range, struct text type)
{
	if (text_equal_nocase(range, type))
		return 3;
	if (text_equal(range, TEXT("*/*")))
		return 1;
	const size_t slash = text_find(type, '/');
	return range.len == slash + 2 && text_ends_nocase(range, TEXT("/*")) &&
	                       text_equal_nocase(text_head(range, slash),
	                                         text_head(type, slash))
	               ? 2
	               : 0;
}

unsigned int accept_quality(const char *accept, const char *type)
{
	unsigned int closest = 0;
	unsigned int quality = 0;
	struct text rest = text_from(accept ? accept : "*/*");
	while (rest.len > 0) {
		struct text element = text_cut(&rest, ',');
		const struct text range = text_trim(text_cut(&element, ';'));
		const unsigned int close = closeness(range, text_from(type));
		if (close > closest) {
			closest = close;
			quality = quality_of(element);
		}
	}
	return quality;
}

bool accept_gzip(const char *accept_encoding)
{
	struct text rest = text_from(accept_encoding ? accept_encoding : "");
	while (rest.len > 0) {
		struct text element = text_cut(&rest, ',');
		const struct text coding = text_trim(text_cut(&element, ';'));
		if (text_equal_nocase(coding, TEXT("gzip")))
			return quality_of(element) > 0;
	}
	return false;
}

static struct text opaque_tag(struct text tag)
{
	return text_starts(tag, TEXT("W/")) ? text_skip(tag, 2) : tag;
}

bool etag_matches(const char *if_none_match, const char *etag)
{
	struct text rest = text_from(if_none_match ? if_none_match : "");
	while (rest.len > 0) {
		const struct text tag = text_trim(text_cut(&rest, ','));
		if (text_equal(opaque_tag(tag), opaque_tag(text_from(etag))) ||
		    text_equal(tag, TEXT("*")))
			return true;
	}
	return false;
}
