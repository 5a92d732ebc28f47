/*
 * print_json.h - a record or the summary as one JSON object on a line of its own.
 */
#ifndef EARSHOT_PROBE_PRINT_JSON_H
#define EARSHOT_PROBE_PRINT_JSON_H

#include "analyzer/model/record.h"
#include "probe/buffer.h"
#include "probe/summary.h"

/* `"name":`, after a comma unless it is the first of its object. */
void json_add_name(struct buffer *to, const char *name);

/* The fields as members, `"kind"` first, without the braces. */
void json_add_members(struct buffer *to, const struct record *record);

/* The figures of the buffers, as a list of objects. */
void json_add_buffers(struct buffer *to, const struct buffer_list *list);

void json_add_record(struct buffer *to, const struct record *record);
void json_add_summary(struct buffer *to, const struct summary *summary);

#endif
