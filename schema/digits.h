/*
 * digits.h - telephone numbers found from their end: a key in whose order numbers that end
 * alike are neighbours, so that an index answers "ends in 79460018".
 *
 * The key has the last DIGITS_MAX digits, the very last first, each plus one, in base 11:
 * an end is then a range of keys, and a number that is shorter is below all that go on.
 */
#ifndef EARSHOT_SCHEMA_DIGITS_H
#define EARSHOT_SCHEMA_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/status.h"
#include "analyzer/model/record.h"

enum { DIGITS_MAX = 18 /* 11^18 fits into 63 bits */ };

/*
 * The key of a number, or of the user of a SIP or TEL URI: plus, parameters and what stands
 * between digits for people do not count.  false: it is no number.
 */
MUST_CHECK bool digits_key(struct text number, int64_t *out);

/* The fields of a leg that are found so, and the columns that have their keys. */
enum { DIGITS_FIELDS = 4 };
struct digits_field {
	const char *field, *column;
};
extern const struct digits_field digits_fields[DIGITS_FIELDS];

/* The key of digits_fields[which]. */
MUST_CHECK bool digits_of_leg(const struct leg_record *leg, size_t which, int64_t *out);

/*
 * What somebody looks for: +44 20 7946 0018, 0044..., 020 7946 0018 or the end of a number.
 * Without the zeros that are dialled before it, it is the end of what is meant; where its
 * country is said, a number dialled within that country is meant, too.
 */
struct digits_wanted {
	int64_t first, last; /* keys of numbers that end so */
	int64_t national;    /* the key of the number as dialled at home; 0 = none */
};
/* ERR_MALFORMED: no number. */
MUST_CHECK enum status digits_wanted(struct text t, struct digits_wanted *out);

/* Are there enough of them that few numbers end so? */
bool digits_are_many(const struct digits_wanted *wanted);

bool digits_match(const struct digits_wanted *wanted, int64_t key);

#endif
