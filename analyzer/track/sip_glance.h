/*
 * sip_glance.h - a SIP message as it can be read without knowing any other: parsed, and
 * with the hashes that it is looked up by.  Like glance.h, for whoever has its bytes.
 */
#ifndef EARSHOT_TRACK_SIP_GLANCE_H
#define EARSHOT_TRACK_SIP_GLANCE_H

#include "analyzer/base/hash.h"
#include "analyzer/model/packet.h"
#include "analyzer/wire/sip.h"

struct sip_glance {
	enum status status; /* of sip_parse; the hashes are there when it is OK */
	enum sip_carrier carrier;
	enum sip_fault fault;
	struct sip_message message;         /* borrows from the packet's payload */
	uint64_t call_id, from_tag, to_tag; /* keyed hashes; of tags 0 = none */
	/*
	 * What makes a message the same as an earlier one of its leg: direction, CSeq,
	 * status, tags, branch and body; never 0.  The branch alone would do, if there were
	 * no devices without one (RFC 2543).
	 */
	uint32_t digest;
};

/* Is it SIP, of what is no RTP?  The ports are those of the settings. */
bool sip_glance_claims(const uint16_t *sip_ports, const struct packet *packet);

/* Of such a packet.  The key is that of the settings. */
void sip_glance_at(const struct hash_key *key, const struct packet *packet,
                   struct sip_glance *out);

#endif
