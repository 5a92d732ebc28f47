/*
 * leg_numbers.h - the telephone numbers of a leg's From and To: in full, where they lead,
 * and whether they are written as the trunks at its ends want them.
 */
#ifndef EARSHOT_TRACK_LEG_NUMBERS_H
#define EARSHOT_TRACK_LEG_NUMBERS_H

#include "analyzer/model/limits.h"
#include "analyzer/model/record.h"
#include "analyzer/model/trunk.h"

enum { LEG_ENDS = 2 };

/* `ends`: the trunks of src and dst, NULL where there is none. */
void leg_numbers(const struct settings *settings, const struct trunk *const ends[LEG_ENDS],
                 struct leg_record *leg);

#endif
