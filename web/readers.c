#include "web/readers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct readers {
	char *path; /* owned */
	pthread_mutex_t lock;
	pthread_cond_t one_is_back;
	struct query *idle[READERS_MAX]; /* owned */
	struct query *busy[READERS_MAX]; /* NULL = free; borrowed by who asks */
	size_t idle_count, busy_count;
	bool closed;
};

enum status readers_new(const char *path, struct readers **out, struct db_error *error)
{
	struct readers *readers = calloc(1, sizeof *readers);
	if (!readers || !(readers->path = strdup(path))) {
		free(readers);
		snprintf(error->text, sizeof error->text, "%s: out of memory", path);
		return ERR_NOMEM;
	}
	pthread_mutex_init(&readers->lock, NULL);
	pthread_cond_init(&readers->one_is_back, NULL);
	const enum status status = query_open(path, &readers->idle[0], error);
	if (status != OK) {
		readers_free(readers);
		return status;
	}
	readers->idle_count = 1;
	*out = readers;
	return OK;
}

void readers_free(struct readers *readers)
{
	if (!readers)
		return;
	for (size_t i = 0; i < readers->idle_count; i++)
		query_close(readers->idle[i]);
	pthread_cond_destroy(&readers->one_is_back);
	pthread_mutex_destroy(&readers->lock);
	free(readers->path);
	free(readers);
}

const char *readers_path(const struct readers *readers)
{
	return readers->path;
}

static bool wait_for_one(struct readers *readers)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += READERS_WAIT_MS / 1000;
	while (!readers->closed && readers->busy_count == READERS_MAX) {
		if (pthread_cond_timedwait(&readers->one_is_back, &readers->lock, &until))
			return readers->busy_count < READERS_MAX;
	}
	return !readers->closed;
}

/* The place of `was` is that of `is` from now on. */
static void note_busy(struct readers *readers, const struct query *was, struct query *is)
{
	size_t i = 0;
	pthread_mutex_lock(&readers->lock);
	while (i < READERS_MAX && readers->busy[i] != was)
		i++;
	if (i < READERS_MAX)
		readers->busy[i] = is;
	pthread_mutex_unlock(&readers->lock);
}

void readers_close(struct readers *readers)
{
	pthread_mutex_lock(&readers->lock);
	readers->closed = true;
	pthread_cond_broadcast(&readers->one_is_back);
	for (size_t i = 0; i < READERS_MAX; i++) {
		if (readers->busy[i])
			query_interrupt(readers->busy[i]);
	}
	pthread_mutex_unlock(&readers->lock);
}

enum status readers_take(struct readers *readers, struct query **out)
{
	struct db_error error;
	enum status status = OK;
	struct query *query = NULL;
	pthread_mutex_lock(&readers->lock);
	const bool room = wait_for_one(readers);
	if (room && readers->idle_count > 0)
		query = readers->idle[--readers->idle_count];
	if (room)
		readers->busy_count++;
	pthread_mutex_unlock(&readers->lock);
	if (!room)
		return ERR_FULL;
	if (!query && (status = query_open(readers->path, &query, &error)) != OK) {
		readers_give(readers, NULL);
		return status;
	}
	query_brake(query, READERS_QUERY_MS);
	note_busy(readers, NULL, query);
	*out = query;
	return OK;
}

void readers_give(struct readers *readers, struct query *query)
{
	if (query) {
		query_brake(query, 0);
		note_busy(readers, query, NULL);
	}
	pthread_mutex_lock(&readers->lock);
	if (query)
		readers->idle[readers->idle_count++] = query;
	readers->busy_count--;
	pthread_cond_signal(&readers->one_is_back);
	pthread_mutex_unlock(&readers->lock);
}
