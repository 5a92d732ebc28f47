/*
 * print_intervals.h - the intervals of a stream's timeline, one JSON object a line.
 */
#ifndef EARSHOT_PROBE_PRINT_INTERVALS_H
#define EARSHOT_PROBE_PRINT_INTERVALS_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

/* None when the record came without its timeline; up to where it is damaged. */
void json_add_intervals(struct buffer *to, const struct record *stream);

#endif
