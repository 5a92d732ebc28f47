/*
 * application.h - whose voice traffic a flow is that is not ours: that of Teams, Zoom,
 * WhatsApp and their kin, told by nDPI from a flow's first datagrams.
 *
 * Only datagrams that the analyzer took for nothing come here: SIP on odd ports and RTP
 * without signalling are its own to find, and it does.  A flow is asked about until it is
 * decided, or APPLICATION_DATAGRAMS of it were in vain; from then on it is counted by a
 * look at a table.
 */
#ifndef EARSHOT_PROBE_APPLICATION_H
#define EARSHOT_PROBE_APPLICATION_H

#include "analyzer/model/packet.h"

enum application {
	APPLICATION_DISCORD,
	APPLICATION_FACEBOOK,
	APPLICATION_GOOGLE,
	APPLICATION_H323,
	APPLICATION_IAX,
	APPLICATION_IMO,
	APPLICATION_KAKAOTALK,
	APPLICATION_MEGACO,
	APPLICATION_MGCP,
	APPLICATION_SIGNAL,
	APPLICATION_SKINNY,
	APPLICATION_SNAPCHAT,
	APPLICATION_TEAMS,
	APPLICATION_TEAMSPEAK,
	APPLICATION_TELEGRAM,
	APPLICATION_VIBER,
	APPLICATION_WEBEX,
	APPLICATION_WHATSAPP,
	APPLICATION_ZOOM,
	APPLICATION_COUNT
};
extern const char *const application_names[APPLICATION_COUNT]; /* "discord", ... */

enum {
	APPLICATION_FLOWS = 1 << 16,     /* remembered; the longest silent makes room */
	APPLICATION_UNDECIDED = 1 << 13, /* of these, with memory of nDPI's */
	APPLICATION_DATAGRAMS = 10,      /* asked about, at most */
};

struct application_count {
	uint64_t flows, packets, octets; /* octets: of IP */
};

struct application_counts {
	struct application_count of[APPLICATION_COUNT];
	uint64_t evicted;   /* flows that had to make room; they are a new flow next time */
	uint64_t not_asked; /* datagrams: too many flows were undecided, or no memory */
};

struct applications;

/*
 * at_once: nDPI takes its memory (about 10 MB) and its 10 ms now, and not with the first
 * flow: for a process that will lose the right to.  ERR_NOMEM.
 */
MUST_CHECK enum status applications_new(bool at_once, struct applications **out);
void applications_free(struct applications *applications); /* NULL is fine */

/* A datagram that is nobody's. */
void applications_note(struct applications *applications, const struct packet *packet);

const struct application_counts *applications_counts(
        const struct applications *applications);

#endif
