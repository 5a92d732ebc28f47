#include "analyzer/wire/sdp.h"

#include <string.h>

enum {
	CLOCK_MAX_HZ = 384000,
	PTIME_MAX_MS = 1000,
	PAYLOAD_TYPE_MAX = 127,
};

/* What is said once for all media, and what is being read. */
struct reading {
	struct sdp *sdp;
	struct sdp_media *media; /* the media section we are in; NULL in the session's */
	bool in_dropped;         /* in a media section above the limit: nobody keeps it */
	bool has_session_maps;   /* a=rtpmap or a=fmtp before any m= line */
	bool session_fingerprint, session_ice;
	enum sdp_direction session_direction;
	bool direction_said[SDP_MAX_MEDIA];
	bool connection_said[SDP_MAX_MEDIA];
	unsigned int dropped;
};

static bool take_prefix(struct text *t, struct text prefix)
{
	if (!text_starts_nocase(*t, prefix))
		return false;
	*t = text_skip(*t, prefix.len);
	return true;
}

/* The number that t is; 0 when it is none or above max. */
static uint64_t number_or_zero(struct text t, uint64_t max)
{
	uint64_t number;
	return text_number(t, max, &number) == OK ? number : 0;
}

static enum sdp_kind kind_of(struct text name)
{
	static const char *const names[] = {
		[SDP_AUDIO] = "audio", [SDP_VIDEO] = "video",
		[SDP_IMAGE] = "image", [SDP_APPLICATION] = "application",
		[SDP_TEXT] = "text",
	};
	for (enum sdp_kind kind = SDP_AUDIO; kind <= SDP_TEXT; kind++)
		if (text_equal_nocase(name, text_from(names[kind])))
			return kind;
	return SDP_OTHER;
}

/* RTP/AVP, RTP/SAVPF, UDP/TLS/RTP/SAVP, TCP/RTP/AVP ... (IANA SDP parameters, proto) */
static void judge_proto(struct sdp_media *media)
{
	struct text proto = media->proto;
	if (proto.len > 0 && ascii_lower(proto.at[proto.len - 1]) == 'f')
		proto.len--;
	media->is_secure = text_ends_nocase(proto, TEXT("RTP/SAVP"));
	media->is_rtp = media->is_secure || text_ends_nocase(proto, TEXT("RTP/AVP"));
}

static void read_formats(struct reading *r, struct text rest)
{
	struct sdp_media *media = r->media;
	for (;;) {
		const struct text word = text_cut_word(&rest);
		uint64_t type;
		if (word.len == 0)
			return;
		if (text_number(word, PAYLOAD_TYPE_MAX, &type) != OK)
			continue;
		if (media->format_count == SDP_MAX_FORMATS) {
			r->dropped++;
			continue;
		}
		media->formats[media->format_count++] =
		        (struct sdp_format){ .payload_type = (uint8_t)type, .channels = 1 };
	}
}

/* m=<media> <port>[/<number of ports>] <proto> <fmt> ... */
static void read_media(struct reading *r, struct text value)
{
	r->in_dropped = r->sdp->media_count == SDP_MAX_MEDIA;
	if (r->in_dropped) {
		r->dropped++;
		return;
	}
	r->media = &r->sdp->media[r->sdp->media_count++];
	memset(r->media, 0, offsetof(struct sdp_media, formats));
	r->media->kind = kind_of(text_cut_word(&value));
	struct text ports = text_cut_word(&value);
	const uint16_t port = (uint16_t)number_or_zero(text_cut(&ports, '/'), UINT16_MAX);
	r->media->proto = text_cut_word(&value);
	if (r->media->proto.len > 0)
		r->media->port = port;
	judge_proto(r->media);
	if (r->media->is_rtp)
		read_formats(r, value);
}

/* <nettype> <addrtype> <address>[/<ttl>[/<count>]]; false for a name. */
static bool read_address(struct text value, struct address *out)
{
	text_cut_word(&value);
	text_cut_word(&value);
	struct text word = text_cut_word(&value);
	return address_parse(text_cut(&word, '/'), out) == OK;
}

static size_t index_of(const struct reading *r)
{
	return (size_t)(r->media - r->sdp->media);
}

