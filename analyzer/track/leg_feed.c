/* leg_feed.c - what one message does to the leg that it is of. */
#include "analyzer/track/signalling.h"

#include <stdlib.h>
#include <string.h>

static void describe(char *to, size_t size, const struct sip_message *message)
{
	struct text parts[3] = { message->method_name };
	char status[4] = "";
	if (!message->is_request) {
		status[0] = (char)('0' + message->status / 100);
		status[1] = (char)('0' + message->status / 10 % 10);
		status[2] = (char)('0' + message->status % 10);
		parts[0] = text_from(status);
		parts[1] = message->reason.len ? TEXT(" ") : (struct text){ 0 };
		parts[2] = message->reason;
	}
	size_t used = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const struct text fits = text_head(parts[i], size - 1 - used);
		if (fits.len)
			memcpy(to + used, fits.at, fits.len);
		used += fits.len;
	}
	to[used] = '\0';
}

/* "314159 INVITE" */
static void describe_cseq(char *to, size_t size, const struct sip_message *message)
{
	char digits[11];
	size_t at = sizeof digits;
	uint32_t rest = message->cseq;
	do
		digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	const size_t len = sizeof digits - at;
	memcpy(to, digits + at, len);
	to[len] = ' ';
	text_copy(to + len + 1, size - len - 1, message->method_name);
}

static void give_message(struct signalling *s, const struct leg *leg,
                         const struct sip_event *event, bool retransmission)
{
	const struct context *context = s->context;
	if (!context->settings.keep_messages)
		return;
	struct record record; /* most of it is other kinds' and stays as it is */
	record.kind = RECORD_MESSAGE;
	record.at = context->now;
	record.tail = (struct span){ 0 };
	struct message_record *out = &record.message;
	*out = (struct message_record){
		.leg = leg->id,
		.call = call_at(s, dialog_set_at(s, leg->set)->call)->id,
		.at = event->packet->at,
		.frame = event->packet->frame,
		.src = event->packet->src,
		.dst = event->packet->dst,
		.transport = event->packet->transport,
		.retransmission = retransmission,
		.sdp = text_starts_nocase(event->message->content_type,
		                          TEXT("application/sdp")),
		.length = event->packet->payload_len,
	};
	struct id_builder id = id_begin(context, RECORD_MESSAGE);
	id_add_number(&id, leg->id);
	id_add_number(&id, leg->messages);
	out->id = id_end(&id);
	describe(out->summary, sizeof out->summary, event->message);
	describe_cseq(out->cseq, sizeof out->cseq, event->message);
	if (context->settings.keep_message_bytes)
		record.tail = text_bytes(text_head(text_of(event->packet->payload),
		                                   event->message->consumed));
	context->sink->accept(context->sink->self, &record);
}

static void keep_software(struct signalling *s, char **kept, struct text name)
{
	if (*kept || name.len == 0)
		return;
	const struct text fits = text_head(name, RECORD_WORDS - 1);
	*kept = malloc(fits.len + 1);
	if (*kept)
		sip_unfold(fits, *kept, fits.len + 1);
	else
		count(s->context, COUNT_NO_MEMORY);
}

/* User-Agent is the caller's word, Server the callee's; devices use either for both. */
static void note_software(struct signalling *s, struct leg *leg,
                          const struct sip_event *event)
{
	const struct sip_message *message = event->message;
	const struct text name =
	        message->user_agent.len ? message->user_agent : message->server;
	if (leg_from_caller(leg, event->from_tag, message->is_request))
		keep_software(s, &leg->user_agent, name);
	else
		keep_software(s, &leg->server, name);
}

void leg_feed_deadline(struct signalling *s, struct leg *leg, nstime due)
{
	if (deadline_set(&s->context->deadlines, &leg->deadline, due) != OK)
		count(s->context, COUNT_NO_MEMORY);
}

