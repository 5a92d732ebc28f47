/*
 * sip_glance.h - a SIP message as it can be read without knowing any other: parsed, its SDP
 * too, and with the hashes that it is looked up by.  Like glance.h, for whoever has its
 * bytes.
 */
#ifndef EARSHOT_TRACK_SIP_GLANCE_H
#define EARSHOT_TRACK_SIP_GLANCE_H

#include "analyzer/base/hash.h"
#include "analyzer/model/packet.h"
#include "analyzer/track/sdp_glance.h"
#include "analyzer/wire/sip.h"

/* An SDP of more than an audio and a video line is left to the analyzer. */
enum { SIP_GLANCE_LINES = 2, SIP_GLANCE_FORMATS = 12 };

/* A host that a message names. */
struct sip_host {
	struct text name; /* without port and brackets */
	struct address address;
	bool said;       /* it does name one; of a URI without host, an empty one */
	bool is_address; /* and not a name */
};

struct sip_glance {
	enum status status; /* of sip_parse; the hashes are there when it is OK */
	enum sip_carrier carrier;
	enum sip_fault fault;
	struct sip_message message;         /* borrows from the packet's payload */
	uint64_t call_id, from_tag, to_tag; /* keyed hashes; of tags 0 = none */
	uint64_t branch,
	        sent_by; /* of the topmost Via; 0 = none; sent_by of INVITE alone */
	uint64_t asker;  /* of Call-ID and the host that asks, of what ask.h follows; else 0
	                  */
	uint64_t content; /* of an INVITE that begins a dialog, what a NAT leaves alone: who
	                     is called by whom, Contact, the body */
	struct sip_host via;            /* of requests, the sender by the topmost one */
	struct sip_host contact;        /* of the first one's URI */
	struct text from_user, to_user; /* of a request outside of dialogs */
	/*
	 * What makes a message the same as an earlier one of its leg: direction, CSeq,
	 * status, tags, branch and body; never 0.  The branch alone would do, if there were
	 * no devices without one (RFC 2543).
	 */
	uint32_t digest;

	struct sdp_glance sdp; /* there when `status` is OK */
	struct sdp_glance_line lines[SIP_GLANCE_LINES];
	struct sdp_glance_format formats[SIP_GLANCE_FORMATS];
};

/* Is it SIP, of what is no RTP?  The ports are those of the settings. */
bool sip_glance_claims(const uint16_t *sip_ports, const struct packet *packet);

/* Of such a packet.  The key is that of the settings; *scratch is too large for a stack. */
void sip_glance_at(const struct hash_key *key, const struct packet *packet,
                   struct sdp *scratch, struct sip_glance *out);

#endif
