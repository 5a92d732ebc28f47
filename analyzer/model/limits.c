#include "analyzer/model/limits.h"

#include <string.h>

#include "analyzer/model/memory_shares.h"

struct settings settings_default(void)
{
	struct settings settings = {
		.limits = {
			.timeline_bytes = 512 << 10, /* a day and more of 5 s */
			.failovers = 256,       /* peers that fail at once are few */
			.kpi_peers = 256,       /* rows of tables, some for each minute */
			.reports = 10000000,    /* some 4 GiB of database */
			/* RFC 3261 17.1.1.2: timer B is 64*T1 = 32 s; a retransmission may have
			 * been the first that we saw, and answers take their time. */
			.invite_no_response = 36 * NS_PER_SEC,
			/* RFC 3261 16.6 step 11: timer C is over 3 minutes. */
			.invite_proceeding = 190 * NS_PER_SEC,
			.leg_linger = 2 * NS_PER_SEC, /* docs/figures.md */
			/* Longer than the session timers in use (RFC 4028: 30 min). */
			.leg_idle = 4 * (3600 * NS_PER_SEC),
			.stream_idle = 60 * NS_PER_SEC, /* docs/figures.md */
			.probation_idle = 10 * NS_PER_SEC,
			.register_timeout = 32 * NS_PER_SEC, /* RFC 3261 17.1.2.2 */
		},
		.memory_cap = MEMORY_CAP_DEFAULT,
		.key = { UINT64_C(0x4561727368306f74), UINT64_C(0x6c697374656e2121) },
		.redact = true,
		.interval = 5 * NS_PER_SEC,
		/* VoIPmonitor's f1, f2 and about its adapt, so that people can compare. */
		.playout = { { 50, 200 }, 20, 500, 60 },
		.sensor = "local",
		/* 5060 by IANA; the others are what proxies and PBXs ship with. */
		.sip_ports = { 5060, 5061, 5062, 5064, 5065, 5070, 5080, 5081, 5082, 5090 },
		/* What proxies and B2BUAs are usually told to write the other leg's Call-ID
		 * into. */
		.correlation_headers = { "X-CID", "X-Call-ID" },
		.correlation_header_count = 2,
	};
	memory_shares(settings.memory_cap, NULL, &settings.limits);
	memcpy(settings.thresholds, threshold_defaults, sizeof settings.thresholds);
	return settings;
}
