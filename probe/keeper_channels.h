/*
 * keeper_channels.h - how many channels of each trunk are in use, as the engine tells of
 * legs that are in progress.  KPI buckets know of a leg when it is over, which is too late
 * to warn of a trunk that is full.
 */
#ifndef EARSHOT_PROBE_KEEPER_CHANNELS_H
#define EARSHOT_PROBE_KEEPER_CHANNELS_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/rules.h"

enum { CHANNEL_HISTORY = 60, CHANNEL_LEFT_MOST = 1440 };

/*
 * Minutes until `channels` are in use, if `used` (the oldest first, RULE_TICK apart) goes
 * on as it has, less what chance alone does to so many calls; CHANNEL_LEFT_MOST: that or
 * more.
 */
double channels_left_min(const uint16_t used[CHANNEL_HISTORY], uint32_t channels);

struct keeper_channels {
	const struct trunks *trunks; /* borrowed; NULL = none */
	struct pool legs;            /* in progress */
	struct map map;              /* of them, by id */
	uint32_t in_use[LIMIT_TRUNKS];
	/* What was in use at the latest ticks, in a ring, and how many there were. */
	uint16_t history[LIMIT_TRUNKS][CHANNEL_HISTORY];
	uint32_t history_count;
	nstime told_at;
};

MUST_CHECK enum status keeper_channels_init(struct keeper_channels *channels,
                                            const struct trunks *trunks);
void keeper_channels_free(struct keeper_channels *channels);

/* A leg as it stands, or over. */
void keeper_channels_leg(struct keeper_channels *channels, const struct leg_record *leg,
                         bool over);
/* Another engine knows nothing of those. */
void keeper_channels_forget(struct keeper_channels *channels);
/* Other trunks: legs are counted anew as the engine tells of them, within a minute. */
void keeper_channels_follow(struct keeper_channels *channels, const struct trunks *trunks);
/* As facts of trunks whose channels are configured, every ten seconds. */
void keeper_channels_tell(struct keeper_channels *channels, struct rules *rules, nstime at);

#endif
