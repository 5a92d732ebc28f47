/*
 * print_observation.h - what looks like an attack, for people.
 */
#ifndef EARSHOT_PROBE_PRINT_OBSERVATION_H
#define EARSHOT_PROBE_PRINT_OBSERVATION_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

/* One line, without its end. */
void text_add_observation(struct buffer *to, const struct record *record);

#endif
