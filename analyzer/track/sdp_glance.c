#include "analyzer/track/sdp_glance.h"

/* --- formats -------------------------------------------------------------------------- */

/* Bit rates of AMR modes 0..7 (RFC 4867, 3GPP TS 26.101) and AMR-WB modes 0..8 (26.201). */
static const uint32_t amr_bps[] = { 4750, 5150, 5900, 6700, 7400, 7950, 10200, 12200 };
static const uint32_t amr_wb_bps[] = { 6600,  8850,  12650, 14250, 15850,
	                               18250, 19850, 23050, 23850 };

/* "mode-set=7" of AMR; of G722.1 its "bitrate=32000" (RFC 5577). */
static uint32_t single_rate_bps(enum codec codec, struct text fmtp)
{
	uint64_t mode, rate;
	if (codec == CODEC_G7221 &&
	    text_number(sdp_fmtp_param(fmtp, TEXT("bitrate")), UINT32_MAX, &rate) == OK)
		return (uint32_t)rate;
	if (codec != CODEC_AMR && codec != CODEC_AMR_WB)
		return 0;
	const struct text set = sdp_fmtp_param(fmtp, TEXT("mode-set"));
	if (text_number(text_trim(set), ARRAY_LEN(amr_wb_bps) - 1, &mode) != OK)
		return 0;
	if (codec == CODEC_AMR_WB)
		return amr_wb_bps[mode];
	return mode < ARRAY_LEN(amr_bps) ? amr_bps[mode] : 0;
}

static bool param_is(struct text fmtp, struct text name, struct text value)
{
	return text_equal_nocase(sdp_fmtp_param(fmtp, name), value);
}

/* 3GPP TS 26.445 A.3.1: of a range the sender uses the most. */
static enum audio_bandwidth evs_bandwidth(struct text fmtp)
{
	if (param_is(fmtp, TEXT("bw"), TEXT("nb")))
		return BANDWIDTH_NB;
	return param_is(fmtp, TEXT("bw"), TEXT("wb")) ||
	                       param_is(fmtp, TEXT("bw"), TEXT("nb-wb"))
	               ? BANDWIDTH_WB
	               : BANDWIDTH_UNKNOWN;
}

static void read_parameters(struct text fmtp, struct payload_meaning *meaning)
{
	if (fmtp.len == 0)
		return;
	meaning->bit_rate_bps = single_rate_bps(meaning->codec, fmtp);
	if (meaning->codec == CODEC_EVS)
		meaning->bandwidth = evs_bandwidth(fmtp);
	meaning->no_vad = param_is(fmtp, TEXT("annexb"), TEXT("no"));
	meaning->octet_aligned = param_is(fmtp, TEXT("octet-align"), TEXT("1"));
	meaning->header_full_only = param_is(fmtp, TEXT("hf-only"), TEXT("1"));
}

static struct payload_meaning meaning_of(const struct sdp_format *format)
{
	struct payload_meaning meaning = { .basis = CLOCK_SDP };
	if (format->mapped) {
		meaning.codec = codec_by_name(format->encoding, format->clock_hz);
		meaning.clock_hz = format->clock_hz;
	} else {
		meaning.codec = codec_by_payload_type(format->payload_type);
		meaning.clock_hz = codec_payload_clock_hz(format->payload_type);
	}
	/* RFC 3551 4.5.2: G.722 counts at 8000, whatever a device believes. */
	if (meaning.codec == CODEC_G722)
		meaning.clock_hz = codec_info(CODEC_G722)->clock_hz;
	read_parameters(format->fmtp, &meaning);
	return meaning;
}

static struct sdp_glance_format format_of(const struct sdp_format *format)
{
	return (struct sdp_glance_format){
		.payload_type = format->payload_type,
		.is_event = text_equal_nocase(format->encoding, TEXT("telephone-event")),
		.meaning = meaning_of(format),
	};
}

/* --- lines ---------------------------------------------------------------------------- */

/* RTCP elsewhere than on the port of RTP or on the next one (RFC 3605). */
static struct endpoint odd_rtcp(const struct sdp_media *media)
{
	struct endpoint rtcp = { media->rtcp_address, media->rtcp_port };
	const bool same = rtcp.port == media->port || rtcp.port == media->port + 1;
	if (same && address_equal(&rtcp.address, &media->connection))
		rtcp = (struct endpoint){ 0 };
	return rtcp;
}

static struct sdp_glance_line line_of(const struct sdp_media *media)
{
	return (struct sdp_glance_line){
		.connection = media->connection,
		.rtcp = odd_rtcp(media),
		.port = media->port,
		.ptime_ms = media->ptime_ms,
		.format_count = media->format_count,
		.kind = media->kind,
		.direction = media->direction,
		.has_connection = media->has_connection,
		.is_rtp = media->is_rtp,
		.is_secure = media->is_secure,
		.has_crypto = media->has_crypto,
		.has_fingerprint = media->has_fingerprint,
		.has_ice = media->has_ice,
	};
}

/* The address of o=: the last of its six words (RFC 8866 5.2). */
static struct text origin_address(struct text origin)
{
	struct text word = { 0 };
	for (unsigned int i = 0; i < 6; i++)
		word = text_cut_word(&origin);
	return word;
}

void sdp_glance_of(const struct sdp *sdp, const struct sdp_glance_room *room,
                   struct sdp_glance *out)
{
	size_t formats = 0;
	*out = (struct sdp_glance){ .status = ERR_FULL };
	if (sdp->media_count > room->line_room)
		return;
	for (uint8_t i = 0; i < sdp->media_count; i++) {
		const struct sdp_media *media = &sdp->media[i];
		if (media->format_count > room->format_room - formats)
			return;
		room->lines[i] = line_of(media);
		room->lines[i].first_format = (uint16_t)formats;
		for (uint8_t k = 0; k < media->format_count; k++)
			room->formats[formats++] = format_of(&media->formats[k]);
	}
	if (address_parse(origin_address(sdp->origin), &out->origin) != OK)
		out->origin = (struct address){ 0 };
	out->line_count = sdp->media_count;
	out->lines = room->lines;
	out->formats = room->formats;
	out->status = OK;
}

void sdp_glance_at(const struct sip_message *message, struct sdp *scratch,
                   const struct sdp_glance_room *room, struct sdp_glance *out)
{
	struct text body;
	unsigned int dropped = 0;
	out->status = message->body.len ? sip_find_sdp(message, &body) : ERR_NOT_FOUND;
	if (out->status != OK)
		return;
	out->status = sdp_parse(body, scratch, &dropped);
	if (out->status != OK)
		return;
	sdp_glance_of(scratch, room, out);
	out->dropped = dropped;
}
