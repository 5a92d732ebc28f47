/* fuzz_hep.c - one datagram of HEP3, and its payload as a report. */
#include "analyzer/wire/hep.h"
#include "analyzer/wire/hep_report.h"

#include <assert.h>

static bool is_inside(const void *at, size_t len, struct span outer)
{
	const uint8_t *inner = at;
	return len == 0 || (inner >= outer.at && inner + len <= outer.at + outer.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct span datagram = { data, len };
	struct hep hep;
	struct hep_rtcp rtcp;
	struct hep_rtp rtp;
	size_t length;
	if (hep_length(datagram, &length) == OK)
		assert(length >= HEP_HEAD && length <= HEP_MAX && hep_is_one(datagram));
	if (hep_decode(datagram, &hep) == OK) {
		assert(hep.payload.len > 0 &&
		       is_inside(hep.payload.at, hep.payload.len, datagram));
		assert(is_inside(hep.auth.at, hep.auth.len, datagram));
		assert(is_inside(hep.correlation.at, hep.correlation.len, datagram));
		assert(hep.at == NSTIME_NONE || hep.at >= 0);
	}
	if (hep_rtcp_parse(text_of(datagram), &rtcp) == OK)
		assert(rtcp.count <= HEP_BLOCKS);
	if (hep_rtp_parse(text_of(datagram), &rtp) == OK)
		assert(is_inside(rtp.call_id.at, rtp.call_id.len, datagram) &&
		       is_inside(rtp.codec.at, rtp.codec.len, datagram));
	return 0;
}
