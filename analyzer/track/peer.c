#include "analyzer/track/peer.h"

#include <math.h>
#include <string.h>

enum {
	EVICTION_SEARCH = 64,
	/* One lost datagram is none: a transaction is repeated for seconds before it
	 * counts as unanswered.  Two in a row may be a restart. */
	DOWN_AFTER = 3,
	/* A 5xx may be about one call; three calls in a row are about the server. */
	REFUSING_AFTER = 3,
	/* The first answer may be the last one of a server that is going down. */
	UP_AFTER = 2,
};

enum status peers_init(struct peers *peers, struct context *context, struct events *events)
{
	peers->context = context;
	peers->events = events;
	pool_init(&peers->pool, sizeof(struct peer),
	          (uint32_t)context->settings.limits.peers);
	return map_init(&peers->map);
}

void peers_free(struct peers *peers)
{
	pool_free(&peers->pool);
	map_free(&peers->map);
}

static struct peer *peer_at(const struct peers *peers, uint32_t number)
{
	return pool_at(&peers->pool, number);
}

static void give_back(struct peers *peers, uint32_t number)
{
	map_remove(&peers->map, peer_at(peers, number)->hash, number);
	pool_give(&peers->pool, number);
}

static void leave(struct peers *peers, uint32_t number, nstime at)
{
	struct peer *peer = peer_at(peers, number);
	const struct final final = { at, peer->id, number, RECORD_PEER };
	if (peer->leaving)
		return;
	peer->leaving = true;
	if (finals_add(&peers->context->finals, final) == OK)
		return;
	count(peers->context, COUNT_NO_MEMORY);
	give_back(peers, number);
}

/* Whoever never answered goes first: a scanner asks the whole network. */
static bool is_less_worth(const struct peer *a, const struct peer *b)
{
	const bool a_answers = a->last_answer != NSTIME_NONE;
	const bool b_answers = b->last_answer != NSTIME_NONE;
	return a_answers == b_answers ? a->last < b->last : b_answers;
}

static void evict(struct peers *peers)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && peers->pool.reach; i++) {
		const uint32_t number = peers->hand++ % peers->pool.reach;
		const struct peer *peer = pool_live(&peers->pool, number);
		if (peer && !peer->leaving &&
		    (victim == MAP_NONE || is_less_worth(peer, peer_at(peers, victim))))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	count(peers->context, COUNT_PEERS_EVICTED);
	leave(peers, victim, peers->context->now);
}

static uint32_t find(const struct peers *peers, const struct endpoint *at, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&peers->map, &cursor);
		if (number == MAP_NONE ||
		    (endpoint_equal(&peer_at(peers, number)->at, at) &&
		     !peer_at(peers, number)->leaving))
			return number;
	}
}

static uint64_t id_of(const struct peers *peers, const struct peer *peer)
{
	struct id_builder id = id_begin(peers->context, RECORD_PEER);
	id_add_endpoint(&id, &peer->at);
	id_add_number(&id, (uint64_t)peer->first);
	return id_end(&id);
}

static uint32_t get(struct peers *peers, const struct ask *ask)
{
	uint8_t key[18];
	void *object;
	memcpy(key, ask->to.address.bytes, 16);
	memcpy(key + 16, &ask->to.port, 2);
	const uint64_t hash = hash_bytes(&peers->context->settings.key, key, sizeof key);
	uint32_t number = find(peers, &ask->to, hash);
	if (number != MAP_NONE)
		return number;
	if (pool_is_tight(&peers->pool))
		evict(peers);
	enum status status = pool_take(&peers->pool, &object, &number);
	if (status == OK && (status = map_insert(&peers->map, hash, number)) != OK)
		pool_give(&peers->pool, number);
	if (status != OK) {
		context_count_failure(peers->context, status, COUNT_PEERS_EVICTED);
		return MAP_NONE;
	}
	struct peer *peer = object;
	peer->hash = hash;
	peer->at = ask->to;
	peer->first = ask->at;
	peer->last = ask->at;
	peer->since = peer->last_answer = NSTIME_NONE;
	peer->row_began = peer->good_began = peer->outage_began = NSTIME_NONE;
	peer->rtt_last_ms = peer->rtt_min_ms = peer->rtt_max_ms = NAN;
	peer->id = id_of(peers, peer);
	return number;
}

