/*
 * leg_nat.h - what the two sides of a leg say of their addresses, against where their
 * packets come from: NAT on the way, and the marks of a SIP ALG that rewrites half of them
 * (RFC 3581, RFC 6314, RFC 7362).
 */
#ifndef EARSHOT_TRACK_LEG_NAT_H
#define EARSHOT_TRACK_LEG_NAT_H

#include "analyzer/base/endpoint.h"
#include "analyzer/model/record.h"
#include "analyzer/track/leg_texts.h"
#include "analyzer/track/sip_glance.h"

struct leg_nat {
	uint32_t via_branch, via_sent_by; /* hashes, of the latest INVITE; 0: none */
	uint8_t src, dst;                 /* enum nat_sign */
	uint8_t alg;                      /* what tells an ALG of the caller's side */
	bool contact_src, contact_dst, sdp_src, sdp_dst; /* has been looked at */
};

/* A message of the leg that is no retransmission, and where it came from. */
void leg_nat_note(struct leg_nat *nat, struct leg_texts *texts,
                  const struct sip_glance *glance, const struct address *from,
                  bool from_caller);
/* Its SDP. */
void leg_nat_sdp(struct leg_nat *nat, struct leg_texts *texts, const struct sdp_glance *sdp,
                 const struct address *from, bool from_caller);

void leg_nat_record(const struct leg_nat *nat, const struct leg_texts *texts,
                    struct leg_record *out);

#endif
