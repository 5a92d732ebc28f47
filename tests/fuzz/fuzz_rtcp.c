/* fuzz_rtcp.c - one compound RTCP packet, read in clear and as SRTCP. */
#include "analyzer/wire/rtcp.h"

#include <assert.h>

static bool is_inside(struct span inner, struct span outer)
{
	return inner.len == 0 ||
	       (inner.at >= outer.at && inner.at + inner.len <= outer.at + outer.len);
}

static enum status walk_all(struct span bytes, bool encrypted)
{
	struct rtcp_walk walk = rtcp_walk_begin(bytes);
	walk.encrypted = encrypted;
	struct rtcp_part part;
	enum status status;
	size_t left = bytes.len;
	while ((status = rtcp_next(&walk, &part)) == OK) {
		assert(walk.reader.rest.len < left);
		left = walk.reader.rest.len;
		assert(is_inside(part.body, bytes));
		assert(is_inside(text_bytes(part.cname), part.body));
		assert(part.report_count <= RTCP_MAX_REPORTS &&
		       part.bye_count <= RTCP_MAX_BYE);
		for (uint8_t i = 0; i < part.report_count; i++)
			assert(part.reports[i].cumulative_lost >= -0x800000 &&
			       part.reports[i].cumulative_lost <= 0x7fffff);
	}
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct span bytes = { data, len };
	const enum status clear = walk_all(bytes, false);
	walk_all(bytes, true);
	/* What looks whole may hold counts that lie, but never ends early or changes
	 * version. */
	if (rtcp_looks_like(bytes, (uint32_t)len))
		assert(clear == ERR_NOT_FOUND || clear == ERR_MALFORMED);
	return 0;
}
