/*
 * problem.h - what was wrong with a request, and where: RFC 9457 when it is told.
 */
#ifndef EARSHOT_WEB_PROBLEM_H
#define EARSHOT_WEB_PROBLEM_H

#include <stddef.h>
#include <stdint.h>

#include "web/buffer.h"

struct problem {
	unsigned int status; /* HTTP */
	const char *code;    /* stable, for programs: "bad-value" */
	char detail[512]; /* for people; of our own making but for what display made safe */
	char parameter[64];   /* the part of the request that is wrong, "" = none */
	size_t column;        /* within its value, characters from 1; 0 = all of it */
	unsigned int retry_s; /* try again then; 0 = no use */
};

/* Fills *problem; returns false, so that a function that failed can return it. */
__attribute__((format(printf, 4, 5))) bool problem_set(struct problem *problem,
                                                       unsigned int status,
                                                       const char *code, const char *format,
                                                       ...);
/* The same with status 400 and the name of the parameter (or header, or "path"). */
__attribute__((format(printf, 4, 5))) bool problem_in(struct problem *problem,
                                                      const char *parameter,
                                                      const char *code, const char *format,
                                                      ...);

/* The body, application/problem+json; `request` is the number that the log has too. */
void problem_write(struct buffer *to, const struct problem *problem, uint64_t request);

#endif
