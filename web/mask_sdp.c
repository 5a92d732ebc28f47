/* mask_sdp.c - what of a line of SDP (RFC 8866) may be seen: see mask_message.c. */
#include "web/mask_parts.h"

#include <string.h>

#include "analyzer/model/codec.h"

static const char *const media[] = { "audio", "video",       "image",
	                             "text",  "application", "message" };
static const char *const protocols[] = {
	"RTP/AVP",          "RTP/SAVP",          "RTP/AVPF", "RTP/SAVPF",
	"UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF", "udptl",    "UDPTL"
};

/* "audio 4000 RTP/AVP 0 8 101" */
static void add_media(struct mask *mask, struct text rest, struct buffer *to)
{
	for (unsigned int i = 0; rest.len > 0; i++) {
		const struct text word = text_cut_word(&rest);
		const bool known =
		        i == 0   ? mask_is_one_of(word, media, ARRAY_LEN(media))
		        : i == 2 ? mask_is_one_of(word, protocols, ARRAY_LEN(protocols))
		                 : mask_is_number(word, 5) || text_equal(word, TEXT("t38"));
		if (i > 0)
			buffer_add_char(to, ' ');
		if (known)
			buffer_add(to, word);
		else
			mask_add_hidden(mask, word, to);
	}
}

/* "IN IP4 192.0.2.1" */
static void add_connection(struct mask *mask, struct text rest, struct buffer *to)
{
	const bool v4 = text_starts(rest, TEXT("IN IP4 "));
	struct address address;
	char text[ENDPOINT_TEXT_SIZE];
	if ((v4 || text_starts(rest, TEXT("IN IP6 "))) &&
	    address_parse(text_trim(text_skip(rest, 7)), &address) == OK) {
		address = mask_address(mask, &address);
		buffer_add_string(to, address_is_ipv4(&address) ? "IN IP4 " : "IN IP6 ");
		buffer_add_string(to, address_format(&address, text));
	} else {
		mask_add_hidden(mask, rest, to);
	}
}

/* "0 PCMU/8000", "101 telephone-event/8000" */
static void add_rtpmap(struct mask *mask, struct text rest, struct buffer *to)
{
	static const char *const others[] = { "telephone-event", "CN", "red" };
	const struct text whole = rest;
	const struct text type = text_cut_word(&rest);
	rest = text_trim(rest);
	const struct text name = text_head(rest, text_find(rest, '/'));
	struct text numbers = text_skip(rest, name.len + 1);
	const struct text clock = text_cut(&numbers, '/');
	if (mask_is_number(type, 3) && mask_is_number(clock, MASK_SMALL_NUMBER) &&
	    (numbers.len == 0 || mask_is_number(numbers, 1)) &&
	    (codec_by_name(name, 0) != CODEC_UNKNOWN ||
	     mask_is_one_of(name, others, ARRAY_LEN(others))))
		buffer_add(to, whole);
	else
		mask_add_hidden(mask, whole, to);
}

/* "101 0-16", "18 annexb=no", "111 minptime=10;useinbandfec=1" */
static void add_fmtp(struct mask *mask, struct text rest, struct buffer *to)
{
	static const char *const names[] = {
		"annexa",
		"annexb",
		"mode",
		"minptime",
		"useinbandfec",
		"usedtx",
		"stereo",
		"octet-align",
		"mode-set",
		"cbr",
		"mode-change-capability",
		"max-red",
		"ptime",
		"maxptime",
		"maxplaybackrate",
		"maxaveragebitrate",
		"br",
		"bw",
		"yes",
		"no",
	};
	while (rest.len > 0) {
		size_t len = 0;
		while (len < rest.len && !strchr(" ;,=-", rest.at[len]))
			len++;
		/* octet-align and others have a hyphen within. */
		size_t longer = len;
		while (longer < rest.len && !strchr(" ;,=", rest.at[longer]))
			longer++;
		if (mask_is_one_of(text_head(rest, longer), names, ARRAY_LEN(names)))
			len = longer;
		const struct text word = text_head(rest, len);
		if (mask_is_number(word, MASK_SMALL_NUMBER) ||
		    mask_is_one_of(word, names, ARRAY_LEN(names)))
			buffer_add(to, word);
		else
			mask_add_hidden(mask, word, to);
		rest = text_skip(rest, len);
		if (rest.len > 0 && rest.at[0])
			buffer_add_char(to, rest.at[0]);
		rest = text_skip(rest, 1);
	}
}

static void add_attribute(struct mask *mask, struct text rest, struct buffer *to)
{
	static const char *const alone[] = { "sendrecv", "sendonly", "recvonly",
		                             "inactive", "rtcp-mux", "rtcp-rsize",
		                             "ice-lite" };
	static const char *const hidden[] = {
		"candidate", "crypto", "fingerprint", "ice-ufrag", "ice-pwd",
		"msid",      "ssrc",   "cname",       "mid",       "setup",
		"label",     "extmap", "rtcp-fb",     "group",     "rtcp-xr",
	};
	const bool valued = text_find(rest, ':') < rest.len;
	const struct text name = text_cut(&rest, ':');
	if (!valued && mask_is_one_of(name, alone, ARRAY_LEN(alone))) {
		buffer_add(to, name);
		return;
	}
	const bool map = valued && text_equal(name, TEXT("rtpmap"));
	const bool format = valued && text_equal(name, TEXT("fmtp"));
	const bool number =
	        (text_equal(name, TEXT("ptime")) || text_equal(name, TEXT("maxptime")) ||
	         text_equal(name, TEXT("rtcp"))) &&
	        mask_is_number(text_head(rest, text_find(rest, ' ')), 5);
	if (!map && !format && !number &&
	    !mask_is_one_of(name, hidden, ARRAY_LEN(hidden))) {
		mask_add_hidden(mask, name, to);
		return;
	}
	buffer_add(to, name);
	buffer_add_char(to, ':');
	if (map)
		add_rtpmap(mask, rest, to);
	else if (format)
		add_fmtp(mask, rest, to);
	else if (number)
		buffer_add(to, text_head(rest, text_find(rest, ' ')));
	else
		mask_add_hidden(mask, rest, to);
}

void mask_add_sdp_line(struct mask *mask, struct text line, struct buffer *to)
{
	const struct text rest = text_skip(line, 2);
	if (line.len < 2 || line.at[1] != '=' || !strchr("vosiuepcbtrzkam", line.at[0]) ||
	    !line.at[0]) {
		mask_add_hidden(mask, line, to);
		return;
	}
	buffer_add(to, text_head(line, 2));
	if (line.at[0] == 'm')
		add_media(mask, rest, to);
	else if (line.at[0] == 'c')
		add_connection(mask, rest, to);
	else if (line.at[0] == 'a')
		add_attribute(mask, rest, to);
	else if (text_equal(line, TEXT("v=0")) || text_equal(line, TEXT("s=-")) ||
	         text_equal(line, TEXT("t=0 0")))
		buffer_add(to, rest);
	else
		mask_add_hidden(mask, rest, to);
}
