#include "web/readers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct readers {
	char *path; /* owned */
	pthread_mutex_t lock;
	pthread_cond_t one_is_back;
	struct query *idle[READERS_MAX]; /* owned */
	struct query *busy[READERS_MAX]; /* NULL = free; borrowed by who asks */
	uint64_t busy_of[READERS_MAX]; /* the file that each is of: `file` when it was taken
	                                */
	size_t idle_count, busy_count;
	/* Rises when another file has taken the place: a database that was damaged is moved
	 * aside and a new one begun.  All idle ones are of the file that is there. */
	uint64_t file;
	dev_t device;
	ino_t inode;
	bool closed;
};

/* Is another file there than before?  One that is gone for the moment is no other. */
static void look_at_file(struct readers *readers)
{
	struct stat found;
	if (stat(readers->path, &found) != 0 ||
	    (found.st_dev == readers->device && found.st_ino == readers->inode))
		return;
	readers->device = found.st_dev;
	readers->inode = found.st_ino;
	readers->file++;
	while (readers->idle_count > 0)
		query_close(readers->idle[--readers->idle_count]);
}

enum status readers_new(const char *path, struct readers **out, struct db_error *error)
{
	struct readers *readers = calloc(1, sizeof *readers);
	if (!readers || !(readers->path = strdup(path))) {
		free(readers);
		snprintf(error->text, sizeof error->text, "%s: out of memory", path);
		return ERR_NOMEM;
	}
	pthread_mutex_init(&readers->lock, NULL);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&readers->one_is_back, &monotonic);
	pthread_condattr_destroy(&monotonic);
	look_at_file(readers);
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
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += READERS_WAIT_MS / 1000;
	while (!readers->closed && readers->busy_count == READERS_MAX) {
		if (pthread_cond_timedwait(&readers->one_is_back, &readers->lock, &until))
			return readers->busy_count < READERS_MAX;
	}
	return !readers->closed;
}

/* The place of `was` is that of `is` from now on; which file it is of, or was. */
static uint64_t note_busy(struct readers *readers, const struct query *was,
                          struct query *is, uint64_t file)
{
	size_t i = 0;
	pthread_mutex_lock(&readers->lock);
	while (i < READERS_MAX && readers->busy[i] != was)
		i++;
	if (i < READERS_MAX)
		readers->busy[i] = is;
	if (i < READERS_MAX && is)
		readers->busy_of[i] = file;
	file = i < READERS_MAX ? readers->busy_of[i] : file;
	pthread_mutex_unlock(&readers->lock);
	return file;
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
	look_at_file(readers);
	const uint64_t file = readers->file;
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
	note_busy(readers, NULL, query, file);
	*out = query;
	return OK;
}

void readers_give(struct readers *readers, struct query *query)
{
	uint64_t file = 0;
	if (query) {
		query_brake(query, 0);
		file = note_busy(readers, query, NULL, 0);
	}
	pthread_mutex_lock(&readers->lock);
	if (query && file == readers->file) {
		readers->idle[readers->idle_count++] = query;
		query = NULL;
	}
	readers->busy_count--;
	pthread_cond_signal(&readers->one_is_back);
	pthread_mutex_unlock(&readers->lock);
	query_close(query); /* of a file that was moved aside */
}
