/*
 * glance.h - what a datagram shows of itself: its header, should it be RTP, and the hash of
 * the flow that it then belongs to.
 *
 * Asked of the packet and of a key alone, so that whoever has just had its bytes in the
 * processor's cache answers, in another thread, too.  In a header because it runs for each
 * of them.
 */
#ifndef EARSHOT_TRACK_GLANCE_H
#define EARSHOT_TRACK_GLANCE_H

#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/model/packet.h"
#include "analyzer/wire/rtp.h"

struct glance_key {
	struct hash_words_key words;
	uint64_t factor; /* odd; of the payloads that are samples */
};

static inline struct glance_key glance_key_of(const struct hash_key *key)
{
	const struct hash_words_key words = hash_words_key(key);
	return (struct glance_key){ words, words.factors[0] | 1 };
}

/* A stream is known by its flow and the point where it was seen.  Never 0. */
EVERY_PACKET static uint64_t glance_flow_hash(const struct glance_key *key,
                                              const struct endpoint *src,
                                              const struct endpoint *dst, uint32_t ssrc,
                                              uint8_t point)
{
	uint64_t words[HASH_WORDS];
	memcpy(words, &src->address, sizeof src->address);
	memcpy(words + 2, &dst->address, sizeof dst->address);
	words[4] = (uint64_t)ssrc << 32 | (uint32_t)src->port << 16 | dst->port;
	return hash_words(&key->words, words) ^ point * UINT64_C(0x9e3779b97f4a7c15);
}

enum {
	SAMPLE_EVERY = 64, /* sequence number; a power of two */
	SAMPLE_BITS = 6,   /* one in 64 by its payload; none that begins with eight zeros */
	SAMPLE_BITS_YOUNG = 5, /* of young streams twice as many: calls may be short */
};

struct glance_sample {
	enum packet_sample kind;
	uint32_t digest; /* of payload, or of what a relay keeps beside the number */
};

/* glance.c: of a packet that may be one of the samples of media_match.h. */
struct glance_sample glance_take_sample(const struct glance_key *key, struct span payload,
                                        uint32_t ssrc, uint32_t timestamp,
                                        uint16_t sequence);

static inline bool glance_chooses(const struct glance_key *key, unsigned int bits,
                                  struct span payload)
{
	return span_first_u64(payload) * key->factor - 1 < UINT64_MAX >> bits;
}

/* What it is as a sample. */
static inline struct glance_sample glance_sample(const struct glance_key *key,
                                                 struct span payload, uint32_t ssrc,
                                                 uint32_t timestamp, uint16_t sequence)
{
	if (__builtin_expect(!glance_chooses(key, SAMPLE_BITS_YOUNG, payload) &&
	                             sequence % SAMPLE_EVERY != 0,
	                     1))
		return (struct glance_sample){ SAMPLE_NONE, 0 };
	return glance_take_sample(key, payload, ssrc, timestamp, sequence);
}

/* RTP by its fixed header, and not RTCP on the same port (RFC 5761 section 4). */
static inline bool glance_shows_rtp(struct span payload)
{
	const uint64_t first = span_first_u64(payload);
	const bool is_rtcp = ((first >> 8 & 0xff) - 192) < 32;
	return payload.len >= RTP_HEADER_BYTES && (first & 0xc0) >> 6 == RTP_VERSION &&
	       !is_rtcp;
}

/* Fills in *out, of a datagram whose payload shows RTP and that is whole but for that. */
EVERY_PACKET static void glance_at_rtp(const struct glance_key *key,
                                       const struct packet *packet,
                                       struct packet_glance *out)
{
	struct reader rest = reader_of(packet->payload);
	struct reader r = reader_of(take(&rest, RTP_HEADER_BYTES));
	const uint8_t first = read_u8(&r);
	const uint8_t second = read_u8(&r);
	const uint16_t sequence = read_u16(&r);
	const uint32_t timestamp = read_u32(&r);
	const uint32_t ssrc = read_u32(&r);
	const bool plain = !(first & 0x3f);
	*out = (struct packet_glance){
		.hash = glance_flow_hash(key, &packet->src, &packet->dst, ssrc,
		                         packet->point),
		.timestamp = timestamp,
		.ssrc = ssrc,
		.sequence = sequence,
		.type_octet = second,
		.shows = plain ? SHOWS_PLAIN_RTP : SHOWS_RTP,
	};
	if (__builtin_expect(!plain, 0))
		return;
	const struct glance_sample sample =
	        glance_sample(key, rest.rest, ssrc, timestamp, sequence);
	out->sample = sample.kind;
	out->sample_digest = sample.digest;
}

/* Fills in *out, of any packet that is whole but for that. */
static inline void glance_at(const struct glance_key *key, const struct packet *packet,
                             struct packet_glance *out)
{
	if (packet->transport == TRANSPORT_UDP && glance_shows_rtp(packet->payload))
		glance_at_rtp(key, packet, out);
	else
		*out = (struct packet_glance){ .shows = SHOWS_NO_RTP };
}

#endif
