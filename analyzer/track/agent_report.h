/*
 * agent_report.h - what an agent at a proxy or a media relay tells of streams (HEP).
 */
#ifndef EARSHOT_TRACK_AGENT_REPORT_H
#define EARSHOT_TRACK_AGENT_REPORT_H

#include "analyzer/base/status.h"
#include "analyzer/model/packet.h"

struct agent_report {
	const struct packet *packet; /* its payload is JSON (wire/hep_report.h) */
	bool of_rtcp;                /* RTCP; else what the agent measured itself */
	struct text call_id;         /* of the SIP call; empty: not said */
	struct text agent;           /* what to call it */
};

struct signalling;

/* ERR_MALFORMED: it is no such JSON, which is counted. */
enum status agent_report_feed(struct signalling *s, const struct agent_report *told);

#endif
