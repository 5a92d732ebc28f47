#include "analyzer/track/trunk_rules.h"

#include <math.h>

static bool is_marked(const struct trunk *trunk, double dscp)
{
	return trunk->dscp_signalling == TRUNK_DSCP_ANY || isnan(dscp) ||
	       trunk->dscp_signalling == (unsigned int)dscp;
}

uint32_t trunk_rules_leg(const struct trunk *trunk, const struct leg_record *leg)
{
	uint32_t violations = 0;
	if (!trunk)
		return 0;
	if (trunk->transports && !(trunk->transports & UINT32_C(1) << leg->transport))
		violations |= LEG_VIOLATES_TRANSPORT;
	if (!is_marked(trunk, leg->dscp_src) || !is_marked(trunk, leg->dscp_dst))
		violations |= LEG_VIOLATES_DSCP;
	return violations;
}

static bool expects_codec(const struct trunk *trunk, enum codec codec)
{
	for (uint32_t i = 0; i < trunk->codec_count; i++)
		if (trunk->codecs[i] == codec)
			return true;
	return trunk->codec_count == 0 || codec == CODEC_UNKNOWN;
}

/* That RTP is in clear is known where an offer and its answer say so. */
static bool wrong_security(const struct trunk *trunk, const struct stream_record *stream)
{
	if (trunk->media_security == MEDIA_SECURITY_SRTP)
		return !stream->encrypted && stream->leg != 0;
	return trunk->media_security == MEDIA_SECURITY_RTP && stream->encrypted;
}

uint32_t trunk_rules_stream(const struct trunk *trunk, const struct stream_record *stream)
{
	uint32_t violations = 0;
	if (!trunk)
		return 0;
	if (!expects_codec(trunk, stream->codec))
		violations |= STREAM_VIOLATES_CODEC;
	if (trunk->dscp != TRUNK_DSCP_ANY && trunk->dscp != stream->dscp)
		violations |= STREAM_VIOLATES_DSCP;
	if (wrong_security(trunk, stream))
		violations |= STREAM_VIOLATES_SECURITY;
	return violations;
}
