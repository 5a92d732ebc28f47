/*
 * record_event.h - a change of peers: one is down, one is up again, calls go another way.
 */
#ifndef EARSHOT_MODEL_RECORD_EVENT_H
#define EARSHOT_MODEL_RECORD_EVENT_H

#include "analyzer/model/record_base.h"
#include "analyzer/model/trunk.h"

enum event_type {
	EVENT_TYPE_NONE,
	EVENT_PEER_DOWN,
	EVENT_PEER_UP, /* after it was down, or refused */
	EVENT_PEER_REFUSING,
	EVENT_FAILOVER, /* calls go to another peer because this one fails */
	EVENT_TYPE_COUNT
};

/* What showed it. */
enum event_cause {
	EVENT_CAUSE_NONE,
	EVENT_UNANSWERED_OPTIONS,
	EVENT_UNANSWERED_INVITE,
	EVENT_UNANSWERED_REGISTER,
	EVENT_SERVER_ERROR, /* see status */
	EVENT_ANSWER,
	EVENT_CAUSE_COUNT
};

extern const char *const event_type_names[EVENT_TYPE_COUNT];
extern const char *const event_cause_names[EVENT_CAUSE_COUNT];

struct event_record {
	uint64_t id;
	enum event_type type;
	/* `began`: the first sign; `detected`: enough of them; `ended`: the first sign that
	 * it is over, NSTIME_NONE: it was not. */
	nstime began, detected, ended;
	double duration_s;
	struct endpoint peer;   /* that it is about */
	struct endpoint backup; /* of a failover */
	struct endpoint src;    /* who turned to the backup: its address */
	char trunk[TRUNK_NAME], backup_trunk[TRUNK_NAME]; /* whose these are */
	char group[TRUNK_NAME];                           /* of redundancy, of the peer's */
	enum event_cause cause;
	uint64_t status; /* SIP code of a server error */
	uint64_t failed; /* attempts, or pings, that failed at the peer */
	/* Of a failover from here on. */
	uint64_t switched;     /* attempts that failed there and went on to the backup */
	uint64_t calls_backup; /* INVITEs that the backup got in the meantime */
	uint64_t calls_lost;   /* failed, and not accepted elsewhere */
	/* Calls that the peer carried when it began, and what became of them. */
	uint64_t calls_carried, calls_survived, calls_silent, calls_one_way, calls_dropped;
	double rtp_after_s; /* longest that RTP was still sent to it for one of them */
	/* Means of calls over the peer before, and of those over the backup. */
	double pdd_before_ms, pdd_after_ms, mos_lq_before, mos_lq_after;
};

#endif
