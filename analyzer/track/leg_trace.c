#include "analyzer/track/leg_trace.h"

#include <math.h>

#include "analyzer/quality/audio_path.h"

/* RFC 3261 17.1: T1.  What was answered faster has been repeated for no good reason. */
#define AT_ONCE_MS 250.0
enum { MANY_COPIES = 3 };

void leg_trace_begin(struct leg_trace *trace)
{
	*trace = (struct leg_trace){
		.worst_first = NSTIME_NONE,
		.worst_last = NSTIME_NONE,
		.worst_delay_ms = NAN,
		.least_delay_ms = NAN,
		.invited = NSTIME_NONE,
		.early_sdp = NSTIME_NONE,
		.ok_first = NSTIME_NONE,
		.ok_last = NSTIME_NONE,
		.ack_first = NSTIME_NONE,
		.acked = NSTIME_NONE,
		.refreshed = NSTIME_NONE,
		.refresh_tried = NSTIME_NONE,
		.refresh_failed = NSTIME_NONE,
	};
}

/* --- headers -------------------------------------------------------------------------- */

/* RFC 3261 20.43: "305 host text"; 0 where there is none. */
static uint16_t warning_code(struct text value)
{
	size_t len = 0;
	while (len < value.len && len < 5 && ascii_is_digit(value.at[len]))
		len++;
	uint64_t number;
	return text_number(text_head(value, len), UINT16_MAX, &number) == OK
	               ? (uint16_t)number
	               : 0;
}

static bool has_word(struct text t, struct text word)
{
	for (size_t i = 0; i + word.len <= t.len; i++)
		if (text_equal_nocase(text_head(text_skip(t, i), word.len), word))
			return true;
	return false;
}

static bool has_any_word(struct text t, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (has_word(t, text_from(words[i])))
			return true;
	return false;
}

/* What leg_ending takes for the work of a timer is less: its words leave no doubt. */
static bool speaks_of_a_timer(struct text reason)
{
	static const char *const timers[] = { "timer", "timeout", "expired", "refresh" };
	return has_any_word(reason, timers, ARRAY_LEN(timers));
}

/* Not loopback nor link-local, which hide behind nothing. */
static bool is_of_a_network(const struct address *address)
{
	const uint8_t *v4 = address->bytes + 12;
	return !address_is_ipv4(address) || (v4[0] != 127 && v4[0] != 169);
}

static enum trace_host host_at(const struct address *address, const struct address *source)
{
	if (address_equal(address, source))
		return HOST_SOURCE;
	if (is_of_a_network(address) && audio_address_is_private(address) &&
	    !audio_address_is_private(source))
		return HOST_INSIDE;
	return HOST_ELSEWHERE;
}

static enum trace_host host_of(const struct sip_host *host, const struct address *source)
{
	return host->is_address ? host_at(&host->address, source) : HOST_NOT_SAID;
}

/* --- requests and their answers ------------------------------------------------------- */

