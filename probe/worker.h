/*
 * worker.h - a thread of ours.
 */
#ifndef EARSHOT_PROBE_WORKER_H
#define EARSHOT_PROBE_WORKER_H

#include <pthread.h>

#include "analyzer/base/status.h"

/* Signals go to the thread that was there before.  ERR_NOMEM: it could not be started. */
MUST_CHECK enum status worker_start(pthread_t *thread, void *(*run)(void *self),
                                    void *self);

/* The thread's own: what ps and top call it; up to 15 characters. */
void worker_be(const char *name);

#endif
