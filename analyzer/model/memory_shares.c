#include "analyzer/model/memory_shares.h"

enum { ALL = 1000, LEAST = 64 };

/* Of `per_mille` of the whole each entry takes `bytes`; or it is bytes itself: 1. */
#define SHARE(member, per_mille, bytes)                                                    \
	{                                                                                  \
		offsetof(struct limits, member), per_mille, bytes                          \
	}

static const struct share {
	size_t offset;
	uint32_t per_mille, bytes;
} shares[] = {
	/* A call of one leg: its Call-ID, leg, media leg, what it expects, what joins it to
	 * others, and as much as KPIs keep of it until its record is out; texts apart. */
	SHARE(calls, 220, 3400),
	SHARE(call_texts, 45, 1),
	/* With two addresses, RTCP, and its part of probations and held headers. */
	SHARE(streams, 240, 2560),
	SHARE(timelines, 75, 1),
	SHARE(registrations, 20, 700),
	SHARE(bindings, 45, 440),
	SHARE(asks, 20, 330),
	SHARE(peers, 25, 480),
	SHARE(routes, 10, 280),
	SHARE(watched, 20, 1200),
	SHARE(accounts, 10, 88),
	SHARE(hosts, 5, 56),
	SHARE(kpi_cells, 15, 900),
	SHARE(kpi_pairs, 12, 192),
	SHARE(sightings, 11, 44),
	SHARE(tls_peers, 6, 200),
	SHARE(fragment_bytes, 36, 1),
	SHARE(tcp_bytes, 60, 1),
	SHARE(queue_bytes, 125, 1),
};

static size_t *member(struct limits *limits, size_t offset)
{
	return (size_t *)((char *)limits + offset);
}

static size_t own_of(const struct limits *own, size_t offset)
{
	return own ? *(const size_t *)((const char *)own + offset) : 0;
}

static size_t derived(uint64_t memory_cap, const struct share *share)
{
	const uint64_t entries = memory_cap / ALL * share->per_mille / share->bytes;
	if (share->bytes == 1)
		return (size_t)entries;
	return entries < LEAST                 ? LEAST
	       : entries > MEMORY_ENTRIES_MOST ? MEMORY_ENTRIES_MOST
	                                       : (size_t)entries;
}

/* Caps that follow another: what belongs to a call or stream is as much as they need. */
static void follow(const struct limits *own, struct limits *limits)
{
	const struct {
		size_t offset, value;
	} followers[] = {
		{ offsetof(struct limits, legs), limits->calls + limits->calls / 4 },
		{ offsetof(struct limits, expectations), limits->calls * 3 },
		{ offsetof(struct limits, join_keys), limits->calls * 3 },
		{ offsetof(struct limits, matches), limits->calls / 2 },
		{ offsetof(struct limits, probations), limits->streams / 4 },
		{ offsetof(struct limits, held_headers), limits->streams / 16 + 1 },
		{ offsetof(struct limits, audio), limits->streams / 10 + 1 },
	};
	for (size_t i = 0; i < sizeof followers / sizeof followers[0]; i++) {
		const size_t given = own_of(own, followers[i].offset);
		*member(limits, followers[i].offset) = given ? given : followers[i].value;
	}
}

void memory_shares(uint64_t memory_cap, const struct limits *own, struct limits *limits)
{
	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
		const size_t given = own_of(own, shares[i].offset);
		*member(limits, shares[i].offset) =
		        given ? given : derived(memory_cap, &shares[i]);
	}
	follow(own, limits);
}