/* The other copies of a request, once it is known what became of it. */
static void judge(struct leg_trace *trace, struct trace_request *request)
{
	const uint32_t again = request->copies > 1 ? request->copies - 1 : 0;
	const bool answered = request->answers > 0;
	const bool back =
	        answered && ns_to_ms(request->answered - request->first) <= AT_ONCE_MS;
	const double delay = ns_to_ms(request->answered - request->first);
	if (answered && !(back && again > 0)) {
		trace->requests++;
		trace->slow_requests += delay > AT_ONCE_MS;
		trace->least_delay_ms = fmin(trace->least_delay_ms, delay);
		if (isnan(trace->least_delay_ms))
			trace->least_delay_ms = delay;
	}
	if (again > 0) {
		const double behind_last = ns_to_ms(request->answered - request->last);
		if (again >= trace->most_copies) {
			trace->most_copies = again;
			trace->worst_method = request->method;
			trace->worst_first = request->first;
			trace->worst_last = request->last;
			trace->worst_delay_ms = answered ? delay : NAN;
		}
		/*
		 * Whoever answers each copy got them all: then the answers come late, or,
		 * where the first one came at once, are late or lost behind the probe, as
		 * the copies may be.
		 */
		const bool each = request->answers > again;
		const bool late = answered && delay > AT_ONCE_MS;
		/*
		 * 180 and what follows come when people let them, and what is final is
		 * repeated until ACK comes: only 100 is due at once.  But the more often it
		 * was asked, the less is it chance that the answer is right behind.
		 */
		const bool behind =
		        behind_last <= AT_ONCE_MS &&
		        (again >= MANY_COPIES || sip_is_challenge(request->answer_status));
		const bool unclear = request->method == SIP_INVITE &&
		                     request->answer_status > 100 && !behind;
		if (!answered)
			trace->unanswered_copies += again;
		else if (back)
			trace->back_copies += again;
		else if (late && unclear)
			trace->unclear_copies += again;
		else if (late && (each || behind_last > AT_ONCE_MS))
			trace->late_copies += again;
		else
			trace->lost_copies += again;
	}
	*request = (struct trace_request){ 0 };
}

static void take_copy(struct trace_request *request, nstime at)
{
	/* What comes after the answer was sent before it was heard: it changes nothing
	 * but the number of copies. */
	request->copies++;
	if (request->answers == 0)
		request->last = at;
}

static void open_request(struct leg_trace *trace, const struct sip_message *message,
                         unsigned int side, nstime at)
{
	struct trace_request *request = &trace->open[side];
	if (message->method == SIP_ACK)
		return;
	if (request->copies > 0)
		judge(trace, request);
	*request = (struct trace_request){ .method = (uint8_t)message->method,
		                           .cseq = message->cseq,
		                           .first = at,
		                           .last = at,
		                           .copies = 1 };
}

static bool is_about(const struct trace_request *request, const struct sip_message *message)
{
	return request->copies > 0 && request->cseq == message->cseq &&
	       request->method == message->method;
}

static void take_answer(struct leg_trace *trace, const struct sip_message *message,
                        unsigned int asker, bool again, nstime at)
{
	struct trace_request *request = &trace->open[asker];
	if (!is_about(request, message))
		return;
	if (request->answers == 0) {
		request->answered = at;
		request->answer_status = (uint16_t)message->status;
	}
	/* A copy gets what was said last: 180 where the first one got 100. */
	request->answers += message->status == request->answer_status ||
	                    (again && message->status < 200);
}

/* --- the initial INVITE --------------------------------------------------------------- */

static bool is_initial(const struct sip_message *message)
{
	return message->method == SIP_INVITE && message->to.tag.len == 0;
}

static void note_failure(struct leg_trace *trace, const struct sip_message *message)
{
	static const char *const words[] = { "capacity", "congest", "channel",  "circuit",
		                             "too many", "maximum", "limit",    "overload",
		                             "no trunk", "no line", "all lines" };
	struct text value;
	trace->retry_after = sip_find_header(message, TEXT("Retry-After"), &value);
	trace->capacity_words =
	        has_any_word(message->reason, words, ARRAY_LEN(words)) ||
	        has_any_word(message->reason_header, words, ARRAY_LEN(words));
	trace->warning =
	        sip_find_header(message, TEXT("Warning"), &value) ? warning_code(value) : 0;
	if (trace->credentials && message->status == 403)
		trace->refused_after_credentials = 403;
}

static void note_challenge(struct leg_trace *trace)
{
	trace->challenges++;
	trace->again_challenged += trace->credentials;
}

static void invite_response(struct leg_trace *trace, const struct sip_message *message,
                            bool again, nstime at)
{
	const unsigned int status = message->status;
	if (status == 100) {
		trace->trying = true;
	} else if (status < 200) {
		trace->ringing |= status == 180;
	} else if (status < 300) {
		if (trace->ok_first == NSTIME_NONE) {
			trace->ok_first = at;
			trace->ok_cseq = message->cseq;
		}
		trace->ok_last = at;
		trace->ok_copies += again;
		trace->ok_after_ack += again && trace->ack_first != NSTIME_NONE;
	} else if (!again && trace->ok_first == NSTIME_NONE) {
		if (status == 401 || status == 407)
			note_challenge(trace);
		else
			note_failure(trace, message);
	}
}

