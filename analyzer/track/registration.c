#include "analyzer/track/registration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/wire/sip_contact.h"
#include "analyzer/wire/sip_uri.h"

enum { EVICTION_SEARCH = 16 };

enum status registrations_init(struct registrations *r, struct context *context)
{
	r->context = context;
	pool_init(&r->pool, sizeof(struct registration),
	          (uint32_t)context->settings.limits.registrations);
	const enum status status = map_init(&r->map);
	return status == OK ? bindings_init(&r->bindings, context) : status;
}

static struct registration *registration_at(const struct registrations *r, uint32_t number)
{
	return pool_at(&r->pool, number);
}

static void give_back(struct registrations *r, uint32_t number)
{
	struct registration *g = registration_at(r, number);
	deadline_clear(&r->context->deadlines, &g->deadline);
	map_remove(&r->map, g->hash, number);
	free(g->aor);
	free(g->contact);
	free(g->sip_call_id);
	free(g->via);
	free(g->user_agent);
	pool_give(&r->pool, number);
}

void registrations_free(struct registrations *r)
{
	for (uint32_t i = 0; i < r->pool.reach; i++)
		if (pool_live(&r->pool, i))
			give_back(r, i);
	pool_free(&r->pool);
	map_free(&r->map);
	bindings_free(&r->bindings);
}

static char *duplicate(struct registrations *r, struct text text)
{
	const struct text kept = text_head(text, RECORD_TEXT - 1);
	char *copy = malloc(kept.len + 1);
	if (copy)
		text_copy(copy, kept.len + 1, kept);
	else
		count(r->context, COUNT_NO_MEMORY);
	if (kept.len < text.len)
		count(r->context, COUNT_TEXT_CUT);
	return copy;
}

static void replace(struct registrations *r, char **owned, struct text text)
{
	free(*owned);
	*owned = duplicate(r, text);
}

/* The attempt is known by Call-ID and the client's address (a NAT may change its port). */
static uint64_t hash_of(const struct registrations *r, const struct sip_message *message,
                        const struct address *client)
{
	const struct hash_key *key = &r->context->settings.key;
	const struct hash_key mixed = { key->k0 ^ hash_text(key, message->call_id),
		                        key->k1 };
	return hash_bytes(&mixed, client, sizeof *client);
}

static uint32_t find(const struct registrations *r, const struct sip_message *message,
                     const struct address *client, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&r->map, &cursor);
		if (number == MAP_NONE)
			return MAP_NONE;
		const struct registration *g = registration_at(r, number);
		if (address_equal(&g->src.address, client) && g->sip_call_id &&
		    text_equal((struct text){ g->sip_call_id, g->sip_call_id_len },
		               text_head(message->call_id, RECORD_TEXT - 1)))
			return number;
	}
}

static bool has_succeeded(const struct registration *g)
{
	return g->status >= 200 && g->status < 300;
}

/*
 * Nobody waits longer for an answer to any of the requests than timer F, nor gets it before
 * he asks: the clock jumped.
 */
static bool is_believed(const struct registrations *r, const struct registration *g)
{
	const nstime patience = r->context->settings.limits.register_timeout;
	const nstime rounds = (nstime)g->auth_rounds + 1;
	return !g->answered_before && g->answered - g->at <= rounds * patience;
}

static double rrd_ms(const struct registrations *r, const struct registration *g)
{
	return g->requested && has_succeeded(g) && is_believed(r, g)
	               ? ns_to_ms(g->answered - g->at)
	               : NAN;
}

static void note_binding(struct registrations *r, struct registration *g)
{
	const struct binding_news news = {
		.aor = g->aor,
		.contact = g->contact,
		.user_agent = g->user_agent,
		.src = &g->src,
		.registrar = &g->registrar,
		.at = g->answered == NSTIME_NONE ? g->at : g->answered,
		.purpose = g->purpose,
		.status = g->status,
		.authenticated = g->authenticated,
		.nat = g->nat,
		.auth_rounds = g->auth_rounds,
		.transport = g->transport,
		.expires_s = g->expires_s,
		.rrd_ms = rrd_ms(r, g),
	};
	g->change = bindings_note(&r->bindings, &news);
}

static void report(struct registrations *r, uint32_t number, nstime at)
{
	struct registration *g = registration_at(r, number);
	const struct final final = { at, g->id, number, RECORD_REGISTRATION };
	if (g->reported)
		return;
	g->reported = true;
	if (g->requested && has_succeeded(g) && !is_believed(r, g))
		count(r->context, COUNT_DELAYS_NOT_BELIEVED);
	note_binding(r, g);
	if (finals_add(&r->context->finals, final) != OK)
		count(r->context, COUNT_NO_MEMORY);
}

/* What nobody answered goes first, and what has waited for longer. */
static bool is_less_worth(const struct registration *a, const struct registration *b)
{
	return (a->status == 0) == (b->status == 0) ? a->at < b->at : a->status == 0;
}

