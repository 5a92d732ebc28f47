/* fuzz_rtcp_xr.c - the body of one RTCP extended report, block by block. */
#include "analyzer/wire/rtcp_xr.h"

#include <assert.h>
#include <math.h>

static bool is_within(double value, double least, double most)
{
	return isnan(value) || (value >= least && value <= most);
}

static bool is_flagged(int64_t value)
{
	return value >= -1 && value <= UINT32_MAX;
}

static void check_voip(const struct rtcp_xr_voip *voip)
{
	assert(is_within(voip->round_trip_ms, 0, 65534));
	assert(is_within(voip->buffer_abs_max_ms, 0, 65534));
	assert(is_within(voip->signal_dbm0, -128, 126));
	assert(is_within(voip->r_factor, 0, 100));
	assert(is_within(voip->mos_lq, 1, 5) && is_within(voip->mos_cq, 1, 5));
	assert(voip->loss_pct >= 0 && voip->loss_pct < 100);
	assert(voip->buffer_rate <= 15);
}

static void check_statistics(const struct rtcp_xr_statistics *statistics)
{
	assert(is_flagged(statistics->lost) && is_flagged(statistics->duplicates));
	assert(is_flagged(statistics->min_jitter_ticks));
	assert((statistics->min_ttl == -1) == (statistics->ttl_kind == RTCP_XR_TTL_NONE));
}

static void check_dlrr(struct span items)
{
	const size_t count = items.len / 12;
	size_t seen = 0;
	struct rtcp_xr_dlrr dlrr;
	while (rtcp_xr_next_dlrr(&items, &dlrr))
		seen++;
	assert(seen == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rtcp_xr_walk walk = rtcp_xr_walk_begin((struct span){ data, len });
	struct rtcp_xr_block block;
	enum status status;
	size_t left = walk.reader.rest.len;
	while ((status = rtcp_xr_next(&walk, &block)) != ERR_NOT_FOUND) {
		assert(walk.reader.rest.len < left);
		left = walk.reader.rest.len;
		if (status != OK)
			continue;
		assert(block.items.len % 4 == 0 && block.items.len < len);
		if (block.type == RTCP_XR_VOIP)
			check_voip(&block.voip);
		else if (block.type == RTCP_XR_STATISTICS)
			check_statistics(&block.statistics);
		else if (block.type == RTCP_XR_DLRR)
			check_dlrr(block.items);
	}
	return 0;
}
