#include "analyzer/model/limits.h"

#include <string.h>

struct settings settings_default(void)
{
	struct settings settings = {
		.limits = {
			/* Room for a carrier's busy hour on one probe, not yet shares of one
			 * memory cap: all tables full are about 2 GiB. */
			.calls = 400000,
			.legs = 500000,
			.streams = 1000000,
			.expectations = 2000000,
			.probations = 65536,
			.hosts = 100000,
			.held_headers = 4096,
			.timeline_bytes = 512 << 10, /* a day and more of 5 s */
			.audio = 100000, /* about 60 MiB */
			.registrations = 200000,
			.bindings = 200000, /* about 100 MiB */
			.asks = 200000,
			.peers = 50000, /* phones that are called are among them */
			.routes = 100000,
			.failovers = 256, /* peers that fail at once are few */
			.join_keys = 800000,
			.sightings = 131072, /* 4 MiB: 30,000 streams of 50 packets/s */
			.matches = 200000,
			.kpi_cells = 32768, /* an hour of 500 buckets a minute */
			.kpi_pairs = 100000, /* a minute and more of 1000 calls/s */
			.kpi_peers = 256, /* rows of tables, some for each minute */
			.watched = 50000, /* about 20 MiB */
			.accounts = 200000, /* about 13 MiB */
			.reports = 10000000, /* some 4 GiB of database */
			/* RFC 3261 17.1.1.2: timer B is 64*T1 = 32 s; a retransmission may have
			 * been the first that we saw, and answers take their time. */
			.invite_no_response = 36 * NS_PER_SEC,
			/* RFC 3261 16.6 step 11: timer C is over 3 minutes. */
			.invite_proceeding = 190 * NS_PER_SEC,
			.leg_linger = 2 * NS_PER_SEC, /* interfaces.md, stream */
			/* Longer than the session timers in use (RFC 4028: 30 min). */
			.leg_idle = 4 * (3600 * NS_PER_SEC),
			.stream_idle = 60 * NS_PER_SEC, /* interfaces.md, stream */
			.probation_idle = 10 * NS_PER_SEC,
			.register_timeout = 32 * NS_PER_SEC, /* RFC 3261 17.1.2.2 */
		},
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
	memcpy(settings.thresholds, threshold_defaults, sizeof settings.thresholds);
	return settings;
}
