/* fuzz_rtp.c - one RTP packet; the first two bytes say how much longer the wire was. */
#include "analyzer/wire/rtp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = reader_of((struct span){ data, len });
	const uint32_t uncaptured = read_u16(&r);
	const struct span bytes = r.rest;
	const uint32_t wire_len = (uint32_t)bytes.len + uncaptured;
	struct rtp rtp;
	if (rtp_decode(bytes, wire_len, &rtp) != OK)
		return 0;
	assert(rtp.payload.len <= bytes.len - RTP_HEADER_BYTES);
	assert(rtp.payload.len <= rtp.payload_len);
	assert(rtp.payload_len <= wire_len - RTP_HEADER_BYTES);
	assert(rtp.payload.len == 0 ||
	       (rtp.payload.at >= bytes.at + RTP_HEADER_BYTES &&
	        rtp.payload.at + rtp.payload.len <= bytes.at + bytes.len));
	return 0;
}
