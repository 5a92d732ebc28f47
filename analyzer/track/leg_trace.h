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
#include "analyzer/wire/sdp.h"
#include "analyzer/wire/sip.h"

enum { TRACE_CALLER, TRACE_CALLEE, TRACE_SIDES };

/* A host that a message names, beside the address that the message came from. */
enum trace_host {
	HOST_NOT_SAID, /* or a name */
	HOST_SOURCE,   /* that very address */
	HOST_INSIDE,   /* a private one, from a public source: what NAT hides */
	HOST_ELSEWHERE,
};

struct trace_side {
	bool seen;       /* any message of its own */
	uint8_t dscp;    /* of the first one */
	uint8_t highest; /* of all */
	enum trace_host via, contact;

	/* Its latest SDP with audio that is not refused. */
	bool sdp;
	bool sends, receives, zero; /* zero: 0.0.0.0 */
	enum trace_host media_host, origin_host;
	struct endpoint media;
	struct address sdp_source;
	bool has_event; /* telephone-event is in it */
	uint8_t event_type;
	uint32_t info_digits;    /* INFO with a digit */
	uint16_t info_refused;   /* final status of one that was not taken */
	uint64_t static_formats; /* bit for each payload type below 64 */
};

/* A request that waits for its answer, of one side. */
struct trace_request {
	enum sip_method method;
	uint32_t cseq;
	nstime first, last, answered;
	uint32_t copies, answers; /* answers: all responses that repeat the first */
	uint16_t answer_status;
};

struct leg_trace {
	struct trace_side sides[TRACE_SIDES];
	struct trace_request open[TRACE_SIDES];

	/* Copies of requests beyond the first, and why: the answer came at once after the
	 * last copy (so those before it were lost) or is due to an earlier one. */
	uint32_t lost_copies, late_copies, unanswered_copies, unclear_copies;
	uint32_t back_copies; /* all answered at once: what became of the answers? */
	uint32_t most_copies; /* of one request */
	enum sip_method worst_method;
	nstime worst_first, worst_last;
	double worst_delay_ms, least_delay_ms; /* to the first answer, of what was judged */
	uint32_t response_copies;              /* of responses other than 2xx to INVITE */

	/* The initial INVITE. */
	nstime invited;
	bool trying, ringing, reliable_early;
	nstime early_sdp; /* first 18x with SDP; NSTIME_NONE */
	nstime ok_first, ok_last, ack_first;
	nstime acked;  /* the last of them */
	uint32_t acks; /* of the answer, repeated ones too */
	uint32_t ok_copies, ok_after_ack;
	uint32_t challenges, again_challenged; /* the latter: in spite of credentials */
	bool credentials;
	uint16_t refused_after_credentials; /* 403 then */
	uint16_t q850;                      /* of the final response or BYE; 0 = not said */
	uint16_t warning;                   /* Warning code of the final response */
	bool retry_after, capacity_words;

	/* The session. */
	uint32_t session_s; /* as agreed; 0 = none */
	nstime refreshed, refresh_tried, refresh_failed;
	uint16_t refresh_status; /* of the one that failed */
	nstime bye;
	uint16_t bye_cause; /* SIP cause of its Reason */
	bool bye_timer;     /* which speaks of a timer or of media that is missing */
	bool mangled;       /* a body longer than its Content-Length */

	/* To know the same message on both sides of a NAT. */
	uint64_t branch, content;
	unsigned int via_count;
};

void leg_trace_begin(struct leg_trace *trace);

/*
 * A message of the leg, repeated (`again`) or not, of the side that sent it.  `hashes`: of
 * its topmost branch, and of what a NAT leaves alone but an ALG rewrites.
 */
struct trace_hashes {
	uint64_t branch, content;
};
void leg_trace_take(struct leg_trace *trace, const struct packet *packet,
                    const struct sip_message *message, unsigned int side, bool again,
                    const struct trace_hashes *hashes);

/* An SDP of that side. */
void leg_trace_sdp(struct leg_trace *trace, const struct sdp *sdp, unsigned int side,
                   const struct packet *packet, const struct sip_message *message);

/* The leg is over: what is still unanswered stays so. */
void leg_trace_end(struct leg_trace *trace);

#endif
