/*
 * hep.h - HEP3, the Homer Encapsulation Protocol ("The Hep/EEP protocol", revision 37):
 * what an agent at a proxy or media relay tells of a packet that it saw.
 *
 *   "HEP3" | length of the whole, 2 | chunks: vendor, 2 | type, 2 | length, 2 | value
 *
 * Whoever can send to the port can say anything: nothing here is believed, only read.
 * Chunks of vendors, and of types that are not known, are passed over.
 */
#ifndef EARSHOT_WIRE_HEP_H
#define EARSHOT_WIRE_HEP_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "analyzer/base/status.h"

enum { HEP_HEAD = 6, HEP_MAX = 65535 };

/* What the payload is: chunk 11. */
enum hep_type {
	HEP_SIP = 1,
	HEP_RTCP = 5,       /* JSON, of some agents the packet itself */
	HEP_RTP_SHORT = 34, /* JSON on a stream that goes on */
	HEP_RTP_FINAL = 35, /* likewise, on one that has ended */
	HEP_LOG = 100,
};

struct hep {
	uint8_t type;        /* enum hep_type, or another */
	uint8_t ip_protocol; /* of the packet: IANA's; 22, 50: of Kamailio and OpenSIPS for
	                      * TLS and WebSocket */
	bool has_type;
	bool has_capture_id;
	bool compressed; /* the payload is; it is not read then */
	uint16_t vlan;   /* 0 = not said */
	uint32_t capture_id;
	nstime at; /* NSTIME_NONE: not said */
	struct endpoint src, dst;
	struct span payload;
	struct text auth;        /* empty: none */
	struct text correlation; /* of a SIP call its Call-ID, as a rule; empty: none */
};

bool hep_is_one(struct span bytes);

/* Of a byte stream that begins with one: its length.  ERR_TRUNCATED: more has to come.
 * ERR_MALFORMED: it begins with something else. */
MUST_CHECK enum status hep_length(struct span bytes, size_t *out);

/*
 * What is behind its end is passed over.  ERR_UNSUPPORTED: no HEP3.  ERR_TRUNCATED: it is
 * longer than that.  ERR_MALFORMED: a chunk is not what it has to be, or there is no
 * payload.  Borrows from `datagram`.
 */
MUST_CHECK enum status hep_decode(struct span datagram, struct hep *out);

#endif
