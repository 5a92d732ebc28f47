/*
 * record_json.h - a record as one JSON object, by the table of its fields: on the command
 * line, in the API and in what is sent elsewhere.
 */
#ifndef EARSHOT_WEB_RECORD_JSON_H
#define EARSHOT_WEB_RECORD_JSON_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

/* `"name":`, after a comma unless it is the first of its object. */
void json_add_name(struct buffer *to, const char *name);

/* The fields as members, `"kind"` first, without the braces. */
void json_add_members(struct buffer *to, const struct record *record);

/* The figures of the buffers, as a list of objects. */
void json_add_buffers(struct buffer *to, const struct buffer_list *list);

void json_add_object(struct buffer *to, const struct record *record);
/* The same on a line of its own. */
void json_add_record(struct buffer *to, const struct record *record);

#endif
