#include "analyzer/track/correlate.h"

#include <math.h>

#include "analyzer/track/signalling.h"
#include "analyzer/wire/sip_value.h"

enum {
	KEYS_PER_SET = 12,
	SETS_PER_KEY = 8, /* what more sets than these have in common tells nothing */
	SHORTEST_VALUE = 6,
	SHORTEST_BASE = 12, /* of a Call-ID that is part of another */
	AFFIX_MAX = 12,
	SESSION_ID_LENGTH = 32, /* RFC 7989 section 5: a UUID in hexadecimal */
};

/* What a key is made of, so that equal texts of different meaning are different keys. */
enum key_kind { KEY_SESSION = 1, KEY_VALUE, KEY_BASE };

void correlation_free(struct correlation *correlation)
{
	pool_free(&correlation->keys);
	map_free(&correlation->map);
}

static struct join_key *key_at(const struct signalling *s, uint32_t number)
{
	return pool_at(&s->correlation.keys, number);
}

/* --- may two calls be one? ------------------------------------------------------------ */

/* Another host; or another port, where one host is all there is. */
static bool is_elsewhere(const struct endpoint *a, const struct endpoint *b, bool one_host)
{
	return !address_equal(&a->address, &b->address) || (one_host && a->port != b->port);
}

/* Neither from where the other comes nor to where it goes: one may lead to the other. */
static bool may_lead(const struct leg *a, const struct leg *b)
{
	const bool one_host = address_equal(&a->src.address, &a->dst.address);
	return is_elsewhere(&a->src, &b->src, one_host) &&
	       is_elsewhere(&a->dst, &b->dst, one_host);
}

/*
 * Calls of one host, and calls to one host, are calls by themselves, whatever a header says
 * that is the same in all of them: one does not lead to the other.
 */
static bool may_follow(const struct signalling *s, uint32_t number,
                       const struct dialog_set *set)
{
	for (uint32_t d = call_at(s, number)->first_set; d;
	     d = dialog_set_at(s, d - 1)->next_of_call) {
		const struct dialog_set *other = dialog_set_at(s, d - 1);
		const uint32_t lists[] = { other->first_leg, other->first_closed };
		for (size_t i = 0; i < ARRAY_LEN(lists); i++)
			for (uint32_t l = lists[i]; l; l = leg_at(s, l - 1)->next_of_set)
				if (may_lead(leg_at(s, l - 1),
				             leg_at(s, set->first_leg - 1)))
					return true;
	}
	return false;
}

static void try_join(struct signalling *s, uint32_t number, uint32_t other,
                     const struct join_evidence *evidence)
{
	const struct dialog_set *set = dialog_set_at(s, number);
	const uint32_t call = dialog_set_at(s, other)->call;
	if (call == MAP_NONE || other == number || !set->first_leg)
		return;
	if (call == set->call || may_follow(s, call, set))
		(void)call_join(s, number, other, evidence); /* counted if it cannot */
}

/* --- keys ----------------------------------------------------------------------------- */

static uint64_t key_hash(const struct signalling *s, enum key_kind kind, struct text name,
                         struct text value)
{
	const struct hash_key *key = &s->context->settings.key;
	char lower[RECORD_NAME];
	size_t len = 0;
	for (; len < name.len && len < sizeof lower; len++)
		lower[len] = ascii_lower(name.at[len]);
	const struct hash_key mixed = { key->k0 ^ hash_bytes(key, lower, len),
		                        key->k1 + kind };
	return hash_text(&mixed, value);
}

/* A hash that anybody may see: of the value alone, the same on every machine. */
static uint64_t shown_hash(struct text value)
{
	const struct hash_key fixed = { 0 };
	const uint64_t hash = hash_text(&fixed, value);
	return hash ? hash : 1;
}

static bool has_key(const struct signalling *s, const struct dialog_set *set, uint64_t hash)
{
	for (uint32_t k = set->first_key; k; k = key_at(s, k - 1)->next_of_set)
		if (key_at(s, k - 1)->hash == hash)
			return true;
	return false;
}

