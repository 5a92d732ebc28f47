/*
 * hep_feed.h - what agents tell by HEP, made into what the analyzer takes: packets with the
 * inner addresses, and reports.
 */
#ifndef EARSHOT_PROBE_HEP_FEED_H
#define EARSHOT_PROBE_HEP_FEED_H

#include "analyzer/track/agent_report.h"
#include "probe/frame.h"
#include "probe/hep_agents.h"
#include "probe/sightings.h"

enum hep_counter {
	HEP_COUNT_SIP,
	HEP_COUNT_RTCP,
	HEP_COUNT_RTP,
	HEP_COUNT_LOGS,
	HEP_COUNT_OTHERS,     /* of other types, or packed: not read */
	HEP_COUNT_WRONG_TIME, /* taken at their arrival */
	HEP_COUNTER_COUNT
};

struct hep_feed {
	struct sightings *sightings; /* owned */
	struct hep_agents agents;    /* of HEP within a capture */
	uint64_t counts[HEP_COUNTER_COUNT];
	char agent[16]; /* of the fact that was taken last */
};

enum hep_verdict {
	HEP_IS_PACKET,
	HEP_IS_REPORT,
	HEP_IS_COPY, /* of what was seen on the wire, or told before */
	HEP_IS_COUNTED,
	HEP_IS_OTHER,
	HEP_IS_MALFORMED
};

/* A fact that an agent sent itself, whose time and number are in the frame already. */
enum hep_verdict hep_feed_frame(struct hep_feed *feed, const struct frame *frame,
                                struct packet *packet, struct agent_report *report);

/* One that is the payload of a UDP packet of a capture. */
enum hep_verdict hep_feed_payload(struct hep_feed *feed, const struct packet *around,
                                  struct packet *packet, struct agent_report *report);

/* A packet that was on the wire: true when an agent had told of it. */
bool hep_feed_was_told(struct hep_feed *feed, const struct packet *packet);

/* seed: see sightings.h. */
MUST_CHECK enum status hep_feed_new(uint64_t seed, struct hep_feed **out);
void hep_feed_free(struct hep_feed *feed); /* NULL is fine */

#endif