/* Of several c= lines (multicast layers) the first counts. */
static void read_connection(struct reading *r, struct text value)
{
	if (!r->media) {
		if (!r->sdp->has_connection)
			r->sdp->has_connection = read_address(value, &r->sdp->connection);
		return;
	}
	if (r->connection_said[index_of(r)])
		return;
	r->connection_said[index_of(r)] = true;
	r->media->has_connection = read_address(value, &r->media->connection);
}

/* o=<username> <sess-id> <sess-version> ... */
static void read_origin(struct sdp *sdp, struct text value)
{
	sdp->origin = value;
	text_cut_word(&value);
	sdp->session_id = number_or_zero(text_cut_word(&value), UINT64_MAX);
	sdp->session_version = number_or_zero(text_cut_word(&value), UINT64_MAX);
}

/* The format that "<payload type> ..." is about; *rest becomes what follows. */
static struct sdp_format *cut_format(struct sdp_media *media, struct text *rest)
{
	uint64_t type;
	if (text_number(text_cut_word(rest), PAYLOAD_TYPE_MAX, &type) != OK)
		return NULL;
	for (uint8_t i = 0; i < media->format_count; i++)
		if (media->formats[i].payload_type == type)
			return &media->formats[i];
	return NULL;
}

/* a=rtpmap:<payload type> <encoding>/<clock rate>[/<channels>]; the first one counts. */
static void read_rtpmap(struct sdp_media *media, struct text value)
{
	struct sdp_format *format = cut_format(media, &value);
	if (!format || format->mapped)
		return;
	struct text map = text_cut_word(&value);
	format->encoding = text_cut(&map, '/');
	format->mapped = format->encoding.len > 0;
	format->clock_hz = (uint32_t)number_or_zero(text_cut(&map, '/'), CLOCK_MAX_HZ);
	const uint8_t channels = (uint8_t)number_or_zero(text_cut(&map, '/'), UINT8_MAX);
	format->channels = channels ? channels : 1;
}

static void read_fmtp(struct sdp_media *media, struct text value)
{
	struct sdp_format *format = cut_format(media, &value);
	if (format && format->fmtp.len == 0)
		format->fmtp = text_trim(value);
}

/* a=rtcp:<port> [<nettype> <addrtype> <address>]  RFC 3605 */
static void read_rtcp(struct sdp_media *media, struct text value)
{
	media->rtcp_port = (uint16_t)number_or_zero(text_cut_word(&value), UINT16_MAX);
	struct address address;
	if (read_address(value, &address))
		media->rtcp_address = address;
}

static bool direction_of(struct text name, enum sdp_direction *out)
{
	if (text_equal_nocase(name, TEXT("sendrecv")))
		*out = SDP_SENDRECV;
	else if (text_equal_nocase(name, TEXT("sendonly")))
		*out = SDP_SENDONLY;
	else if (text_equal_nocase(name, TEXT("recvonly")))
		*out = SDP_RECVONLY;
	else if (text_equal_nocase(name, TEXT("inactive")))
		*out = SDP_INACTIVE;
	else
		return false;
	return true;
}

static void read_session_attribute(struct reading *r, struct text value)
{
	direction_of(value, &r->session_direction);
	if (text_starts_nocase(value, TEXT("fingerprint:")))
		r->session_fingerprint = true;
	else if (text_starts_nocase(value, TEXT("ice-ufrag:")))
		r->session_ice = true;
	else if (text_starts_nocase(value, TEXT("rtpmap:")) ||
	         text_starts_nocase(value, TEXT("fmtp:")))
		r->has_session_maps = true;
}

static void read_map(struct sdp_media *media, struct text value)
{
	if (take_prefix(&value, TEXT("rtpmap:")))
		read_rtpmap(media, value);
	else if (take_prefix(&value, TEXT("fmtp:")))
		read_fmtp(media, value);
}

