/*
 * record_finding.h - what most probably went wrong in a call, and why we believe so.
 */
#ifndef EARSHOT_MODEL_RECORD_FINDING_H
#define EARSHOT_MODEL_RECORD_FINDING_H

#include "analyzer/model/record_base.h"

enum { FINDINGS_PER_CALL = 3, FINDING_TEXT = 256 };

/* In no order of importance; track/diagnosis.c says what each takes to be found. */
enum finding_code {
	FINDING_NONE,
	/* audio of one direction is missing */
	FINDING_ONE_WAY_NAT,         /* its receiver announced an address that NAT hides */
	FINDING_ONE_WAY_CLOSED_PORT, /* ICMP: nobody listens there */
	FINDING_ONE_WAY_WRONG_SDP,   /* its receiver announced what is not so */
	FINDING_ONE_WAY_AUDIO,       /* and nothing says why */
	/* signalling */
	FINDING_SIP_ALG,
	FINDING_CODEC_MISMATCH,
	FINDING_ACK_LOST,
	FINDING_ACK_LATE,
	FINDING_SIP_LOSS,  /* requests are repeated, since messages are lost */
	FINDING_SIP_DELAY, /* and since answers come late */
	FINDING_NO_RESPONSE,
	FINDING_SESSION_TIMER,
	FINDING_RINGBACK_MISSING,
	FINDING_TRUNK_CAPACITY,
	FINDING_AUTH_LOOP,
	FINDING_DTMF_MISMATCH,
	/* the path of the audio */
	FINDING_LOSS_CONGESTION,
	FINDING_LOSS_WIFI,
	FINDING_LOSS_PERIODIC,
	FINDING_LOSS_RANDOM,
	FINDING_LOSS_BEHIND, /* between the probe and the receiver */
	FINDING_JITTER_QUEUEING,
	FINDING_DSCP_REMARKED,
	FINDING_CLOCK_DRIFT,
	FINDING_CAPTURE_FAULT,
	/* otherwise than is expected of a configured trunk */
	FINDING_TRUNK_SECURITY,
	FINDING_TRUNK_TRANSPORT,
	FINDING_TRUNK_CODEC,
	FINDING_TRUNK_DSCP,     /* of media */
	FINDING_TRUNK_SIP_DSCP, /* of signalling */
	FINDING_CODE_COUNT
};

extern const char *const finding_code_names[FINDING_CODE_COUNT]; /* FINDING_NONE: NULL */

/* Whom or which part of the way it points to, seen from the probe. */
enum finding_party {
	POINTS_TO_NONE,
	POINTS_TO_CALLER,
	POINTS_TO_CALLEE,
	POINTS_TO_CALLER_SIDE, /* the network between the caller and the probe */
	POINTS_TO_CALLEE_SIDE,
	POINTS_TO_BETWEEN, /* the two points of measurement */
	POINTS_TO_PEER,    /* `peer` */
	POINTS_TO_PROBE,   /* the capture itself */
	POINTS_TO_TRUNK,   /* a configured one; `peer` is its end */
	POINTS_TO_COUNT
};

extern const char *const finding_party_names[POINTS_TO_COUNT];

struct finding_record {
	uint64_t id, call;
	uint64_t leg, stream; /* it is about; 0 = the call as a whole */
	uint64_t rank;        /* within the call; 1 is the best */
	enum finding_code code;
	double confidence; /* 0..1 */
	enum finding_party points_to;
	struct endpoint peer;        /* the address it points to */
	char sentence[FINDING_TEXT]; /* for people */
	char evidence[FINDING_TEXT]; /* messages, packets, times, figures */
	nstime at;                   /* the moment that tells most */
	nstime first, last;          /* of what it is about */
};

#endif
