/*
 * source_hep.h - what agents send by HEP, over UDP and TCP, as frames (FRAME_HEP).
 *
 * HEP is easily forged.  So a fact counts only when it comes from an address that is
 * allowed and, where a key is configured, with that key; what does not is counted and
 * forgotten. Sockets come from outside and belong to the source from then on; nothing
 * blocks.
 */
#ifndef EARSHOT_PROBE_SOURCE_HEP_H
#define EARSHOT_PROBE_SOURCE_HEP_H

#include <poll.h>

#include "analyzer/model/trunk.h"
#include "probe/hep_agents.h"
#include "probe/source_live.h"

enum { HEP_NETS = 64, HEP_KEY = 128, HEP_CONNECTIONS = 16, HEP_SOCKETS = 2 };

/* Who may tell.  Without any net: with a key everybody, else this machine alone. */
struct hep_access {
	struct trunk_net nets[HEP_NETS];
	size_t net_count;
	char key[HEP_KEY]; /* empty: none is asked for */
};

struct hep_source_stats {
	uint64_t received;            /* facts that counted */
	uint64_t refused;             /* from elsewhere */
	struct endpoint refused_peer; /* the latest of them */
	uint64_t unauthenticated;     /* without the key, or with another */
	uint64_t malformed;           /* no HEP3; of a connection, which is closed then */
	uint64_t dropped;             /* by the kernel: there was no room in the socket */
	uint64_t closed;              /* connections that had to make room */
};

struct hep_source;

/* Copies *access.  ERR_NOMEM. */
MUST_CHECK enum status hep_source_new(const struct hep_access *access,
                                      struct hep_source **out);
void hep_source_free(struct hep_source *source); /* NULL is fine */
void hep_source_set_access(struct hep_source *source, const struct hep_access *access);

/* A socket of datagrams, in place of the one before; which is closed when what had come is
 * read, and so is it when it is retired. */
void hep_source_set_socket(struct hep_source *source, int fd);
void hep_source_retire_socket(struct hep_source *source);
/* A connection from there. */
void hep_source_add_connection(struct hep_source *source, int fd,
                               const struct endpoint *peer);

/* Facts that are there now; borrowed until the next call. */
size_t hep_source_next(struct hep_source *source, struct frame frames[LIVE_BATCH],
                       nstime now);

/* To be polled for POLLIN; how many.  `polled` has room for all. */
size_t hep_source_poll(const struct hep_source *source,
                       struct pollfd polled[HEP_SOCKETS + HEP_CONNECTIONS]);

const struct hep_source_stats *hep_source_stats(const struct hep_source *source);
struct hep_agents *hep_source_agents(struct hep_source *source);

#endif
