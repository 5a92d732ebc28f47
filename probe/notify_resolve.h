/*
 * notify_resolve.h - the addresses behind a receiver's name, looked up by a process that
 * does nothing else: what name servers answer is read under the notifier's user, never by
 * the parent, and what comes back is checked.
 */
#ifndef EARSHOT_PROBE_NOTIFY_RESOLVE_H
#define EARSHOT_PROBE_NOTIFY_RESOLVE_H

#include "probe/notify.h"
#include "probe/sandbox.h"

enum { RESOLVED_MOST = 8 };

/* How long an answer is good for; then it is asked again. */
#define RESOLVED_FOR (60 * NS_PER_SEC)

struct resolved {
	struct endpoint list[RESOLVED_MOST];
	uint32_t count, next; /* next: to be tried, so that each has its turn */
};

/* Here and now; *error: in words, why there is none.  ERR_NOT_FOUND. */
MUST_CHECK enum status notify_resolve_now(const struct receiver *receiver,
                                          struct resolved *out, const char **error);

struct resolver {
	int fd;       /* an answer comes here; -1: nothing was asked */
	bool wanted;  /* by the notifier */
	nstime until; /* monotonic; the answer is good, or will not come any more */
	struct resolved known;
};

enum resolver_state { RESOLVER_ASKING, RESOLVER_KNOWS, RESOLVER_FAILED };

void resolver_init(struct resolver *resolver);
void resolver_free(struct resolver *resolver);

/*
 * The next address to try, into *out: at once where it is known or the place is an address;
 * else somebody is asked, and fd becomes readable.
 */
enum resolver_state resolver_ask(struct resolver *resolver, const struct receiver *receiver,
                                 const struct sandbox_user *user, bool insecure, nstime now,
                                 struct endpoint *out);

#endif
