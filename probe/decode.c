#include "probe/decode_walk.h"

#include <stdlib.h>

#include "probe/fragments.h"

enum { LINK_ETHERNET = 1, PLAIN_IPV4 = 0x45, PLAIN_FRAGMENT = 0x3fff };
enum { ETHERNET_BYTES = 14, IPV4_BYTES = 20, UDP_BYTES = 8 };
enum { PLAIN_BYTES = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES };

const char *const decode_reason_names[REASON_COUNT] = {
	[REASON_NONE] = "none",
	[REASON_LINK_HEADER] = "link_header",
	[REASON_LINK_TYPE] = "link_type",
	[REASON_TAG] = "vlan_tag",
	[REASON_MPLS] = "mpls",
	[REASON_PPPOE] = "pppoe",
	[REASON_IP_HEADER] = "ip_header",
	[REASON_IP_LENGTH] = "ip_length",
	[REASON_IP_EXTENSION] = "ip_extension",
	[REASON_FRAGMENT] = "fragment",
	[REASON_UDP_HEADER] = "udp_header",
	[REASON_UDP_LENGTH] = "udp_length",
	[REASON_TCP_HEADER] = "tcp_header",
	[REASON_TUNNEL] = "tunnel",
	[REASON_TOO_DEEP] = "too_deep",
	[REASON_CUT_SHORT] = "cut_short",
	[REASON_HEP] = "hep",
	[REASON_FRAGMENTS_FULL] = "fragments_full",
	[REASON_FRAGMENT_TIMEOUT] = "fragment_timeout",
	[REASON_TCP_FULL] = "tcp_full",
	[REASON_FILTERED] = "filtered",
};

struct decoder {
	struct fragments *fragments; /* owned */
};

enum status decoder_new(size_t fragment_bytes, struct decoder **out)
{
	struct decoder *decoder = calloc(1, sizeof *decoder);
	if (!decoder)
		return ERR_NOMEM;
	const enum status status = fragments_new(fragment_bytes, &decoder->fragments);
	if (status != OK) {
		decoder_free(decoder);
		return status;
	}
	*out = decoder;
	return OK;
}

bool decode_plain(const struct frame *frame, struct packet *packet)
{
	if (frame->link_type != LINK_ETHERNET || frame->bytes.len < PLAIN_BYTES)
		return false;
	struct reader behind = reader_of(frame->bytes);
	struct reader r = { .rest = { take(&behind, PLAIN_BYTES).at, PLAIN_BYTES } };
	take(&r, 6 + 6);
	const uint16_t ether_type = read_u16(&r);
	const uint8_t version_words = read_u8(&r);
	const uint8_t tos = read_u8(&r);
	const uint16_t total = read_u16(&r);
	const uint16_t id = read_u16(&r);
	const uint16_t fragment = read_u16(&r);
	const uint8_t ttl = read_u8(&r);
	const uint8_t protocol = read_u8(&r);
	take(&r, 2);
	const struct span src = take(&r, 4);
	const struct span dst = take(&r, 4);
	const uint16_t src_port = read_u16(&r);
	const uint16_t dst_port = read_u16(&r);
	const uint16_t length = read_u16(&r);
	if (ether_type != ETHER_IPV4 || version_words != PLAIN_IPV4 ||
	    fragment & PLAIN_FRAGMENT || protocol != PROTOCOL_UDP)
		return false;
	if (total > frame->bytes.len - ETHERNET_BYTES || length < UDP_BYTES ||
	    length > total - IPV4_BYTES)
		return false;
	if (tunnel_is_port(src_port) || tunnel_is_port(dst_port))
		return false;
	packet->at = frame->at;
	walk_address_ipv4(&packet->src.address, src);
	packet->src.port = src_port;
	walk_address_ipv4(&packet->dst.address, dst);
	packet->dst.port = dst_port;
	packet->payload_len = length - UDP_BYTES;
	packet->payload = take(&behind, packet->payload_len);
	packet->ip_len = total;
	packet->frame = frame->number;
	packet->transport = TRANSPORT_UDP;
	packet->ip_id = id;
	packet->vlan[0] = packet->vlan[1] = 0;
	packet->dscp = tos >> 2;
	packet->ttl = ttl;
	packet->flags = 0;
	return true;
}

static enum step walk_step(struct walk *w, enum step step)
{
	switch (step) {
	case STEP_ETHERNET:
		return link_ethernet(w);
	case STEP_ETHER_TYPE:
		return link_ether_type(w);
	case STEP_LLC:
		return link_llc(w);
	case STEP_PPP:
		return link_ppp(w);
	case STEP_IP:
		return ip_any(w);
	case STEP_IPV4:
		return ip_v4(w);
	case STEP_IPV6:
		return ip_v6(w);
	case STEP_PROTOCOL:
		return ip_protocol(w);
	case STEP_DONE:
		break;
	}
	return STEP_DONE;
}

static void decode_layers(struct decoder *decoder, const struct frame *frame,
                          struct decoded *out)
{
	struct walk walk = {
		.fragments = decoder->fragments,
		.frame = frame,
		.out = out,
		.r = reader_of(frame->bytes),
		.missing = frame->length > frame->bytes.len
		                   ? frame->length - frame->bytes.len
		                   : 0,
	};
	*out = (struct decoded){ .packet = { .at = frame->at, .frame = frame->number } };
	for (enum step step = link_begin(&walk); step != STEP_DONE;)
		step = walk_step(&walk, step);
}

void decode_frame(struct decoder *decoder, const struct frame *frame, struct decoded *out)
{
	if (!decode_plain(frame, &out->packet)) {
		decode_layers(decoder, frame, out);
		return;
	}
	out->result = DECODED_DATAGRAM;
	out->reason = REASON_NONE;
	out->reassembled = false;
}

struct decoder_held decoder_held(const struct decoder *decoder)
{
	return fragments_held(decoder->fragments);
}

void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	fragments_free(decoder->fragments);
	free(decoder);
}
