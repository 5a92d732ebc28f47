/*
 * watch_accounts.h - from which networks, and with which software, each account usually
 * registers.
 *
 * A phone that moves keeps its software; a second device of the same person comes from a
 * network where one was before, or is told of once.  Networks are /16 of IPv4 and /32 of
 * IPv6: within these, providers give addresses anew.
 */
#ifndef EARSHOT_TRACK_WATCH_ACCOUNTS_H
#define EARSHOT_TRACK_WATCH_ACCOUNTS_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/context.h"

enum { ACCOUNT_MEMORY = 4 };

struct account {
	uint64_t hash;
	nstime last;
	uint32_t networks[ACCOUNT_MEMORY]; /* keyed hashes, the latest first; 0 = none */
	uint32_t agents[ACCOUNT_MEMORY];
	uint32_t successes;
};

struct accounts {
	struct context *context; /* borrowed */
	struct pool pool;
	struct map map;
	uint32_t hand;
};

MUST_CHECK enum status accounts_init(struct accounts *a, struct context *context);
void accounts_free(struct accounts *a);

/*
 * A registration that succeeded; is it unusual for the account?  From then on it is not.
 */
bool accounts_note(struct accounts *a, const struct registration_record *registration);

#endif