static void keep_key(struct signalling *s, uint32_t number, uint64_t hash)
{
	struct correlation *c = &s->correlation;
	struct dialog_set *set = dialog_set_at(s, number);
	void *object;
	uint32_t key_number;
	enum status status = set->key_count < KEYS_PER_SET ? OK : ERR_FULL;
	if (status == OK)
		status = pool_take(&c->keys, &object, &key_number);
	if (status == OK && (status = map_insert(&c->map, hash, key_number)) != OK)
		pool_give(&c->keys, key_number);
	if (status != OK) {
		context_count_failure(s->context, status, COUNT_JOIN_KEYS_NOT_KEPT);
		return;
	}
	struct join_key *key = object;
	*key = (struct join_key){ hash, number, set->first_key };
	set->first_key = key_number + 1;
	set->key_count++;
}

void correlate_forget(struct signalling *s, struct dialog_set *set)
{
	while (set->first_key) {
		const uint32_t number = set->first_key - 1;
		const struct join_key *key = key_at(s, number);
		set->first_key = key->next_of_set;
		map_remove(&s->correlation.map, key->hash, number);
		pool_give(&s->correlation.keys, number);
	}
}

size_t correlate_find(const struct signalling *s, uint64_t hash, uint32_t *sets,
                      size_t most)
{
	size_t count = 0;
	struct map_cursor cursor = map_cursor_of(hash);
	uint32_t number;
	while (count < most &&
	       (number = map_next(&s->correlation.map, &cursor)) != MAP_NONE)
		if (key_at(s, number)->hash == hash)
			sets[count++] = key_at(s, number)->set;
	return count;
}

/* Nor may any number of them pile up in one place of the map. */
void correlate_keep(struct signalling *s, uint32_t number, uint64_t hash)
{
	uint32_t sets[CALLS_TO_ONE];
	if (!has_key(s, dialog_set_at(s, number), hash) &&
	    correlate_find(s, hash, sets, CALLS_TO_ONE) < CALLS_TO_ONE)
		keep_key(s, number, hash);
}

/* The set has this key from now on: whoever has it too is of the same call. */
static void meet(struct signalling *s, uint32_t number, uint64_t hash,
                 const struct join_evidence *evidence)
{
	uint32_t sets[SETS_PER_KEY];
	if (has_key(s, dialog_set_at(s, number), hash))
		return;
	const size_t count = correlate_find(s, hash, sets, SETS_PER_KEY);
	if (count == SETS_PER_KEY)
		return;
	keep_key(s, number, hash);
	for (size_t i = 0; i < count; i++)
		try_join(s, number, sets[i], evidence);
}

/* The value is the Call-ID of another set. */
static void meet_named(struct signalling *s, uint32_t number, struct text call_id,
                       const struct join_evidence *evidence)
{
	const uint64_t hash = hash_text(&s->context->settings.key, call_id);
	const uint32_t other = dialog_set_find(s, call_id, hash);
	if (other != MAP_NONE)
		try_join(s, number, other, evidence);
}

/* --- Session-ID ----------------------------------------------------------------------- */

/* RFC 7989 section 6: a side that does not know the other's sends zeros. */
static bool is_session_id(struct text t)
{
	bool any = false;
	for (size_t i = 0; i < t.len; i++) {
		const char c = ascii_lower(t.at[i]);
		if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		any = any || c != '0';
	}
	return any && t.len == SESSION_ID_LENGTH;
}

/* Either end's, whichever comes first: between the two directions they change places. */
static void feed_session_id(struct signalling *s, uint32_t set, struct text value)
{
	struct text params = value;
	const struct text sides[] = { text_trim(text_cut(&params, ';')),
		                      sip_param(params, TEXT("remote")) };
	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		if (!is_session_id(sides[i]))
			continue;
		char lower[SESSION_ID_LENGTH];
		for (size_t k = 0; k < sizeof lower; k++)
			lower[k] = ascii_lower(sides[i].at[k]);
		const struct text id = { lower, sizeof lower };
		const struct join_evidence evidence = { .by = JOINED_BY_SESSION_ID,
			                                .header = "Session-ID",
			                                .value = shown_hash(id) };
		meet(s, set, key_hash(s, KEY_SESSION, TEXT(""), id), &evidence);
	}
}

/* --- headers -------------------------------------------------------------------------- */

/* "0", "default", "unknown" are in every call. */
static bool tells_calls_apart(struct text value)
{
	bool digit = false;
	for (size_t i = 0; i < value.len; i++)
		digit = digit || ascii_is_digit(value.at[i]);
	return digit && value.len >= SHORTEST_VALUE;
}

