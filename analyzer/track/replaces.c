/*
 * replaces.c - an INVITE that takes the place of another dialog (RFC 3891): the legs of
 * that one are told.
 */
#include "analyzer/track/signalling.h"
#include "analyzer/wire/sip_value.h"

/* Replaces = callid *( ";" to-tag / from-tag / early-only ) */
void call_note_replaces(struct signalling *s, const struct sip_event *event)
{
	struct text value;
	if (!event->message->is_request || event->message->method != SIP_INVITE ||
	    !sip_find_header(event->message, TEXT("Replaces"), &value))
		return;
	const struct hash_key *key = &s->context->settings.key;
	const struct text call_id = text_trim(text_cut(&value, ';'));
	const uint64_t from = hash_text(key, sip_param(value, TEXT("from-tag")));
	const uint64_t to = hash_text(key, sip_param(value, TEXT("to-tag")));
	const uint32_t number = dialog_set_find(s, call_id, hash_text(key, call_id));
	if (number == MAP_NONE)
		return;
	/* Seen from the one who gets it: either tag may be that of who called first. */
	for (uint32_t l = dialog_set_at(s, number)->first_leg; l;
	     l = leg_at(s, l - 1)->next_of_set) {
		struct leg *leg = leg_at(s, l - 1);
		if (leg->from_tag == from || leg->from_tag == to)
			leg->ending.replaced = event->at;
	}
}
