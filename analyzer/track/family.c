/*
 * family.c - calls that came out of another one: blind transfer (REFER, RFC 3515, RFC
 * 5589 6), attended transfer and pick-up (Replaces, RFC 3891; RFC 5589 7), and calls that
 * meet in a conference (a focus, RFC 4579; Join, RFC 3911).
 */
#include "analyzer/track/signalling.h"
#include "analyzer/wire/sip_uri.h"
#include "analyzer/wire/sip_value.h"

#define REFER_TIME (32 * NS_PER_SEC) /* the INVITE that was asked for comes by then */
enum { REFERS_TO_ONE = 8 };

/* --- families ------------------------------------------------------------------------- */

static struct call *call_of(const struct signalling *s, uint32_t set)
{
	const uint32_t number = dialog_set_at(s, set)->call;
	return number == MAP_NONE ? NULL : call_at(s, number);
}

/* The call of `later` came out of that of `earlier`, which may be over. */
static void make_family(struct signalling *s, uint32_t earlier, uint32_t later,
                        enum relation relation)
{
	const struct dialog_set *set = dialog_set_at(s, earlier);
	struct call *first = call_of(s, earlier);
	struct call *second = call_of(s, later);
	if (!second || first == second)
		return;
	uint64_t family = set->family ? set->family : set->call_id;
	if (first) {
		family = first->family ? first->family : first->id;
		first->family = family;
	}
	if (!second->family)
		second->family = family;
	if (second->relation == RELATION_NONE)
		second->relation = relation;
}

/* --- Replaces ------------------------------------------------------------------------- */

/* Tells the legs of the replaced dialog; was it answered? */
static bool tell_replaced(struct signalling *s, uint32_t number, struct text params,
                          nstime at)
{
	const struct hash_key *key = &s->context->settings.key;
	const uint64_t from = hash_text(key, sip_param(params, TEXT("from-tag")));
	const uint64_t to = hash_text(key, sip_param(params, TEXT("to-tag")));
	bool answered = false;
	/* Seen from the one who gets it: either tag may be that of who called first. */
	for (uint32_t l = dialog_set_at(s, number)->first_leg; l;
	     l = leg_at(s, l - 1)->next_of_set) {
		struct leg *leg = leg_at(s, l - 1);
		if (leg->from_tag == from || leg->from_tag == to)
			leg->ending.replaced = at;
		answered = answered || leg->answered != NSTIME_NONE;
	}
	return answered;
}

/* The dialog that Replaces or Join names: callid *( ";" params ), which are left. */
static uint32_t named_set(const struct signalling *s, struct text *value)
{
	const struct text call_id = text_trim(text_cut(value, ';'));
	return dialog_set_find(s, call_id, hash_text(&s->context->settings.key, call_id));
}

static void note_replaces(struct signalling *s, uint32_t set, const struct sip_event *event)
{
	struct text value;
	if (!sip_find_header(event->message, TEXT("Replaces"), &value))
		return;
	const uint32_t replaced = named_set(s, &value);
	if (replaced == MAP_NONE || replaced == set)
		return;
	const bool is_over = dialog_set_at(s, replaced)->call == MAP_NONE;
	const bool answered = tell_replaced(s, replaced, value, event->at) || is_over;
	make_family(s, replaced, set,
	            answered ? RELATION_TRANSFER_ATTENDED : RELATION_PICKUP);
}

/* --- REFER ---------------------------------------------------------------------------- */

/* Who is to be called, and by which host. */
static uint64_t refer_key(const struct signalling *s, struct text user,
                          const struct address *by)
{
	const struct hash_key *key = &s->context->settings.key;
	const struct hash_key mixed = { key->k0 ^ hash_bytes(key, by, sizeof *by),
		                        key->k1 - 1 };
	return user.len > 0 ? hash_text(&mixed, user) : 0;
}

