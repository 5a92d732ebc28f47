/*
 * fragments.h - IP datagrams from their fragments (RFC 791, RFC 8200 section 4.5).
 *
 * Bounded: bytes in all, 64 fragments and 65,535 bytes a datagram, 30 s of packet time
 * from its first fragment (5 s under pressure); the oldest datagram makes room.  Where
 * fragments overlap, the bytes that came first count.  What contradicts itself (two ends,
 * data past the end) is dropped as a whole.
 */
#ifndef EARSHOT_PROBE_FRAGMENTS_H
#define EARSHOT_PROBE_FRAGMENTS_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "analyzer/model/pressure.h"
#include "probe/decode.h"

struct fragments;

struct fragment {
	struct address src, dst;
	uint32_t id;
	uint8_t protocol; /* of IPv6: what follows the fragment header */
	bool ipv6;
	uint8_t point;    /* of the network: fragments seen at different ones are apart */
	bool more;        /* not the last one */
	size_t offset;    /* bytes, of the first one 0 */
	size_t length;    /* bytes on the wire, at least data.len */
	struct span data; /* captured; copied */
	nstime at;
};

/* A whole datagram, without its IP header. */
struct joined {
	struct span bytes; /* up to the first hole in the capture; dies at the next call */
	size_t length;     /* on the wire */
	uint8_t protocol;  /* as the first fragment said */
};

enum fragments_result {
	FRAGMENTS_HELD,
	FRAGMENTS_WHOLE, /* *out is filled */
	FRAGMENTS_MALFORMED,
	FRAGMENTS_FULL, /* no memory, or too many fragments of one datagram */
};

MUST_CHECK enum status fragments_new(size_t byte_limit, struct fragments **out);
enum fragments_result fragments_add(struct fragments *table,
                                    const struct fragment *fragment, struct joined *out);
struct decoder_held fragments_held(const struct fragments *table);
struct pressure fragments_pressure(const struct fragments *table);
void fragments_free(struct fragments *table); /* NULL is fine */

#endif