static void feed_value(struct signalling *s, uint32_t set, const char *name,
                       struct text value)
{
	const struct join_evidence evidence = { .by = JOINED_BY_HEADER,
		                                .header = name,
		                                .value = shown_hash(value) };
	if (!tells_calls_apart(value))
		return;
	meet(s, set, key_hash(s, KEY_VALUE, text_from(name), value), &evidence);
	meet_named(s, set, value, &evidence);
}

/* RFC 7315 section 4.6: icid-value is the same in all dialogs of a charging event. */
static void feed_charging_vector(struct signalling *s, uint32_t set, const char *name,
                                 struct text value)
{
	feed_value(s, set, name, sip_param(value, TEXT("icid-value")));
}

/* A list of Call-IDs: of calls that this one answers (RFC 3261 20.21), or belongs to. */
static void feed_call_ids(struct signalling *s, uint32_t set, const char *name,
                          struct text value)
{
	while (value.len > 0) {
		const struct text call_id = text_trim(text_cut(&value, ','));
		const struct join_evidence evidence = { .by = JOINED_BY_HEADER,
			                                .header = name,
			                                .value = shown_hash(call_id) };
		meet_named(s, set, call_id, &evidence);
	}
}

static const struct {
	const char *name;
	void (*feed)(struct signalling *s, uint32_t set, const char *name,
	             struct text value);
} known_headers[] = {
	{ "P-Charging-Vector", feed_charging_vector },
	{ "In-Reply-To", feed_call_ids },
};

enum status correlation_init(struct correlation *correlation,
                             const struct settings *settings)
{
	pool_init(&correlation->keys, sizeof(struct join_key),
	          (uint32_t)settings->limits.join_keys);
	for (size_t i = 0; i < ARRAY_LEN(known_headers); i++)
		correlation->name_bits |= sip_name_bit(text_from(known_headers[i].name));
	for (size_t i = 0; i < settings->correlation_header_count; i++)
		correlation->name_bits |=
		        sip_name_bit(text_from(settings->correlation_headers[i]));
	return map_init(&correlation->map);
}

static void feed_header(struct signalling *s, uint32_t set,
                        const struct sip_header_field *field)
{
	const struct settings *settings = &s->context->settings;
	for (size_t i = 0; i < ARRAY_LEN(known_headers); i++)
		if (text_equal_nocase(field->name, text_from(known_headers[i].name)))
			known_headers[i].feed(s, set, known_headers[i].name, field->value);
	for (size_t i = 0; i < settings->correlation_header_count; i++) {
		const char *name = settings->correlation_headers[i];
		if (text_equal_nocase(field->name, text_from(name)))
			feed_value(s, set, name, field->value);
	}
}

static void feed_headers(struct signalling *s, uint32_t set,
                         const struct sip_message *message)
{
	struct text rest = message->headers;
	struct sip_header_field field;
	if (!(message->other_bits & s->correlation.name_bits))
		return;
	while (sip_next_header(&rest, &field))
		if (field.header == SIP_HEADER_OTHER && field.value.len > 0)
			feed_header(s, set, &field);
}

/* --- Call-IDs that are part of others ------------------------------------------------- */

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.' || c == '~' || c == ';' || c == ':';
}

/* Is that what a B2BUA counts its legs with: "_b2b-1"? */
static bool is_b2b(struct text affix)
{
	return text_find_text(affix, TEXT("b2b")) < affix.len;
}

/*
 * The call goes on with Call-ID `call_id`, which is `base` and something more.  Where the
 * something says so, two of the same base are one call even if the base was not seen.
 */
static void feed_base(struct signalling *s, uint32_t set, struct text base, bool says_so)
{
	const struct join_evidence evidence = { .by = JOINED_BY_HEADER,
		                                .header = "Call-ID",
		                                .value = shown_hash(base) };
	if (base.len < SHORTEST_BASE)
		return;
	meet_named(s, set, base, &evidence);
	if (says_so)
		meet(s, set, key_hash(s, KEY_BASE, TEXT(""), base), &evidence);
}