static int hex_value(char c)
{
	const char lower = ascii_lower(c);
	if (ascii_is_digit(c))
		return c - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Without its escapes (RFC 3261 19.1.2), and cut where there is no more room. */
static struct text unescape(struct text from, char to[RECORD_TEXT])
{
	size_t used = 0;
	for (size_t i = 0; i < from.len && used < RECORD_TEXT; i++) {
		char c = from.at[i];
		if (c == '%' && i + 2 < from.len) {
			const int high = hex_value(from.at[i + 1]);
			const int low = hex_value(from.at[i + 2]);
			if (high >= 0 && low >= 0) {
				c = (char)(high * 16 + low);
				i += 2;
			}
		}
		to[used++] = c;
	}
	return (struct text){ to, used };
}

/* "sip:carol@b.example?Replaces=7@b.example%3Bto-tag%3Dx": the Call-ID; empty: none. */
static struct text replaced_by(struct text uri, char room[RECORD_TEXT])
{
	struct text headers = text_skip(uri, text_find(uri, '?'));
	if (headers.len == 0)
		return headers;
	headers = text_skip(headers, 1);
	while (headers.len > 0) {
		struct text value = text_cut(&headers, '&');
		const struct text name = text_cut(&value, '=');
		if (!text_equal_nocase(name, TEXT("Replaces")))
			continue;
		struct text all = unescape(value, room);
		return text_trim(text_cut(&all, ';'));
	}
	return headers;
}

/* The two calls of an attended transfer: the later one was for consultation. */
static void note_consultation(struct signalling *s, uint32_t set, uint32_t other)
{
	const struct call *here = call_of(s, set);
	const struct call *there = call_of(s, other);
	if (!here || !there || here == there)
		return;
	if (there->start < here->start)
		make_family(s, other, set, RELATION_CONSULTATION);
	else
		make_family(s, set, other, RELATION_CONSULTATION);
}

void family_note_refer(struct signalling *s, uint32_t set, const struct sip_event *event)
{
	char room[RECORD_TEXT];
	struct sip_address address;
	struct text value;
	if (!sip_find_header(event->message, TEXT("Refer-To"), &value) ||
	    !sip_read_address(sip_cut_value(&value), &address))
		return;
	const struct text call_id = replaced_by(address.uri, room);
	const uint64_t hash = hash_text(&s->context->settings.key, call_id);
	const uint32_t other =
	        call_id.len > 0 ? dialog_set_find(s, call_id, hash) : MAP_NONE;
	if (other != MAP_NONE && other != set)
		note_consultation(s, set, other);
	const struct text target = text_head(address.uri, text_find(address.uri, '?'));
	struct sip_uri parts;
	const uint64_t key = sip_uri_read(target, &parts)
	                             ? refer_key(s, parts.user, &event->packet->dst.address)
	                             : 0;
	dialog_set_at(s, set)->referred = event->at;
	if (key)
		correlate_keep(s, set, key);
}

/* Of several that wait for the same call, who asked first. */
static void note_referred(struct signalling *s, uint32_t set, const struct sip_event *event)
{
	uint32_t sets[REFERS_TO_ONE];
	const struct call *call = call_of(s, set);
	const uint64_t key =
	        refer_key(s, event->glance->to_user, &event->packet->src.address);
	const size_t count = key ? correlate_find(s, key, sets, REFERS_TO_ONE) : 0;
	struct dialog_set *first = NULL;
	uint32_t number = MAP_NONE;
	for (size_t i = 0; i < count; i++) {
		struct dialog_set *other = dialog_set_at(s, sets[i]);
		if (sets[i] == set || !other->referred ||
		    other->referred + REFER_TIME < event->at ||
		    (first && other->referred >= first->referred))
			continue;
		first = other;
		number = sets[i];
	}
	if (!first || !call || call->relation != RELATION_NONE)
		return;
	make_family(s, number, set, RELATION_TRANSFER_BLIND);
	first->referred = 0;
}

/* --- conferences ---------------------------------------------------------------------- */

static void note_join(struct signalling *s, uint32_t set, const struct sip_event *event)
{
	struct text value;
	if (!sip_find_header(event->message, TEXT("Join"), &value))
		return;
	const uint32_t joined = named_set(s, &value);
	if (joined != MAP_NONE && joined != set && call_of(s, joined))
		make_family(s, joined, set, RELATION_CONFERENCE);
}

/* The URI of a conference is that of its focus, and no two have the same at a time. */
static uint64_t focus_key(const struct signalling *s, struct text uri)
{
	const struct hash_key *key = &s->context->settings.key;
	const struct hash_key mixed = { key->k0, key->k1 - 2 };
	return hash_text(&mixed, text_head(uri, text_find(uri, ';')));
}

void family_note_focus(struct signalling *s, uint32_t set, const struct sip_event *event)
{
	const struct sip_address *contact = &event->message->contact;
	uint32_t sets[CALLS_TO_ONE];
	uint32_t first = MAP_NONE;
	if (contact->params.len == 0 || event->message->method != SIP_INVITE ||
	    !sip_has_param(contact->params, TEXT("isfocus")))
		return;
	const uint64_t key = focus_key(s, contact->uri);
	const size_t count = correlate_find(s, key, sets, CALLS_TO_ONE);
	for (size_t i = 0; i < count; i++)
		if (sets[i] != set && call_of(s, sets[i]) &&
		    (first == MAP_NONE ||
		     dialog_set_at(s, sets[i])->start < dialog_set_at(s, first)->start))
			first = sets[i];
	correlate_keep(s, set, key);
	if (first != MAP_NONE)
		make_family(s, first, set, RELATION_CONFERENCE);
}

void family_note_invite(struct signalling *s, uint32_t set, const struct sip_event *event)
{
	if (event->message->has_replaces)
		note_replaces(s, set, event);
	if (sip_has_header(event->message, SIP_JOIN))
		note_join(s, set, event);
	note_referred(s, set, event);
}
