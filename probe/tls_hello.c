#include "probe/tls_hello.h"

enum {
	CLIENT_HELLO = 1,
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_ALPN = 16,
	NAME_TYPE_HOST = 0
};
enum { RECORD_BYTES_MAX = 16384 + 2048 }; /* of TLS 1.2 ciphertext; later ones allow less */

/* | type | version 3.x | length | */
enum status tls_record_decode(struct span bytes, struct tls_record *out)
{
	struct reader r = reader_of(bytes);
	const uint8_t type = read_u8(&r);
	const uint8_t major = read_u8(&r);
	const uint8_t minor = read_u8(&r);
	const uint16_t length = read_u16(&r);
	if (r.ran_out)
		return ERR_TRUNCATED;
	if (type < TLS_CHANGE_CIPHER_SPEC || type > TLS_APPLICATION_DATA || major != 3 ||
	    minor > 4 || length == 0 || length > RECORD_BYTES_MAX)
		return ERR_MALFORMED;
	*out = (struct tls_record){ .type = (enum tls_content)type, .length = length };
	return OK;
}

/* | list length | type 0 | length | name | */
static struct text read_server_name(struct span extension)
{
	struct reader r = reader_of(extension);
	take(&r, 2);
	const uint8_t type = read_u8(&r);
	const struct span name = take(&r, read_u16(&r));
	if (r.ran_out || type != NAME_TYPE_HOST)
		return (struct text){ 0 };
	return text_of(name);
}

/* | list length | length | name | length | name ... */
static bool offers_sip(struct span extension)
{
	struct reader r = reader_of(extension);
	take(&r, 2);
	while (!r.ran_out && r.rest.len > 0) {
		const struct text name = text_of(take(&r, read_u8(&r)));
		if (text_equal(name, TEXT("sip")) || text_starts(name, TEXT("sip/")))
			return true;
	}
	return false;
}

/*
 * | type 1 | length | version | random | session id | cipher suites | compression |
 * | extensions: type, length, content ... |
 */
enum status tls_hello_decode(struct span fragment, struct tls_hello *out)
{
	struct reader r = reader_of(fragment);
	*out = (struct tls_hello){ 0 };
	const uint8_t type = read_u8(&r);
	if (!r.ran_out && type != CLIENT_HELLO)
		return ERR_NOT_FOUND;
	take(&r, 3 + 2 + 32);
	take(&r, read_u8(&r));
	take(&r, read_u16(&r));
	take(&r, read_u8(&r));
	if (!r.ran_out && r.rest.len == 0)
		return OK; /* no extensions at all */
	const size_t extensions = read_u16(&r);
	const bool cut = extensions > r.rest.len;
	while (!r.ran_out && r.rest.len > 0) {
		const uint16_t code = read_u16(&r);
		const struct span extension = take(&r, read_u16(&r));
		if (code == EXTENSION_SERVER_NAME)
			out->server_name = read_server_name(extension);
		else if (code == EXTENSION_ALPN)
			out->offers_sip = offers_sip(extension);
	}
	return r.ran_out || cut ? ERR_TRUNCATED : OK;
}
