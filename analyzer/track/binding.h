/*
 * binding.h - the state of registrations: which contacts of which addresses-of-record a
 * registrar has accepted, until when, and from where (RFC 3261 section 10).
 *
 * A binding exists from its first 2xx on; attempts that never succeed leave a record of
 * their own and no binding.  It is known by address-of-record, contact and registrar: seen
 * on two hops, it is two.
 */
#ifndef EARSHOT_TRACK_BINDING_H
#define EARSHOT_TRACK_BINDING_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/context.h"

struct binding {
	uint64_t hash, id;   /* hash: of address-of-record and registrar */
	char *aor, *contact; /* owned */
	char *user_agent;    /* owned; NULL = none */
	struct endpoint src, registrar;
	nstime first, last, expires; /* expires: NSTIME_NEVER when nobody said */
	double expires_s;
	enum binding_state state;
	enum transport transport;
	uint16_t last_failure;
	bool nat, leaving; /* leaving: its record is on its way out */
	uint64_t registrations, refreshes, failures, auth_failures, auth_rounds;
	uint64_t source_changes;
	uint64_t rrd_count;
	double rrd_sum_ms, rrd_max_ms;
	struct deadline deadline; /* its expiry; then the time to forget it */
};

struct bindings {
	struct context *context; /* borrowed */
	struct pool pool;
	struct map map;
	uint32_t hand;
};

/* A REGISTER transaction that has come to its end. */
struct binding_news {
	const char *aor, *contact, *user_agent; /* NULL = none */
	const struct endpoint *src, *registrar;
	nstime at;
	enum register_purpose purpose; /* NEW stands for REFRESH as well */
	uint16_t status;
	bool authenticated, nat;
	uint64_t auth_rounds;
	enum transport transport;
	double expires_s, rrd_ms;
};

/* What it did. */
struct binding_change {
	uint64_t binding; /* id; 0 = none */
	enum register_purpose purpose;
	struct endpoint src_before; /* zero unless the source moved to another host */
};

MUST_CHECK enum status bindings_init(struct bindings *b, struct context *context);
void bindings_free(struct bindings *b);

struct binding_change bindings_note(struct bindings *b, const struct binding_news *news);

void bindings_deadline(struct bindings *b, struct deadline *deadline);
/* End of input: each becomes a record. */
void bindings_finish(struct bindings *b, nstime at);
/* The record of one that leaves, which is given back. */
void bindings_record(struct bindings *b, uint32_t number, struct binding_record *out);

#endif
