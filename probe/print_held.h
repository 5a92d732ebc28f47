/*
 * print_held.h - lines about a call that wait for the call's own record.
 *
 * A call with its legs and streams is printed together, and its record comes last.  Lines
 * are kept instead of records: they are a tenth of the size.
 */
#ifndef EARSHOT_PROBE_PRINT_HELD_H
#define EARSHOT_PROBE_PRINT_HELD_H

#include "analyzer/base/clock.h"
#include "web/buffer.h"

enum { PRINT_HELD_MAX = 32 << 20 }; /* bytes of lines and what goes with them */

struct held_line {
	struct held_line *next;
	uint64_t call, leg; /* leg: its own id, or that of a stream's leg */
	nstime start;
	bool is_leg;
	size_t first_len, second_len;
	char text[]; /* a leg's outcome and signalling; a stream's line */
};

struct held_lines;

/* ERR_NOMEM. */
MUST_CHECK enum status held_new(struct held_lines **out);

/* Copies first and second; false when the line cannot be held. */
bool held_add(struct held_lines *held, const struct held_line *head, struct text first,
              struct text second);

/*
 * Takes all lines of a call out, as a list in which each leg is followed by its streams,
 * both by start; streams of no leg in the list come last.  The caller frees it.
 */
struct held_line *held_take(struct held_lines *held, uint64_t call);
/* All lines whose call never got its record, by start. */
struct held_line *held_take_rest(struct held_lines *held);

void held_free_list(struct held_line *list);
void held_free(struct held_lines *held); /* NULL is fine */

#endif
