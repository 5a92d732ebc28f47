/*
 * status.h - outcomes, and what every file needs to talk about them.
 *
 * What can fail returns an `enum status`; a result other than OK about bytes from
 * the wire is normal life and is counted under its name (model/counters.h).
 */
#ifndef EARSHOT_BASE_STATUS_H
#define EARSHOT_BASE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

enum status {
	OK,
	ERR_TRUNCATED,   /* bytes end before the structure does */
	ERR_MALFORMED,   /* the bytes contradict their own format */
	ERR_UNSUPPORTED, /* well formed, but a version or type we do not read */
	ERR_NOT_FOUND,   /* the thing asked for is not there */
	ERR_TOO_LONG,    /* longer than the limit for its kind */
	ERR_FULL,        /* a bounded table has no room */
	ERR_NOMEM,       /* memory ran out */
	ERR_IO,          /* the operating system failed us; errno says why */
	STATUS_COUNT
};

/* A short lower-case name, fit for a counter or a message; never NULL. */
const char *status_name(enum status status);

#endif
