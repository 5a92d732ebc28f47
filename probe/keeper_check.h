/*
 * keeper_check.h - the database looked through for damage, by a thread and a connection of
 * its own: for a large one that takes minutes, in which records have to be kept.
 */
#ifndef EARSHOT_PROBE_KEEPER_CHECK_H
#define EARSHOT_PROBE_KEEPER_CHECK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "schema/db_check.h"

struct keeper_check {
	pthread_t thread;
	bool running;
	atomic_bool stop, over;
	const char *path; /* borrowed */
	enum db_check_depth depth;
	int most_ms; /* 0 = as long as it takes */
	enum status status;
	struct db_error error;
};

/* Nothing happens where a thread cannot be had; the next time is due then. */
void keeper_check_begin(struct keeper_check *check, const char *path,
                        enum db_check_depth depth, int most_ms);

/* ERR_NOT_FOUND: none is over since the last call; else what it found (db_check.h). */
MUST_CHECK enum status keeper_check_result(struct keeper_check *check);

/* As soon as it can be had. */
void keeper_check_stop(struct keeper_check *check);

#endif
