/*
 * access_log.h - a line for each answer: when, from where, who, what, and how it went.
 *
 *   2026-01-31T09:44:01.123Z 192.0.2.7 alice "GET /api/v1/calls" 200 5120 3ms
 *
 * The path as it came, escaped, without its query, which may have numbers of people.
 */
#ifndef EARSHOT_WEB_ACCESS_LOG_H
#define EARSHOT_WEB_ACCESS_LOG_H

#include <pthread.h>
#include <stdio.h>

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"

enum { ACCESS_LOG_PATH = 128 };

struct access_log {
	const char *path; /* borrowed; NULL = none is kept */
	FILE *file;       /* owned */
	pthread_mutex_t lock;
};

struct access {
	nstime at; /* wall clock */
	const struct address *client;
	const char *who, *method, *path; /* who: "" = nobody known */
	unsigned int status;
	size_t octets;
	nstime took;
};

void access_log_init(struct access_log *log);
MUST_CHECK enum status access_log_open(struct access_log *log, const char *path,
                                       char *error, size_t size);
/* After the file was moved away; without another one there is no log any more. */
void access_log_reopen(struct access_log *log);
/* What cannot be written is not: an answer does not wait for a disk. */
void access_log_write(struct access_log *log, const struct access *access);
void access_log_close(struct access_log *log);

#endif
