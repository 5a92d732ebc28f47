/*
 * login_limits.h - how often somebody may guess: five failures within a minute, of one
 * address at one account, close the door for a minute, the next five for two, and so on up
 * to LOGIN_DELAY_MOST; never for good.  An address that tries many accounts, and an account
 * that is tried from many addresses, have limits of their own.
 *
 * Pure: the time comes from outside.  A fixed number of entries; the oldest makes room.
 */
#ifndef EARSHOT_WEB_LOGIN_LIMITS_H
#define EARSHOT_WEB_LOGIN_LIMITS_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "analyzer/base/text.h"

enum {
	LOGIN_FAILURES = 5,
	LOGIN_FAILURES_OF_ADDRESS = 20,
	LOGIN_FAILURES_OF_ACCOUNT = 50,
	LOGIN_ENTRIES = 1024,
	LOGIN_DELAY_MOST_S = 900,
};

struct login_entry {
	uint64_t key; /* 0 = free */
	unsigned int failures, delay_s;
	nstime first, last, closed_until;
};

struct login_limits {
	uint64_t seed[2]; /* random */
	struct login_entry entries[LOGIN_ENTRIES];
};

struct login_attempt {
	const struct address *address; /* of IPv6 the first 64 bits count */
	struct text account;
	nstime now; /* of a clock that is never set */
};

/* 0: go ahead.  Else in how many seconds to try again. */
unsigned int login_limits_check(const struct login_limits *limits,
                                const struct login_attempt *attempt);
void login_limits_failed(struct login_limits *limits, const struct login_attempt *attempt);
/* The right password was given: what that address did at that account is forgotten. */
void login_limits_succeeded(struct login_limits *limits,
                            const struct login_attempt *attempt);

#endif