/* A stranger's flood must not stop registrations: the least worth of a few, counted. */
static void evict(struct registrations *r)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && r->pool.reach; i++) {
		const uint32_t number = r->hand++ % r->pool.reach;
		const struct registration *g = pool_live(&r->pool, number);
		if (g && g->deadline.position &&
		    (victim == MAP_NONE || is_less_worth(g, registration_at(r, victim))))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	count(r->context, COUNT_REGISTRATIONS_EVICTED);
	give_back(r, victim);
}

/* While requests find little room. */
#define PATIENCE_TIGHT (4 * NS_PER_SEC)

static void start_timer(struct registrations *r, struct registration *g)
{
	const struct limits *limits = &r->context->settings.limits;
	const struct pressure *pressure = &r->context->pressures[PRESSURE_REQUESTS];
	if (deadline_set(&r->context->deadlines, &g->deadline,
	                 r->context->now + pressure_patience(pressure,
	                                                     limits->register_timeout,
	                                                     PATIENCE_TIGHT)) != OK)
		count(r->context, COUNT_NO_MEMORY);
}

static uint32_t open_attempt(struct registrations *r, const struct packet *packet,
                             const struct sip_message *message, uint64_t hash)
{
	void *object;
	uint32_t number;
	if (r->pool.live == r->pool.cap)
		evict(r);
	enum status status = pool_take(&r->pool, &object, &number);
	if (status == OK && (status = map_insert(&r->map, hash, number)) != OK)
		pool_give(&r->pool, number);
	if (status != OK) {
		context_count_failure(r->context, status, COUNT_REGISTRATIONS_EVICTED);
		return MAP_NONE;
	}
	struct registration *g = object;
	g->hash = hash;
	g->src = message->is_request ? packet->src : packet->dst;
	g->registrar = message->is_request ? packet->dst : packet->src;
	g->transport = packet->transport;
	g->deadline.kind = DEADLINE_REGISTRATION;
	g->deadline.number = number;
	g->sip_call_id = duplicate(r, message->call_id);
	g->sip_call_id_len = text_head(message->call_id, RECORD_TEXT - 1).len;
	return number;
}

static void begin(struct registrations *r, struct registration *g,
                  const struct sip_message *message, nstime at)
{
	g->at = g->answered = at;
	g->status = 0;
	g->reported = g->authenticated = g->requested = g->answered_before = false;
	g->auth_rounds = g->retransmissions = 0;
	g->purpose = REGISTER_UNKNOWN;
	g->expires_s = NAN;
	struct id_builder id = id_begin(r->context, RECORD_REGISTRATION);
	id_add_text(&id, message->call_id);
	id_add_endpoint(&id, &g->src);
	id_add_endpoint(&id, &g->registrar);
	id_add_number(&id, (uint64_t)at);
	g->id = id_end(&id);
	replace(r, &g->aor, message->to.uri);
	count(r->context, COUNT_REGISTRATIONS);
}

static void note_expiry(struct registration *g, const struct sip_message *message,
                        int64_t contact_expires_s)
{
	if (contact_expires_s >= 0)
		g->expires_s = (double)contact_expires_s;
	else if (message->expires_s >= 0)
		g->expires_s = (double)message->expires_s;
}

static void keep_contact(struct registrations *r, struct registration *g,
                         const struct sip_message *message)
{
	if (message->contact_is_star)
		replace(r, &g->contact, TEXT("*"));
	else if (message->contact.uri.len)
		replace(r, &g->contact, message->contact.uri);
	note_expiry(g, message, message->contact_expires_s);
}

/*
 * A 2xx lists all that the owner has registered (RFC 3261 10.3 step 8): only ours counts.
 * Where a single one is listed, under whatever name, it is ours.
 */
static void note_granted(struct registrations *r, struct registration *g,
                         const struct sip_message *message)
{
	size_t contacts;
	int64_t expires_s;
	if (!g->requested) {
		keep_contact(r, g, message);
		return;
	}
	if (g->purpose == REGISTER_REMOVAL || !g->contact)
		return;
	const bool found =
	        sip_find_contact(message, text_from(g->contact), &contacts, &expires_s);
	if (!found && contacts == 1)
		expires_s = message->contact_expires_s;
	note_expiry(g, message, expires_s);
}

/* Does the name say another host than the packet comes from?  Only an address can. */
static bool is_elsewhere(struct text host, const struct address *from)
{
	struct address said;
	return address_parse(host, &said) == OK && !address_equal(&said, from);
}

static bool names_another_host(const struct sip_message *message,
                               const struct address *from)
{
	struct sip_uri contact;
	struct text via;
	uint16_t port;
	sip_host_port(message->via_sent_by, &via, &port);
	return is_elsewhere(via, from) || (sip_uri_read(message->contact.uri, &contact) &&
	                                   is_elsewhere(contact.host, from));
}

static void note_source(struct registrations *r, struct registration *g,
                        const struct packet *packet, const struct sip_message *message)
{
	g->nat = names_another_host(message, &packet->src.address);
	replace(r, &g->via, text_head(message->via_sent_by, RECORD_WORDS - 1));
	if (message->user_agent.len)
		replace(r, &g->user_agent,
		        text_head(message->user_agent, RECORD_WORDS - 1));
}

