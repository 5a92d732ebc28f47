/*
 * clients.h - connections, and since when each is waiting for its client: who takes too
 * long to ask, or to take an answer, is cut.
 */
#ifndef EARSHOT_WEB_CLIENTS_H
#define EARSHOT_WEB_CLIENTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/clock.h"

enum {
	CLIENTS_MAX = 4096,
	CLIENTS_REQUEST_S =
	        10,            /* from the connection, or the answer before, to a request */
	CLIENTS_ANSWER_S = 60, /* to take an answer, or the next part of one without end */
};

struct client {
	int fd; /* -1 = free */
	nstime since;
	bool answering;
	void *request; /* what it asks now: its own thread's alone, which frees it */
};

struct clients {
	pthread_mutex_t lock;
	struct client list[CLIENTS_MAX];
};

void clients_init(struct clients *clients);
void clients_end(struct clients *clients);

/* A new connection, which asks now; NULL: there are too many to look after this one. */
struct client *clients_add(struct clients *clients, int fd);
/* Before its socket is closed; client: NULL is fine. */
void clients_remove(struct clients *clients, struct client *client);
/* From now on it is asking, or answered; client: NULL is fine. */
void clients_wait(struct clients *clients, struct client *client, bool answering);

/* Shuts the sockets of those that take too long; how many. */
size_t clients_cut(struct clients *clients);

#endif
