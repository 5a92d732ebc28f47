/*
 * ask.h - requests that begin something (INVITE, OPTIONS, REGISTER outside of dialogs),
 * from one host to one signalling address, until their final response or until nobody waits
 * for it any more.
 *
 * The one place where transactions of this kind are followed.  What they tell about peers
 * (peer.h) and about the ways to them (failover.h) is known there.
 */
#ifndef EARSHOT_TRACK_ASK_H
#define EARSHOT_TRACK_ASK_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/context.h"
#include "analyzer/track/sip_glance.h"

enum { ASK_NUMBER_SIZE = 32, ASK_SOFTWARE_SIZE = 32 };

enum ask_outcome {
	ASK_OPEN,
	ASK_ANSWERED, /* a final response that is no server error */
	ASK_REFUSED,  /* 500, 502, 503, 504 */
	ASK_SILENT,   /* no response at all in time */
	ASK_UNKNOWN,  /* rang for ever, or was given up while it rang */
};

struct ask {
	uint64_t hash;    /* of Call-ID and who asks: sip_glance.asker */
	uint64_t numbers; /* of who asks and both users of an INVITE; 0 = none */
	uint64_t thing;   /* id of its leg or registration; 0 = none */
	struct endpoint from, to;
	nstime at;
	nstime begun; /* of an INVITE that was refused elsewhere first: then */
	uint32_t cseq;
	uint32_t peer, route;  /* numbers; MAP_NONE = none */
	uint32_t failed_route; /* that sent it here; MAP_NONE = none */
	enum sip_method method;
	enum ask_outcome outcome;
	enum transport transport;
	uint16_t status;
	bool credentials; /* it carries some */
	bool gone_on;     /* the same was asked again with credentials, after this answer */
	uint16_t passwords; /* how many such requests came before it in a row */
	bool provisional;   /* anything was answered, 100 too */
	bool rang;
	bool cancelled;
	bool moved_on;                /* the same attempt was seen at another peer since */
	uint64_t account;             /* keyed hash of the To URI */
	char called[ASK_NUMBER_SIZE]; /* user of To */
	char caller[ASK_NUMBER_SIZE]; /* of From */
	char software[ASK_SOFTWARE_SIZE]; /* beginning of User-Agent */
	struct deadline deadline;
};

struct asks {
	struct context *context; /* borrowed */
	struct pool pool;
	struct map map;        /* by hash */
	struct map number_map; /* by numbers */
	uint32_t hand;
};

MUST_CHECK enum status asks_init(struct asks *asks, struct context *context);
void asks_free(struct asks *asks);

static inline struct ask *ask_at(const struct asks *asks, uint32_t number)
{
	return pool_at(&asks->pool, number);
}

/* May this message be of such a transaction? */
bool ask_concerns(const struct sip_glance *glance);

/*
 * What asks_find will touch is fetched in two steps, each worth a memory latency: where it
 * looks, and the first that it finds there.
 */
void asks_foresee(const struct asks *asks, const struct sip_glance *glance);
void asks_fetch_ahead(const struct asks *asks, const struct sip_glance *glance);

/* The transaction of this message, MAP_NONE when there is none. */
uint32_t asks_find(const struct asks *asks, const struct packet *packet,
                   const struct sip_glance *glance);

/*
 * The one that makes room for this request: of a table that is full, or of requests of the
 * same Call-ID that are too many.  MAP_NONE: there is room.
 */
uint32_t asks_victim(struct asks *asks, const struct sip_glance *glance);

/* A request that is no retransmission; MAP_NONE: no room, counted. */
uint32_t asks_open(struct asks *asks, const struct packet *packet,
                   const struct sip_glance *glance, nstime at);

/*
 * The attempt that this INVITE goes on with at another address, because it failed or was
 * met with silence there: the same Call-ID, or the same users, from the same host.
 * MAP_NONE: none.
 */
uint32_t asks_failed_before(const struct asks *asks, uint32_t number);

/* The one that it goes on with, say with credentials, after that was answered; MAP_NONE. */
uint32_t asks_before(const struct asks *asks, uint32_t number);

/* It is waited for until then, or forgotten. */
void asks_wait(struct asks *asks, uint32_t number, nstime until);
void asks_close(struct asks *asks, uint32_t number);

/* Did this INVITE fail in a way that makes callers try elsewhere? */
bool ask_has_failed(const struct ask *ask);

/* Is it one of the statuses that say that the server, not the call, is the matter? */
bool ask_is_refusal(unsigned int status);

#endif
