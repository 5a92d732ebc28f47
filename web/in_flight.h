/*
 * in_flight.h - how calls in progress sound so far: the streams that the probe has told of
 * as they stand, each as it was told last.
 *
 * One that is over leaves; so does one that was not told of for a while, for its end may
 * have found no room on the way.
 */
#ifndef EARSHOT_WEB_IN_FLIGHT_H
#define EARSHOT_WEB_IN_FLIGHT_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

/* Streams at most: what is told of more is not remembered. */
enum { IN_FLIGHT_STREAMS = 1 << 16, IN_FLIGHT_WORST = 10 };

struct in_flight;

MUST_CHECK enum status in_flight_new(struct in_flight **out);
void in_flight_free(struct in_flight *in_flight); /* NULL is fine */

/* A stream's record; over: it has ended, else it goes on.  Others change nothing. */
void in_flight_note(struct in_flight *in_flight, const struct record *record, bool over);

/* Another engine began: what the one before told of does not go on. */
void in_flight_clear(struct in_flight *in_flight);

/*
 * Appends a JSON object: how many there are, how many of them score good, fair, poor, bad
 * and nothing, and the lowest IN_FLIGHT_WORST.  Nothing of a person is in it.
 */
void in_flight_add(struct in_flight *in_flight, struct buffer *to);

#endif