static void apply(struct signalling *s, uint32_t number, const struct sip_event *event)
{
	struct leg *leg = leg_at(s, number);
	const struct sip_message *message = event->message;
	const bool was_over = leg->ended != NSTIME_NONE;
	if (message->is_request)
		leg_request(leg, message, event->from_tag, event->at);
	else
		leg_response(leg, message, event->from_tag, event->to_tag, event->at);
	trunk_load_note(&s->trunk_load, leg, leg->ended != NSTIME_NONE);
	leg_nat_note(&leg->nat, &leg->texts, event->glance, &event->packet->src.address,
	             leg_from_caller(leg, event->from_tag, message->is_request));
	if (leg->no_memory || leg->texts.no_memory)
		count(s->context, COUNT_NO_MEMORY);
	leg->no_memory = leg->texts.no_memory = false;
	note_software(s, leg, event);
	if (leg->media_closed) {
		if (!leg_stages_awaits_bye(&leg->stages))
			leg_feed_deadline(s, leg, s->context->now);
		return;
	}
	offer_publish(s, number, event);
	family_note_focus(s, leg->set, event);
	if (message->is_request && message->method == SIP_REFER)
		family_note_refer(s, leg->set, event);
	else if (sip_begins_dialog(message))
		family_note_invite(s, leg->set, event);
	if (!was_over && leg->ended != NSTIME_NONE && leg->answered != NSTIME_NONE)
		dialog_set_spread_end(s, number, event);
	const bool is_over = leg->ended != NSTIME_NONE;
	media_leg_over(s->media, leg->media, leg->ended);
	media_leg_answered(s->media, leg->media, leg->answered);
	if (is_over && was_over)
		return; /* the two seconds run from the end, not from what follows it */
	leg_feed_deadline(s, leg,
	                  leg_due(leg, &s->context->settings.limits,
	                          &s->context->pressures[PRESSURE_CALLS], s->context->now));
}

/* Of each side's first message. */
static void note_dscp(struct leg *leg, const struct packet *packet)
{
	const bool from_src = address_equal(&packet->src.address, &leg->src.address);
	uint8_t *kept = from_src ? &leg->offers.dscp_src : &leg->offers.dscp_dst;
	if (!*kept)
		*kept = (uint8_t)(packet->dscp + 1);
}

void leg_feed_point(struct leg *leg, const struct packet *packet)
{
	if (packet->point)
		leg->points |= (uint8_t)(1u << (packet->point - 1));
}

void leg_feed(struct signalling *s, uint32_t number, struct sip_event *event)
{
	struct leg *leg = leg_at(s, number);
	if (!leg->media_closed)
		pool_prefetch(&s->media->legs, leg->media); /* for `apply` */
	event->thing = leg->id;
	if (event->at < leg->last)
		event->at = leg->last;
	leg->last = event->at;
	const enum leg_repeat repeat =
	        leg_repeat(leg, event->digest, event->packet->ip_id, event->at);
	if (repeat == LEG_COPY) {
		leg->span_copies++;
		count(s->context, COUNT_SIP_COPIES);
		return;
	}
	const bool again = repeat == LEG_RETRANSMISSION;
	if (again) {
		leg->retransmissions++;
		leg->invite_retransmissions +=
		        event->message->is_request && event->message->method == SIP_INVITE;
		leg_stages_repeat(&leg->stages, event->message, leg->invite_cseq);
		count(s->context, COUNT_SIP_RETRANSMISSIONS);
	}
	if (event->message->truncated)
		leg->flags |= LEG_TRUNCATED;
	note_dscp(leg, event->packet);
	leg_feed_point(leg, event->packet);
	leg_trace_take(&leg->trace, event->packet, event->glance,
	               leg_from_caller(leg, event->from_tag, event->message->is_request)
	                       ? TRACE_CALLER
	                       : TRACE_CALLEE,
	               again);
	give_message(s, leg, event, again);
	leg->messages++;
	if (!again)
		apply(s, number, event);
	call_charge(s, leg);
}
