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
/* A member with a number, null for NaN, or with true or false. */
void json_add_real(struct buffer *to, const char *name, double value);
void json_add_count(struct buffer *to, const char *name, uint64_t count);
void json_add_flag(struct buffer *to, const char *name, bool flag);
/* A member with a text, null for an empty one or NULL. */
void json_add_text(struct buffer *to, const char *name, const char *text);
/* A member with a time, null for NSTIME_NONE. */
void json_add_time(struct buffer *to, const char *name, nstime at);

/* The fields as members, `"kind"` first, without the braces. */
void json_add_members(struct buffer *to, const struct record *record);

/* The figures of the buffers, as a list of objects. */
void json_add_buffers(struct buffer *to, const struct buffer_list *list);

void json_add_object(struct buffer *to, const struct record *record);
/* The same on a line of its own. */
void json_add_record(struct buffer *to, const struct record *record);

#endif
