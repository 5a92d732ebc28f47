/*
 * pressure.h - a table that fills up: what is new has to be modest before there is no room.
 *
 * Pressure begins when four fifths of a table are in use and is over when it is seven
 * tenths or less; each keeper of a table says what it does meanwhile.
 */
#ifndef EARSHOT_MODEL_PRESSURE_H
#define EARSHOT_MODEL_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/clock.h"

enum pressure_table {
	PRESSURE_CALLS,    /* unanswered INVITEs are given up after 30 s */
	PRESSURE_STREAMS,  /* without SIP none begins, and one ends after 10 s of silence */
	PRESSURE_REQUESTS, /* out of dialogs: nobody is waited for longer than 4 s */
	PRESSURE_FRAGMENTS, /* what is not whole after 5 s is dropped */
	PRESSURE_TCP,       /* half-open connections are not followed */
	PRESSURE_TABLES
};
extern const char *const pressure_names[PRESSURE_TABLES];

struct pressure {
	uint64_t times; /* that it has begun */
	nstime changed; /* packet time; of the latest beginning or end, if `times` */
	bool on;
};

enum { PRESSURE_BEGINS_PCT = 80, PRESSURE_ENDS_PCT = 70 };

/* So much of the cap is in use now. */
static inline void pressure_look(struct pressure *pressure, uint64_t used, uint64_t cap,
                                 nstime now)
{
	const uint64_t bound = pressure->on ? PRESSURE_ENDS_PCT : PRESSURE_BEGINS_PCT;
	const bool over =
	        pressure->on ? used * 100 > cap * bound : used * 100 >= cap * bound;
	if (over == pressure->on)
		return;
	pressure->times += over;
	pressure->on = over;
	pressure->changed = now;
}

/* How long something is waited for that is worth less while there is pressure. */
static inline nstime pressure_patience(const struct pressure *pressure, nstime patience,
                                       nstime tight)
{
	return pressure->on && tight < patience ? tight : patience;
}

#endif
