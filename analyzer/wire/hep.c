#include "analyzer/wire/hep.h"

enum chunk {
	CHUNK_PROTOCOL = 2,
	CHUNK_IPV4_SRC = 3,
	CHUNK_IPV4_DST = 4,
	CHUNK_IPV6_SRC = 5,
	CHUNK_IPV6_DST = 6,
	CHUNK_SRC_PORT = 7,
	CHUNK_DST_PORT = 8,
	CHUNK_SECONDS = 9,
	CHUNK_MICROSECONDS = 10,
	CHUNK_TYPE = 11,
	CHUNK_CAPTURE_ID = 12,
	CHUNK_AUTH = 14,
	CHUNK_PAYLOAD = 15,
	CHUNK_COMPRESSED = 16,
	CHUNK_CORRELATION = 17,
	CHUNK_VLAN = 18,
	CHUNK_COUNT
};

/* Bytes of the value; 0: any number.  Capture ids have two in the first revisions. */
static const uint8_t lengths[CHUNK_COUNT] = {
	[CHUNK_PROTOCOL] = 1,  [CHUNK_IPV4_SRC] = 4,  [CHUNK_IPV4_DST] = 4,
	[CHUNK_IPV6_SRC] = 16, [CHUNK_IPV6_DST] = 16, [CHUNK_SRC_PORT] = 2,
	[CHUNK_DST_PORT] = 2,  [CHUNK_SECONDS] = 4,   [CHUNK_MICROSECONDS] = 4,
	[CHUNK_TYPE] = 1,      [CHUNK_VLAN] = 2,
};

bool hep_is_one(struct span bytes)
{
	struct reader r = reader_of(bytes);
	return read_u32(&r) == UINT32_C(0x48455033); /* "HEP3" */
}

enum status hep_length(struct span bytes, size_t *out)
{
	struct reader r = reader_of(bytes);
	take(&r, 4);
	const size_t length = read_u16(&r);
	if (bytes.len >= 4 && !hep_is_one(bytes))
		return ERR_MALFORMED;
	if (r.ran_out)
		return ERR_TRUNCATED;
	if (length < HEP_HEAD)
		return ERR_MALFORMED;
	*out = length;
	return OK;
}

struct stamp {
	uint32_t seconds, microseconds;
	bool known;
};

static void take_chunk(uint16_t type, struct span value, struct hep *out,
                       struct stamp *stamp)
{
	struct reader r = reader_of(value);
	switch ((enum chunk)type) {
	case CHUNK_PROTOCOL:
		out->ip_protocol = read_u8(&r);
		break;
	case CHUNK_IPV4_SRC:
		out->src.address = address_ipv4(value.at);
		break;
	case CHUNK_IPV4_DST:
		out->dst.address = address_ipv4(value.at);
		break;
	case CHUNK_IPV6_SRC:
		out->src.address = address_ipv6(value.at);
		break;
	case CHUNK_IPV6_DST:
		out->dst.address = address_ipv6(value.at);
		break;
	case CHUNK_SRC_PORT:
		out->src.port = read_u16(&r);
		break;
	case CHUNK_DST_PORT:
		out->dst.port = read_u16(&r);
		break;
	case CHUNK_SECONDS:
		stamp->seconds = read_u32(&r);
		stamp->known = true;
		break;
	case CHUNK_MICROSECONDS:
		stamp->microseconds = read_u32(&r);
		break;
	case CHUNK_TYPE:
		out->type = read_u8(&r);
		out->has_type = true;
		break;
	case CHUNK_CAPTURE_ID:
		out->capture_id = value.len == 2 ? read_u16(&r) : read_u32(&r);
		out->has_capture_id = !r.ran_out;
		break;
	case CHUNK_AUTH:
		out->auth = text_of(value);
		break;
	case CHUNK_PAYLOAD:
	case CHUNK_COMPRESSED:
		out->payload = value;
		out->compressed = type == CHUNK_COMPRESSED;
		break;
	case CHUNK_CORRELATION:
		out->correlation = text_of(value);
		break;
	case CHUNK_VLAN:
		out->vlan = read_u16(&r);
		break;
	default:
		break;
	}
}

enum status hep_decode(struct span datagram, struct hep *out)
{
	size_t length;
	enum status status = hep_length(datagram, &length);
	if (status == ERR_MALFORMED && !hep_is_one(datagram))
		return ERR_UNSUPPORTED;
	if (status == OK && length > datagram.len)
		status = ERR_TRUNCATED;
	if (status != OK)
		return status;
	struct hep hep = { .at = NSTIME_NONE };
	struct stamp stamp = { 0 };
	struct reader r =
	        reader_of((struct span){ datagram.at + HEP_HEAD, length - HEP_HEAD });
	while (r.rest.len > 0) {
		const uint16_t vendor = read_u16(&r);
		const uint16_t type = read_u16(&r);
		const uint16_t chunk = read_u16(&r);
		if (chunk < HEP_HEAD)
			return ERR_MALFORMED;
		const struct span value = take(&r, chunk - (size_t)HEP_HEAD);
		if (r.ran_out)
			return ERR_MALFORMED;
		if (vendor != 0 || type >= CHUNK_COUNT)
			continue;
		if (lengths[type] && value.len != lengths[type])
			return ERR_MALFORMED;
		take_chunk(type, value, &hep, &stamp);
	}
	if (!hep.has_type || hep.payload.len == 0 || stamp.microseconds >= 1000000)
		return ERR_MALFORMED;
	if (stamp.known)
		hep.at = (nstime)stamp.seconds * NS_PER_SEC +
		         (nstime)stamp.microseconds * NS_PER_US;
	*out = hep;
	return OK;
}
