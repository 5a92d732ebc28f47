/*
 * threshold.h - when something that repeats is worth telling: every bound of the security
 * observations in one table, each with its reason.
 *
 * Volume alone is never one: a bound on a number goes with one on the share that it is of
 * what the same source does.
 */
#ifndef EARSHOT_MODEL_THRESHOLD_H
#define EARSHOT_MODEL_THRESHOLD_H

#include <stdint.h>

/* Member, key in the configuration, value, highest that may be set, what it is and why. */
/* clang-format off */
#define THRESHOLDS(X) \
	X(GUESSES, guesses, 30, 1000000, \
	  "Wrong passwords from one source, or for one account, in ten minutes: a phone with an " \
	  "old password tries each half minute, 20 times.") \
	X(GUESS_SHARE, guess_share_pct, 50, 100, \
	  "Least share of them in its attempts with a password: among the phones behind one " \
	  "address a few are set up wrong.") \
	X(GUESS_SOURCES, guess_sources, 5, 1000000, \
	  "Sources that try the one account: nobody has so many phones, all with the wrong " \
	  "password.") \
	X(SCANNER, scanner_requests, 1, 1000000, \
	  "Requests by a tool that gives its name: nobody else uses it.") \
	X(USERS, users, 20, 1000000, \
	  "Users that one source tries in a minute without a password and is refused: nobody " \
	  "dials so many.") \
	X(USERS_ROW, users_in_row, 10, 1000000, \
	  "Likewise, where each is the one before plus one: nobody dials so.") \
	X(USERS_SHARE, users_share_pct, 90, 100, \
	  "Least share of those in what it tries: most calls of a PBX ring, and most phones " \
	  "behind one address register.") \
	X(ADDRESSES, addresses, 20, 1000000, \
	  "Addresses that never answered anything and that one source asks in a minute: more " \
	  "than the phones of a PBX that are switched off.") \
	X(ADDRESSES_SHARE, addresses_share_pct, 80, 100, \
	  "Least share of those in what it asks: most phones that a PBX asks answer.") \
	X(FLOOD, flood_per_min, 300, 1000000, \
	  "Requests of a source in a minute that come to nothing: five a second.") \
	X(FLOOD_SHARE, flood_share_pct, 95, 100, \
	  "Least share of those in its requests: in the busiest hour nearly every second call " \
	  "is answered, and more ring.") \
	X(MALFORMED, malformed_per_min, 60, 1000000, \
	  "SIP messages of a source in a minute that cannot be read: a faulty device sends them " \
	  "as seldom as it registers.") \
	X(MALFORMED_SHARE, malformed_share_pct, 50, 100, \
	  "Least share of those beside the requests that can be read.") \
	X(TOLL_CALLS, toll_calls, 15, 1000000, \
	  "Calls of one user to premium or foreign numbers in ten minutes: a person makes five.") \
	X(TOLL_ROW, toll_in_row, 6, 1000000, \
	  "Likewise, to numbers of which each is the one before plus one: ranges are rented " \
	  "for that.") \
	X(TOLL_SHARE, toll_share_pct, 80, 100, \
	  "Least share of them in the calls of that user: who calls for a whole company calls " \
	  "everywhere.") \
	X(TOLL_OFF_HOURS, toll_calls_off_hours, 5, 1000000, \
	  "Such calls in ten minutes while nobody works: most fraud is on nights and weekends.") \
	X(TOLL_LONG_MIN, toll_long_min, 60, 1440, \
	  "Minutes after which such a call is a long one: a talk is over by then.") \
	X(TOLL_LONG_CALLS, toll_long_calls, 3, 1000000, \
	  "Long ones of one user in a day.") \
	X(WANGIRI_CALLS, wangiri_calls, 20, 1000000, \
	  "Calls of one number in ten minutes that ring once and are given up: who calls back " \
	  "pays for it.") \
	X(WANGIRI_USERS, wangiri_users, 15, 1000000, \
	  "Different numbers that these go to.") \
	X(WANGIRI_SHARE, wangiri_share_pct, 80, 100, \
	  "Least share of them in its calls: a machine that dials for people lets it ring.") \
	X(WANGIRI_RING_S, wangiri_ring_s, 6, 60, \
	  "Seconds of ringing that are one ring.") \
	X(WORK_BEGINS, work_begins, 7, 23, \
	  "Hour of the day, Monday to Friday in the sensor's time zone, when work begins.") \
	X(WORK_ENDS, work_ends, 20, 24, \
	  "Hour at which it is over.") \
	X(HIJACK_KNOWN, hijack_known, 5, 1000000, \
	  "Registrations that have to be known of an account before another network with " \
	  "another device is unusual for it.") \
	X(FOREIGN_PACKETS, foreign_packets, 50, 1000000, \
	  "RTP packets from where nobody announced them, while the announced source sends, too: " \
	  "a second of speech.")
/* clang-format on */

enum threshold {
#define THRESHOLD_MEMBER(member, key, value, most, doc) THRESHOLD_##member,
	THRESHOLDS(THRESHOLD_MEMBER)
#undef THRESHOLD_MEMBER
	        THRESHOLD_COUNT
};

extern const uint32_t threshold_defaults[THRESHOLD_COUNT];

#endif