static enum register_purpose purpose_of(const struct registration *g,
                                        const struct sip_message *message)
{
	if (!message->contact_is_star && message->contact.uri.len == 0)
		return REGISTER_FETCH;
	return message->contact_is_star || g->expires_s == 0 ? REGISTER_REMOVAL
	                                                     : REGISTER_NEW;
}

static bool invites_retry(unsigned int status)
{
	return status == 401 || status == 407 || status == 423;
}

static uint64_t request(struct registrations *r, const struct packet *packet,
                        const struct sip_message *message, nstime at)
{
	const uint64_t hash = hash_of(r, message, &packet->src.address);
	uint32_t number = find(r, message, &packet->src.address, hash);
	const bool known = number != MAP_NONE;
	if (!known && (number = open_attempt(r, packet, message, hash)) == MAP_NONE)
		return 0;
	struct registration *g = registration_at(r, number);
	if (known && message->cseq == g->cseq) {
		g->retransmissions++;
		return g->id;
	}
	if (!known || g->reported)
		begin(r, g, message, at);
	else if (invites_retry(g->status))
		g->authenticated = g->authenticated || g->status != 423;
	g->cseq = message->cseq;
	g->requested = true;
	g->answered = NSTIME_NONE;
	g->src.port = packet->src.port;
	keep_contact(r, g, message);
	note_source(r, g, packet, message);
	g->purpose = purpose_of(g, message);
	start_timer(r, g);
	return g->id;
}

static uint64_t response(struct registrations *r, const struct packet *packet,
                         const struct sip_message *message, nstime at)
{
	if (message->status < 200)
		return 0;
	const uint64_t hash = hash_of(r, message, &packet->dst.address);
	uint32_t number = find(r, message, &packet->dst.address, hash);
	if (number == MAP_NONE) { /* its REGISTER was not seen */
		if ((number = open_attempt(r, packet, message, hash)) == MAP_NONE)
			return 0;
		begin(r, registration_at(r, number), message, at);
		registration_at(r, number)->cseq = message->cseq;
		registration_at(r, number)->answered = NSTIME_NONE;
	}
	struct registration *g = registration_at(r, number);
	if (message->cseq != g->cseq || g->reported || g->answered != NSTIME_NONE)
		return g->id;
	/* Of packets whose times run backwards, none was answered before it was sent. */
	g->answered_before = at < g->at;
	g->answered = at > g->at ? at : g->at;
	g->status = (uint16_t)message->status;
	g->auth_rounds += message->status == 401 || message->status == 407;
	if (message->status < 300)
		note_granted(r, g, message);
	start_timer(r, g); /* kept as long, to know repeats */
	/* Time stamps may run backwards; the order of records does not. */
	if (!invites_retry(message->status))
		report(r, number, r->context->now);
	return g->id;
}

uint64_t registrations_feed(struct registrations *r, const struct packet *packet,
                            const struct sip_message *message, nstime at)
{
	return message->is_request ? request(r, packet, message, at)
	                           : response(r, packet, message, at);
}

void registrations_deadline(struct registrations *r, struct deadline *deadline)
{
	const uint32_t number = deadline->number;
	if (!registration_at(r, number)->reported) {
		report(r, number, deadline->at);
		start_timer(r, registration_at(r, number)); /* until its record is out */
	} else {
		give_back(r, number);
	}
}

void registrations_finish(struct registrations *r, nstime at)
{
	for (uint32_t number = 0; number < r->pool.reach; number++)
		if (pool_live(&r->pool, number))
			report(r, number, at);
	bindings_finish(&r->bindings, at);
}

void registrations_record(struct registrations *r, uint32_t number,
                          struct registration_record *out)
{
	const struct registration *g = registration_at(r, number);
	*out = (struct registration_record){
		.id = g->id,
		.src = g->src,
		.registrar = g->registrar,
		.at = g->at,
		.status = g->status,
		.expires_s = g->expires_s,
		.transport = g->transport,
		.authenticated = g->authenticated,
		.rrd_ms = rrd_ms(r, g),
		.purpose = g->change.purpose,
		.binding = g->change.binding,
		.src_before = g->change.src_before,
		.auth_rounds = g->auth_rounds,
		.retransmissions = g->retransmissions,
		.nat = g->nat,
	};
	if (g->via)
		text_copy(out->via, sizeof out->via, text_from(g->via));
	if (g->user_agent)
		text_copy(out->user_agent, sizeof out->user_agent,
		          text_from(g->user_agent));
	if (g->aor)
		text_copy(out->aor, sizeof out->aor, text_from(g->aor));
	if (g->contact)
		text_copy(out->contact, sizeof out->contact, text_from(g->contact));
	if (g->sip_call_id)
		text_copy(out->sip_call_id, sizeof out->sip_call_id,
		          text_from(g->sip_call_id));
}