/* --- the session ---------------------------------------------------------------------- */

static void note_session(struct leg_trace *trace, const struct sip_message *message,
                         nstime at)
{
	if (message->method != SIP_INVITE && message->method != SIP_UPDATE)
		return;
	if (message->status >= 200 && message->status < 300) {
		trace->refreshed = at;
		trace->refresh_tried = NSTIME_NONE;
		return;
	}
	/* 491: both at once, tried again; 422: too short, likewise. */
	const bool again = message->status == 491 || message->status == 422 ||
	                   message->status == 401 || message->status == 407;
	if (message->status < 300 || again || trace->ok_first == NSTIME_NONE ||
	    trace->refresh_tried == NSTIME_NONE)
		return;
	trace->refresh_failed = at;
	trace->refresh_status = (uint16_t)message->status;
	trace->refresh_tried = NSTIME_NONE;
}

/* --- messages ------------------------------------------------------------------------- */

static bool carries_digit(const struct sip_message *message)
{
	return message->method == SIP_INFO &&
	       text_starts_nocase(message->content_type, TEXT("application/dtmf"));
}

/* The answer, and no refusal before it. */
static bool acknowledges(const struct leg_trace *trace, const struct sip_message *message)
{
	return message->method == SIP_ACK && trace->ok_first != NSTIME_NONE &&
	       trace->ok_cseq == message->cseq;
}

static void take_request(struct leg_trace *trace, const struct sip_message *message,
                         unsigned int side, nstime at)
{
	open_request(trace, message, side, at);
	const bool renews = message->method == SIP_INVITE || message->method == SIP_UPDATE;
	if (is_initial(message)) {
		if (trace->invited == NSTIME_NONE)
			trace->invited = at;
		trace->credentials = message->has_authorization;
	} else if (renews && trace->ok_first != NSTIME_NONE) {
		trace->refresh_tried = at;
	} else if (acknowledges(trace, message)) {
		if (trace->ack_first == NSTIME_NONE) {
			trace->ack_first = at;
			trace->acked = trace->ok_last;
		}
	}
	if (message->method == SIP_BYE)
		trace->bye_timer |= speaks_of_a_timer(message->reason_header);
	trace->sides[side].info_digits += carries_digit(message);
}

static void take_response(struct leg_trace *trace, const struct sip_message *message,
                          unsigned int side, nstime at)
{
	const unsigned int asker = TRACE_SIDES - 1 - side;
	note_session(trace, message, at);
	if (message->method == SIP_INFO && message->status >= 300 &&
	    trace->sides[asker].info_digits > 0)
		trace->sides[asker].info_refused = (uint16_t)message->status;
}

static void note_side(struct trace_side *side, const struct packet *packet,
                      const struct sip_glance *glance)
{
	const struct sip_message *message = &glance->message;
	const struct address *source = &packet->src.address;
	side->highest = packet->dscp > side->highest ? packet->dscp : side->highest;
	if (!side->seen)
		side->dscp = packet->dscp;
	side->seen = true;
	if (message->is_request && message->via_count == 1 && side->via == HOST_NOT_SAID)
		side->via = host_of(&glance->via, source);
	/* A proxy passes on somebody else's Contact: only the first hop's tells. */
	const bool own = message->is_request ? message->via_count == 1 : true;
	if (own && side->contact == HOST_NOT_SAID)
		side->contact = host_of(&glance->contact, source);
}

