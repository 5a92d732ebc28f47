/*
 * leg_trace.h - how a leg's transactions went, as far as a diagnosis needs to know: what
 * was repeated and why, when ACK came, what refreshed the session, what each side says of
 * its own addresses, and what an SDP announces.
 *
 * Fixed size, part of the leg; nothing here depends on anything but its messages.
 */
#ifndef EARSHOT_TRACK_LEG_TRACE_H
#define EARSHOT_TRACK_LEG_TRACE_H

#include "analyzer/model/packet.h"
#include "analyzer/model/trunk.h"
#include "analyzer/track/sip_glance.h"

enum { TRACE_CALLER, TRACE_CALLEE, TRACE_SIDES };

/* A host that a message names, beside the address that the message came from. */
enum trace_host {
	HOST_NOT_SAID, /* or a name */
	HOST_SOURCE,   /* that very address */
	HOST_INSIDE,   /* a private one, from a public source: what NAT hides */
	HOST_ELSEWHERE,
};

struct trace_side {
	uint64_t static_formats; /* bit for each payload type below 64 */

	uint32_t info_digits; /* INFO with a digit */

	/* Its latest SDP with audio that is not refused. */
	struct endpoint media;
	struct address sdp_source;
	uint16_t ptime_ms;     /* a=ptime; 0: not said */
	uint16_t info_refused; /* final status of one that was not taken */
	uint8_t event_type;
	uint8_t dscp;                         /* of the first message of its own */
	uint8_t highest;                      /* of all */
	enum trace_host via : 2, contact : 2; /* of its messages */
	enum trace_host media_host : 2, origin_host : 2; /* of that SDP */
	bool seen : 1;                                   /* any message of its own */
	bool sdp : 1;
	bool own_sdp : 1;                       /* and no proxy has passed it on */
	bool sends : 1, receives : 1, zero : 1; /* zero: 0.0.0.0 */
	bool has_event : 1;                     /* telephone-event is in it */
};

/* A request that waits for its answer, of one side. */
struct trace_request {
	nstime first, last, answered;
	uint32_t cseq;
	uint32_t copies, answers; /* answers: all responses that repeat the first */
	uint16_t answer_status;
	uint8_t method; /* enum sip_method */
};

struct leg_trace {
	struct trace_side sides[TRACE_SIDES];
	struct trace_request open[TRACE_SIDES];

	/* Copies of requests beyond the first, and why: the answer came at once after the
	 * last copy (so those before it were lost) or is due to an earlier one. */
	uint32_t lost_copies, late_copies, unanswered_copies, unclear_copies;
	uint32_t back_copies; /* the first one was answered at once: did that get back? */
	uint32_t most_copies; /* of one request */
	uint32_t slow_requests,
	        requests; /* answered late or not, of those answered at all */
	nstime worst_first, worst_last;
	double worst_delay_ms, least_delay_ms; /* to the first answer, of what was judged */

	/* The initial INVITE. */
	nstime invited;
	nstime early_sdp; /* first 18x with SDP; NSTIME_NONE */
	nstime ok_first, ok_last, ack_first;
	nstime acked; /* the 200 that was the last before the first ACK */

	/* The session. */
	nstime refreshed, refresh_tried, refresh_failed;

	uint32_t response_copies; /* of responses other than 2xx to INVITE */
	uint32_t ok_cseq;
	uint32_t acks; /* of the answer, repeated ones too */
	uint32_t ok_copies, ok_after_ack;
	uint32_t challenges, again_challenged; /* the latter: in spite of credentials */

	/* To know the same message on both sides of a NAT. */
	unsigned int via_count;
	uint64_t branch, content;

	/* That refused it, of those configured, and how many of its channels others had. */
	const struct trunk *trunk; /* borrowed; NULL: of none */
	uint32_t channels_taken;
	uint16_t refused_after_credentials; /* 403 then */
	uint16_t warning;                   /* Warning code of the final response */
	uint16_t refresh_status;            /* of the one that failed */
	uint8_t worst_method;               /* enum sip_method */
	bool trying : 1, ringing : 1;
	bool credentials : 1;
	bool retry_after : 1, capacity_words : 1;
	bool bye_timer : 1; /* the Reason speaks of a timer or of media that is missing */
	bool mangled : 1;   /* a body longer than its Content-Length */
};

void leg_trace_begin(struct leg_trace *trace);

/* A message of the leg, repeated (`again`) or not, of the side that sent it. */
void leg_trace_take(struct leg_trace *trace, const struct packet *packet,
                    const struct sip_glance *glance, unsigned int side, bool again);

/* An SDP of that side. */
void leg_trace_sdp(struct leg_trace *trace, const struct sdp_glance *sdp, unsigned int side,
                   const struct packet *packet, const struct sip_message *message);

/* The leg is over: what is still unanswered stays so. */
void leg_trace_end(struct leg_trace *trace);

#endif
