/*
 * limits.h - every bound and time-out of the analyzer, and what the user may set.
 */
#ifndef EARSHOT_MODEL_LIMITS_H
#define EARSHOT_MODEL_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/clock.h"
#include "analyzer/base/hash.h"
#include "analyzer/base/status.h"
#include "analyzer/model/codec.h"
#include "analyzer/model/local_time.h"
#include "analyzer/model/threshold.h"

enum {
	LIMIT_SIP_PORTS = 16,
	LIMIT_BRANCHES_PER_LEG = 16, /* To tags of one forked INVITE */
	LIMIT_EXPECTATIONS_PER_LEG = 24,
	LIMIT_REPORTS_PER_STREAM = 1000, /* by RTCP XR, kept of one stream */
	LIMIT_REPORTS_PER_CALL = 256,    /* by SIP, kept of one call */
	LIMIT_CODEC_OVERRIDES = 64,
	LIMIT_STREAMS_PER_LEG = 64, /* open; what comes beyond goes on probation first */
	LIMIT_CORRELATION_HEADERS = 16,
	HEADER_NAME = 48, /* room for one's name, its NUL included */
	LIMIT_POINTS = 8, /* of the network, at which packets are seen */
	POINT_NAME = 32,
};

/* Caps are of memory_cap (memory_shares.h), but for those of which limits.c says otherwise.
 */
struct limits {
	size_t calls; /* Call-IDs of INVITE dialogs held at once */
	size_t legs;
	size_t call_texts; /* bytes of their texts and lists */
	size_t streams;
	size_t timelines;    /* bytes of all streams' intervals */
	size_t expectations; /* announced media endpoints */
	size_t probations;   /* flows that may be RTP nobody announced */
	size_t hosts;        /* that send or receive media of legs */
	size_t held_headers; /* blocks of 64 RTP headers of streams with an unknown clock */
	size_t timeline_bytes; /* of one stream's intervals */
	size_t audio;          /* streams whose sound is looked at */
	size_t registrations;  /* REGISTER transactions in progress */
	size_t bindings;       /* contacts that are registered, or were lately */
	size_t asks;           /* transactions out of dialogs whose answer is waited for */
	size_t peers;          /* signalling addresses that are asked */
	size_t routes;         /* who asks whom, by address */
	size_t failovers;      /* that go on, or did lately */
	size_t join_keys;      /* what headers say that is the same in legs of one call */
	size_t sightings;      /* sampled RTP packets, for some seconds */
	size_t matches;        /* pairs of streams that carry the same media */
	size_t kpi_cells;      /* buckets of KPIs that wait to be given */
	size_t kpi_pairs;      /* of caller and called, to know who dials again */
	size_t kpi_peers;      /* addresses of no trunk with KPIs of their own */
	size_t watched;        /* sources, users and calls that are watched */
	size_t accounts;       /* whose usual networks are known */
	size_t reports;        /* of endpoints on quality, in a run: records, not memory */

	/* Of those who feed the analyzer, and take what it says: */
	size_t fragment_bytes; /* of IP datagrams that are not whole */
	size_t tcp_bytes;      /* of TCP connections */
	size_t tls_peers;      /* who speaks SIP over TLS with whom */
	size_t queue_bytes;    /* of records that wait for the database */

	nstime invite_no_response; /* RFC 3261 timer B with room for retransmissions */
	nstime invite_proceeding; /* unanswered after a provisional: timer C and a little */
	nstime leg_linger;        /* after its end, for late packets and retransmissions */
	nstime leg_idle;          /* an answered leg with neither SIP nor RTP */
	nstime stream_idle;       /* silence that ends a stream without a dialog */
	nstime probation_idle;
	nstime register_timeout; /* RFC 3261 timer F */
};

struct rtp_map {
	enum codec codec;
	uint32_t clock_hz; /* 0 = no entry */
	uint8_t payload_type;
};

/* The de-jitter buffers that are emulated side by side (quality.md section 6). */
struct playout_sizes {
	double fixed_ms[2];                 /* rising */
	double least_ms, most_ms, start_ms; /* of the adaptive one */
};

struct trunks;
struct number_plan;

struct settings {
	struct limits limits;
	uint64_t memory_cap;                 /* bytes; what the limits were made of */
	struct hash_key key;                 /* of the tables; random live, fixed offline */
	char sensor[64];                     /* enters every id */
	uint16_t sip_ports[LIMIT_SIP_PORTS]; /* 0 = unused entry */
	struct rtp_map
	        rtp_map[128]; /* by payload type: what the user says of dynamic types */
	nstime interval;      /* length of a slot of the timelines, whole ms */
	struct playout_sizes playout;
	struct codec_override overrides[LIMIT_CODEC_OVERRIDES];
	size_t override_count;
	/* Headers whose whole value names the call that a leg belongs to. */
	char correlation_headers[LIMIT_CORRELATION_HEADERS][HEADER_NAME];
	size_t correlation_header_count;
	char points[LIMIT_POINTS]
	           [POINT_NAME];             /* packet.point is the place + 1; "": unused */
	const struct trunks *trunks;         /* borrowed; NULL = none are configured */
	const struct number_plan *numbers;   /* borrowed; NULL = nothing is said of them */
	const struct local_time *local_time; /* borrowed; NULL = not known */
	uint32_t thresholds[THRESHOLD_COUNT];
	bool no_plc;             /* receivers of G.711 conceal nothing */
	bool audio_facts;        /* look at what streams sound like (quality/audio.h) */
	bool keep_kpis;          /* give RECORD_KPI records */
	nstime kpi_every;        /* packet time between them; 0 = at the end alone */
	bool keep_messages;      /* give RECORD_MESSAGE records */
	bool keep_message_bytes; /* with the message itself as their tail */
	bool take_up_byes; /* a BYE of a dialog of which nothing else was seen is a leg */
	bool redact;       /* records leave without secrets (wire/sip_redact.h) */
};

/* The defaults, each with its reason in limits.c. */
struct settings settings_default(void);

#endif