/* More than blank lines behind the body that Content-Length promised. */
static bool is_mangled(const struct packet *packet, const struct sip_message *message)
{
	if (packet->transport != TRANSPORT_UDP || message->body.len == 0 ||
	    !text_starts_nocase(message->content_type, TEXT("application/sdp")) ||
	    message->consumed >= packet->payload.len)
		return false;
	const struct text rest = text_skip(text_of(packet->payload), message->consumed);
	return text_trim(rest).len > 0 && !sip_looks_like(text_bytes(rest));
}

void leg_trace_take(struct leg_trace *trace, const struct packet *packet,
                    const struct sip_glance *glance, unsigned int side, bool again)
{
	const struct sip_message *message = &glance->message;
	const nstime at = packet->at;
	const unsigned int asker = TRACE_SIDES - 1 - side;
	note_side(&trace->sides[side], packet, glance);
	trace->mangled |= is_mangled(packet, message);
	trace->acks += message->is_request && acknowledges(trace, message);
	if (message->is_request && is_initial(message) && trace->branch == 0) {
		trace->branch = glance->branch;
		trace->content = glance->branch ? glance->content : 0;
		trace->via_count = message->via_count;
	}
	if (message->is_request && again) {
		if (is_about(&trace->open[side], message))
			take_copy(&trace->open[side], at);
		return;
	}
	if (message->is_request) {
		take_request(trace, message, side, at);
		return;
	}
	take_answer(trace, message, asker, again, at);
	const bool invites = message->method == SIP_INVITE;
	if (invites && side == TRACE_CALLEE)
		invite_response(trace, message, again, at);
	if (again)
		trace->response_copies +=
		        !(invites && message->status >= 200 && message->status < 300);
	else
		take_response(trace, message, side, at);
}

void leg_trace_end(struct leg_trace *trace)
{
	for (unsigned int side = 0; side < TRACE_SIDES; side++)
		if (trace->open[side].copies > 0)
			judge(trace, &trace->open[side]);
}

/* --- SDP ------------------------------------------------------------------------------ */

/* Of an SDP, only an IPv4 address tells of a NAT. */
static enum trace_host host_in_sdp(const struct address *said, const struct address *source)
{
	return address_is_ipv4(said) ? host_at(said, source) : HOST_NOT_SAID;
}

static void note_formats(struct trace_side *side, const struct sdp_glance_format *formats,
                         size_t count)
{
	side->has_event = false;
	side->static_formats = 0;
	for (size_t i = 0; i < count; i++) {
		const struct sdp_glance_format *format = &formats[i];
		if (format->is_event) {
			side->has_event = true;
			side->event_type = format->payload_type;
		}
		if (format->payload_type < 64)
			side->static_formats |= UINT64_C(1) << format->payload_type;
	}
}

void leg_trace_sdp(struct leg_trace *trace, const struct sdp_glance *sdp,
                   unsigned int number, const struct packet *packet,
                   const struct sip_message *message)
{
	struct trace_side *side = &trace->sides[number];
	const struct address *source = &packet->src.address;
	if (!message->is_request && message->status >= 180 && message->status < 190 &&
	    trace->early_sdp == NSTIME_NONE)
		trace->early_sdp = packet->at;
	for (uint8_t i = 0; i < sdp->line_count; i++) {
		const struct sdp_glance_line *media = &sdp->lines[i];
		if (media->kind != SDP_AUDIO || media->port == 0)
			continue;
		side->sdp = true;
		side->own_sdp = !message->is_request || message->via_count == 1;
		side->sends = media->direction == SDP_SENDRECV ||
		              media->direction == SDP_SENDONLY;
		side->receives = media->direction == SDP_SENDRECV ||
		                 media->direction == SDP_RECVONLY;
		side->zero =
		        media->has_connection && address_is_unspecified(&media->connection);
		side->ptime_ms = media->ptime_ms;
		side->media = (struct endpoint){ media->connection, media->port };
		side->sdp_source = *source;
		if (media->has_connection)
			side->media_host = host_in_sdp(&media->connection, source);
		side->origin_host = host_in_sdp(&sdp->origin, source);
		note_formats(side, sdp_glance_formats(sdp, media), media->format_count);
		return;
	}
}
