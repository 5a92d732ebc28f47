/*
 * print_json.h - the summary as one JSON object on a line of its own.
 */
#ifndef EARSHOT_PROBE_PRINT_JSON_H
#define EARSHOT_PROBE_PRINT_JSON_H

#include "probe/summary.h"
#include "web/buffer.h"

void json_add_summary(struct buffer *to, const struct summary *summary);

#endif
