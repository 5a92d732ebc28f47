#include "probe/decode.h"

#include <stdlib.h>

#include "probe/decode_plain.h"
#include "probe/decode_walk.h"
#include "probe/fragments.h"

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
	*out = (struct decoded){
		.packet = { .at = frame->at, .frame = frame->number, .point = frame->point }
	};
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

struct pressure decoder_pressure(const struct decoder *decoder)
{
	return fragments_pressure(decoder->fragments);
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