uint32_t peers_asked(struct peers *peers, struct ask *ask)
{
	ask->peer = get(peers, ask);
	if (ask->peer == MAP_NONE)
		return MAP_NONE;
	struct peer *peer = peer_at(peers, ask->peer);
	peer->last = ask->at > peer->last ? ask->at : peer->last;
	peer->transport = ask->transport;
	peer->options += ask->method == SIP_OPTIONS;
	peer->invites += ask->method == SIP_INVITE;
	peer->registers += ask->method == SIP_REGISTER;
	if (ask->method != SIP_OPTIONS)
		return MAP_NONE;
	const uint32_t before = peer->ping;
	peer->ping = ask->deadline.number + 1;
	return before ? before - 1 : MAP_NONE;
}

/* The peer of a transaction, unless it was evicted since and its place is another's. */
static struct peer *peer_of(const struct peers *peers, const struct ask *ask)
{
	struct peer *peer =
	        ask->peer == MAP_NONE ? NULL : pool_live(&peers->pool, ask->peer);
	return peer && !peer->leaving && endpoint_equal(&peer->at, &ask->to) ? peer : NULL;
}

bool peers_has_answered(const struct peers *peers, const struct ask *ask)
{
	const struct peer *peer = peer_of(peers, ask);
	return peer && peer->last_answer != NSTIME_NONE;
}

nstime peers_unwell_since(const struct peers *peers, uint32_t number)
{
	const struct peer *peer =
	        number == MAP_NONE ? NULL : pool_live(&peers->pool, number);
	const bool unwell =
	        peer && (peer->state == PEER_DOWN || peer->state == PEER_REFUSING);
	return unwell ? peer->since : NSTIME_NONE;
}

/* --- what it says --------------------------------------------------------------------- */

static enum event_cause silence_of(enum sip_method method)
{
	switch (method) {
	case SIP_INVITE:
		return EVENT_UNANSWERED_INVITE;
	case SIP_REGISTER:
		return EVENT_UNANSWERED_REGISTER;
	default:
		return EVENT_UNANSWERED_OPTIONS;
	}
}

static void change_state(struct peers *peers, struct peer *peer, const struct ask *ask,
                         enum peer_state state, nstime at)
{
	struct event_record event = event_blank(
	        state == PEER_DOWN ? EVENT_PEER_DOWN : EVENT_PEER_REFUSING, &peer->at);
	event.began = peer->row_began;
	event.detected = at;
	event.cause = state == PEER_DOWN ? silence_of(ask->method) : EVENT_SERVER_ERROR;
	event.status = state == PEER_DOWN ? 0 : ask->status;
	event.failed = state == PEER_DOWN ? peer->silent_row : peer->refused_row;
	if (peer->state == PEER_UP) {
		peer->outages++;
		peer->outage_began = peer->row_began;
	}
	peer->state = state;
	peer->since = peer->row_began;
	events_add(peers->events, &event);
}

static void come_up(struct peers *peers, struct peer *peer, nstime at)
{
	struct event_record event = event_blank(EVENT_PEER_UP, &peer->at);
	event.began = peer->good_began;
	event.detected = at;
	event.cause = EVENT_ANSWER;
	event.duration_s = ns_to_s(peer->good_began - peer->outage_began);
	peer->outage_s += event.duration_s;
	peer->state = PEER_UP;
	peer->since = peer->good_began;
	events_add(peers->events, &event);
}

static void note_good(struct peers *peers, struct peer *peer, nstime at)
{
	if (peer->good_row++ == 0)
		peer->good_began = at;
	peer->silent_row = peer->refused_row = 0;
	if (peer->state != PEER_UP && peer->good_row >= UP_AFTER)
		come_up(peers, peer, at);
}

static void note_silent(struct peers *peers, struct peer *peer, const struct ask *ask,
                        nstime at)
{
	if (peer->silent_row++ == 0)
		peer->row_began = ask->at;
	peer->refused_row = peer->good_row = 0;
	peer->options_unanswered += ask->method == SIP_OPTIONS;
	peer->invites_unanswered += ask->method == SIP_INVITE;
	peer->registers_unanswered += ask->method == SIP_REGISTER;
	if (peer->silent_row >= DOWN_AFTER && peer->last_answer != NSTIME_NONE &&
	    peer->state != PEER_DOWN)
		change_state(peers, peer, ask, PEER_DOWN, at);
}

static void note_refused(struct peers *peers, struct peer *peer, const struct ask *ask,
                         nstime at)
{
	if (peer->refused_row++ == 0)
		peer->row_began = ask->at;
	peer->silent_row = peer->good_row = 0;
	if (peer->refused_row >= REFUSING_AFTER && peer->state != PEER_REFUSING)
		change_state(peers, peer, ask, PEER_REFUSING, at);
}

