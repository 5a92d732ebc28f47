/* fuzz_sdp.c - one session description. */
#include "analyzer/wire/sdp.h"

#include <assert.h>

static struct sdp sdp; /* too large for a stack */

static void expect_inside(struct text inner, struct text outer)
{
	assert(inner.len == 0 || (inner.at >= outer.at && inner.len <= outer.len &&
	                          (size_t)(inner.at - outer.at) <= outer.len - inner.len));
}

static void expect_format(const struct sdp_format *f, struct text body)
{
	assert(f->payload_type <= 127 && f->clock_hz <= 384000 && f->channels >= 1);
	assert(f->mapped == (f->encoding.len > 0));
	expect_inside(f->encoding, body);
	expect_inside(f->fmtp, body);
	expect_inside(sdp_fmtp_param(f->fmtp, TEXT("mode")), f->fmtp);
}

static void expect_media(const struct sdp_media *media, struct text body)
{
	expect_inside(media->proto, body);
	assert(media->kind <= SDP_TEXT && media->direction <= SDP_INACTIVE);
	assert(media->format_count <= SDP_MAX_FORMATS);
	assert(media->is_rtp || (media->format_count == 0 && !media->is_secure));
	assert(media->port > 0 || media->rtcp_port == 0);
	for (uint8_t i = 0; i < media->format_count; i++)
		expect_format(&media->formats[i], body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct text body = text_of((struct span){ data, len });
	unsigned int dropped = 0;
	const enum status status = sdp_parse(body, &sdp, &dropped);
	assert((status == ERR_TOO_LONG) == (len > SDP_MAX_BYTES));
	if (status != OK)
		return 0;
	expect_inside(sdp.origin, body);
	assert(sdp.media_count <= SDP_MAX_MEDIA);
	for (uint8_t i = 0; i < sdp.media_count; i++)
		expect_media(&sdp.media[i], body);
	return 0;
}
