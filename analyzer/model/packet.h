/*
 * packet.h - the analyzer's input: one datagram, or one SIP message out of a byte
 * stream, with what the layers below said about it.
 *
 * Everything in it is borrowed and dies when the call that received it returns.
 */
#ifndef EARSHOT_MODEL_PACKET_H
#define EARSHOT_MODEL_PACKET_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"

enum transport {
	TRANSPORT_NONE,
	TRANSPORT_UDP,
	TRANSPORT_TCP,
	TRANSPORT_WS,  /* RFC 7118 */
	TRANSPORT_TLS, /* seen encrypted only */
	TRANSPORT_WSS, /* seen encrypted only */
	TRANSPORT_SCTP,
	TRANSPORT_ICMP, /* an ICMP error: src, dst are those of the datagram it quotes */
	TRANSPORT_COUNT
};

extern const char *const transport_names[TRANSPORT_COUNT]; /* "udp", "tcp", ... */

enum packet_flag {
	PACKET_TRUNCATED = 1 << 0,   /* the capture holds less than the wire did */
	PACKET_FRAGMENTED = 1 << 1,  /* put together from IP fragments */
	PACKET_TUNNELLED = 1 << 2,   /* src and dst are those inside a tunnel */
	PACKET_UNREACHABLE = 1 << 3, /* ICMP: dst, or its port, cannot be reached */
	PACKET_ELSEWHERE = 1 << 4,   /* SIP that another point has shown already, */
	PACKET_COPY = 1 << 5,        /* and this one too: its mirror's doing */
};

struct sip_glance;

enum packet_shows {
	SHOWS_NOT_LOOKED_AT, /* the analyzer will */
	SHOWS_NO_RTP,        /* and nothing else is said of it */
	SHOWS_SIP,           /* and what it says */
	SHOWS_RTP,           /* with more than the fixed header */
	SHOWS_PLAIN_RTP,
};

/* Is the packet one of the samples of track/media_match.h, and why? */
enum packet_sample {
	SAMPLE_NONE,
	SAMPLE_BY_NUMBER,
	SAMPLE_BY_PAYLOAD,
	SAMPLE_OF_YOUNG, /* by its payload, if its stream is young */
};

/* What is seen of a packet without knowing any other: track/glance.h. */
struct packet_glance {
	uint64_t hash; /* of the flow of what may be RTP, never 0; of SIP's Call-ID */
	union {
		struct {
			uint32_t timestamp, ssrc;
		};
		const struct sip_glance *sip; /* borrowed */
	};
	uint32_t sample_digest; /* of one with nothing but the fixed header */
	uint16_t sequence;
	uint8_t type_octet;            /* RTP's second: marker and payload type */
	enum packet_sample sample : 5; /* of any other SAMPLE_NONE */
	enum packet_shows shows : 3;   /* topmost: to compare it takes no shift */
};

struct packet {
	nstime at; /* of the frame that completed it */
	struct endpoint src, dst;
	struct span payload;  /* captured bytes behind UDP, or exactly one stream message */
	uint32_t payload_len; /* bytes on the wire; above payload.len when truncated */
	uint32_t ip_len;      /* IP header and payload on the wire, bytes */
	uint64_t frame;       /* number of that frame in its source, from 1 */
	enum transport transport;
	uint16_t ip_id;   /* 0 for IPv6 */
	uint16_t vlan[2]; /* outer, inner 802.1Q id; 0 = none */
	uint8_t dscp;
	uint8_t ttl;
	uint8_t flags; /* enum packet_flag */
	uint8_t point; /* where in the network it was seen: settings.points; 0: not said */
	struct packet_glance glance; /* zero: nobody has looked yet */
};

#endif