static void read_media_attribute(struct reading *r, struct text value)
{
	struct sdp_media *media = r->media;
	switch (value.len ? ascii_lower(value.at[0]) : '\0') {
	case 'r':
		if (take_prefix(&value, TEXT("rtcp:")))
			read_rtcp(media, value);
		else if (text_equal_nocase(value, TEXT("rtcp-mux")))
			media->rtcp_mux = true;
		else
			read_map(media, value);
		break;
	case 'f':
		if (text_starts_nocase(value, TEXT("fingerprint:")))
			media->has_fingerprint = true;
		else
			read_map(media, value);
		break;
	case 'c':
		media->has_crypto |= text_starts_nocase(value, TEXT("crypto:"));
		media->has_ice |= text_starts_nocase(value, TEXT("candidate:"));
		break;
	case 'p':
		if (take_prefix(&value, TEXT("ptime:")))
			media->ptime_ms =
			        (uint16_t)number_or_zero(text_trim(value), PTIME_MAX_MS);
		break;
	default:
		media->has_ice |= text_starts_nocase(value, TEXT("ice-ufrag:"));
		break;
	}
	if (direction_of(value, &media->direction))
		r->direction_said[index_of(r)] = true;
}

/* `value` without "a="; blanks behind it are common. */
static void read_attribute(struct reading *r, struct text value)
{
	if (r->media)
		read_media_attribute(r, text_trim(value));
	else
		read_session_attribute(r, text_trim(value));
}

static void read_line(struct reading *r, char type, struct text value)
{
	if (r->in_dropped && type != 'm')
		return;
	switch (type) {
	case 'm':
		read_media(r, value);
		break;
	case 'c':
		read_connection(r, value);
		break;
	case 'a':
		read_attribute(r, value);
		break;
	case 'o':
		if (!r->media && r->sdp->origin.len == 0)
			read_origin(r->sdp, value);
		break;
	default:
		break;
	}
}

/* <type>=<value>, with nothing between them */
static bool cut_line(struct text *rest, char *type, struct text *value)
{
	const struct text line = text_cut_line(rest);
	if (line.len < 2 || line.at[1] != '=' || line.at[0] < 'a' || line.at[0] > 'z')
		return false;
	*type = line.at[0];
	*value = text_skip(line, 2);
	return true;
}

/* Maps before the first m= are nobody's by RFC 8866; some devices mean all media. */
static void apply_session_maps(struct sdp *sdp, struct text body)
{
	char type = '\0';
	struct text value;
	while (body.len > 0 && type != 'm')
		if (cut_line(&body, &type, &value) && type == 'a')
			for (uint8_t i = 0; i < sdp->media_count; i++)
				read_map(&sdp->media[i], text_trim(value));
}

/* What the media section does not say, the session section does, else the standard. */
static void inherit(struct reading *r)
{
	struct sdp *sdp = r->sdp;
	for (uint8_t i = 0; i < sdp->media_count; i++) {
		struct sdp_media *media = &sdp->media[i];
		if (!r->connection_said[i]) {
			media->connection = sdp->connection;
			media->has_connection = sdp->has_connection;
		}
		if (!r->direction_said[i])
			media->direction = r->session_direction;
		media->has_fingerprint |= r->session_fingerprint;
		media->has_ice |= r->session_ice;
		if (media->port == 0)
			media->rtcp_port = 0;
		else if (media->rtcp_port == 0)
			media->rtcp_port = (uint16_t)(media->port + 1);
		static const struct address none;
		if (address_equal(&media->rtcp_address, &none))
			media->rtcp_address = media->connection;
	}
}

enum status sdp_parse(struct text body, struct sdp *out, unsigned int *dropped)
{
	struct reading r = { .sdp = out, .session_direction = SDP_SENDRECV };
	struct text rest = body;
	bool any = false;
	*dropped = 0;
	if (body.len > SDP_MAX_BYTES)
		return ERR_TOO_LONG;
	memset(out, 0, offsetof(struct sdp, media));
	while (rest.len > 0) {
		char type;
		struct text value;
		if (!cut_line(&rest, &type, &value))
			continue;
		any = true;
		read_line(&r, type, value);
	}
	if (!any)
		return ERR_MALFORMED;
	if (r.has_session_maps)
		apply_session_maps(out, body);
	inherit(&r);
	*dropped = r.dropped;
	return OK;
}

struct text sdp_fmtp_param(struct text fmtp, struct text name)
{
	while (fmtp.len > 0) {
		struct text value = text_cut(&fmtp, ';');
		const struct text this_name = text_trim(text_cut(&value, '='));
		if (text_equal_nocase(this_name, name))
			return text_trim(value);
	}
	return (struct text){ 0 };
}