/* Each beginning of `front` that a separator ends, followed by `host`. */
static void feed_suffixes(struct signalling *s, uint32_t set, struct text front,
                          struct text host)
{
	char base[RECORD_TEXT];
	for (size_t at = front.len; at-- > 1 && front.len - at <= AFFIX_MAX;) {
		if (!is_separator(front.at[at]) || at + host.len > sizeof base)
			continue;
		for (size_t i = 0; i < at; i++)
			base[i] = front.at[i];
		for (size_t i = 0; i < host.len; i++)
			base[at + i] = host.at[i];
		feed_base(s, set, (struct text){ base, at + host.len },
		          is_b2b(text_skip(front, at)));
	}
}

static void feed_call_id(struct signalling *s, uint32_t set, struct text call_id)
{
	const size_t user = text_find(call_id, '@');
	feed_suffixes(s, set, call_id, (struct text){ 0 });
	if (user < call_id.len)
		feed_suffixes(s, set, text_head(call_id, user), text_skip(call_id, user));
	for (size_t at = 1; at < call_id.len && at <= AFFIX_MAX; at++)
		if (is_separator(call_id.at[at]))
			feed_base(s, set, text_skip(call_id, at + 1),
			          is_b2b(text_head(call_id, at)));
}

/* The other way round: a set that was seen before and is this one's base and more. */
static void feed_as_base(struct signalling *s, uint32_t set, struct text call_id)
{
	const struct join_evidence evidence = { .by = JOINED_BY_HEADER,
		                                .header = "Call-ID",
		                                .value = shown_hash(call_id) };
	uint32_t sets[SETS_PER_KEY];
	const size_t count = correlate_find(s, key_hash(s, KEY_BASE, TEXT(""), call_id),
	                                    sets, SETS_PER_KEY);
	for (size_t i = 0; i < count; i++)
		try_join(s, set, sets[i], &evidence);
}

/* --- the whole ------------------------------------------------------------------------ */

void correlate_feed(struct signalling *s, uint32_t set, const struct sip_event *event)
{
	const struct sip_message *message = event->message;
	if (message->session_id.len > 0)
		feed_session_id(s, set, message->session_id);
	if (!sip_begins_dialog(message))
		return;
	feed_headers(s, set, message);
	feed_call_id(s, set, message->call_id);
	correlate_note_numbers(s, set);
	if (s->correlation.map.used > 0)
		feed_as_base(s, set, message->call_id);
}

static void join_by_media(struct signalling *s, const struct leg_match *match,
                          enum match_kind kind)
{
	static const enum joined_by by[MATCH_KINDS] = { JOINED_BY_RTP, JOINED_BY_PAYLOAD };
	const struct join_evidence evidence = { .by = by[kind],
		                                .matches = match->matches[kind],
		                                .offset_ms = (float)match->offset_ms };
	if (evidence.matches > 0)
		(void)call_join(s, leg_at(s, match->legs[0])->set,
		                leg_at(s, match->legs[1])->set, &evidence);
}

/* The kind that there is more of first, for it is what the legs keep. */
void correlate_media(struct signalling *s)
{
	struct media_matcher *m = &s->media->matcher;
	for (size_t i = 0; i < m->found_count; i++) {
		const struct leg_match *match = &m->found[i];
		const bool rtp = match->matches[MATCH_RTP] > match->matches[MATCH_PAYLOAD];
		join_by_media(s, match, rtp ? MATCH_RTP : MATCH_PAYLOAD);
		join_by_media(s, match, rtp ? MATCH_PAYLOAD : MATCH_RTP);
	}
	m->found_count = 0;
	deadline_clear(&s->context->deadlines, &m->deadline);
}

void correlate_leg_record(const struct leg *leg, const struct dialog_set *set,
                          struct leg_record *out)
{
	const struct join_evidence *joined = &set->joined;
	out->joined_offset_ms = NAN;
	if (leg->id != set->leg_id) {
		out->joined_by = JOINED_BY_CALL_ID;
		out->joined_leg = set->leg_id;
		return;
	}
	out->joined_by = joined->by;
	out->joined_leg = joined->leg;
	out->joined_value = joined->value;
	out->joined_matches = joined->matches;
	if (joined->matches)
		out->joined_offset_ms = (double)joined->offset_ms;
	if (joined->header)
		text_copy(out->joined_header, sizeof out->joined_header,
		          text_from(joined->header));
}