static void note_round_trip(struct peers *peers, struct peer *peer, double ms)
{
	peer->options_answered++;
	/* Nobody waits longer than timer F, nor is answered before: the clock jumped. */
	if (ms < 0 || ms > ns_to_ms(peers->context->settings.limits.register_timeout)) {
		count(peers->context, COUNT_DELAYS_NOT_BELIEVED);
		return;
	}
	peer->rtt_count++;
	peer->rtt_last_ms = ms;
	peer->rtt_sum_ms += ms;
	peer->rtt_min_ms = fmin(peer->rtt_min_ms, ms);
	peer->rtt_max_ms = fmax(peer->rtt_max_ms, ms);
}

void peers_answered(struct peers *peers, const struct ask *ask,
                    const struct sip_message *message, nstime at)
{
	struct peer *peer = peer_of(peers, ask);
	if (!peer)
		return;
	const struct text software =
	        message->server.len ? message->server : message->user_agent;
	const double round_trip_ms = ns_to_ms(at - ask->at);
	/* Of packets whose times run backwards, none was answered before it was sent. */
	at = at > ask->at ? at : ask->at;
	peer->last_answer = at > peer->last_answer ? at : peer->last_answer;
	peer->last = at > peer->last ? at : peer->last;
	peer->silent_row = 0;
	if (peer->state == PEER_STATE_NONE) {
		peer->state = PEER_UP;
		peer->since = at;
	}
	if (software.len > 0 && !peer->software[0])
		text_copy(peer->software, sizeof peer->software, software);
	if (message->status < 200)
		return;
	if (ask->method == SIP_OPTIONS)
		note_round_trip(peers, peer, round_trip_ms);
	peer->server_errors += message->status >= 500 && message->status < 600;
	peer->unavailable += message->status == 503;
	peer->invites_accepted += ask->method == SIP_INVITE && message->status < 300;
}

void peers_outcome(struct peers *peers, const struct ask *ask, nstime at)
{
	struct peer *peer = peer_of(peers, ask);
	if (!peer)
		return;
	if (ask->outcome == ASK_SILENT)
		note_silent(peers, peer, ask, at);
	else if (ask->outcome == ASK_REFUSED)
		note_refused(peers, peer, ask, at);
	else if (ask->outcome == ASK_ANSWERED)
		note_good(peers, peer, at);
}

/* --- records -------------------------------------------------------------------------- */

void peers_finish(struct peers *peers, nstime at)
{
	for (uint32_t number = 0; number < peers->pool.reach; number++)
		if (pool_live(&peers->pool, number))
			leave(peers, number, at);
}

/* With the outage that has not ended. */
static double outage_s(const struct peer *peer, nstime now)
{
	const bool well = peer->state == PEER_UP || peer->state == PEER_STATE_NONE;
	return peer->outage_s + (well ? 0 : ns_to_s(now - peer->outage_began));
}

void peers_record(struct peers *peers, uint32_t number, struct peer_record *out)
{
	const struct peer *peer = peer_at(peers, number);
	*out = (struct peer_record){
		.id = peer->id,
		.peer = peer->at,
		.state = peer->state,
		.since = peer->since,
		.first = peer->first,
		.last = peer->last,
		.last_answer = peer->last_answer,
		.transport = peer->transport,
		.options = peer->options,
		.options_answered = peer->options_answered,
		.options_unanswered = peer->options_unanswered,
		.rtt_last_ms = peer->rtt_last_ms,
		.rtt_min_ms = peer->rtt_min_ms,
		.rtt_max_ms = peer->rtt_max_ms,
		.rtt_mean_ms =
		        peer->rtt_count ? peer->rtt_sum_ms / (double)peer->rtt_count : NAN,
		.invites = peer->invites,
		.invites_accepted = peer->invites_accepted,
		.invites_unanswered = peer->invites_unanswered,
		.registers = peer->registers,
		.registers_unanswered = peer->registers_unanswered,
		.server_errors = peer->server_errors,
		.unavailable = peer->unavailable,
		.outages = peer->outages,
		.outage_s = outage_s(peer, peers->context->now),
	};
	const struct trunk *trunk = trunk_find(peers->context->settings.trunks,
	                                       &peer->at.address, peer->at.port);
	if (trunk)
		memcpy(out->trunk, trunk->name, sizeof out->trunk);
	memcpy(out->software, peer->software, sizeof out->software);
	give_back(peers, number);
}
