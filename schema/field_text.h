/*
 * field_text.h - the fields that are more than a number or a text, as text and back: what
 * the database keeps is what JSON shows.
 */
#ifndef EARSHOT_SCHEMA_FIELD_TEXT_H
#define EARSHOT_SCHEMA_FIELD_TEXT_H

#include "analyzer/model/record.h"

enum {
	ID_TEXT_SIZE = 17,
	FIELD_LIST_SIZE = 704, /* the longest list, RECORD_MAX_LEGS ids, and its NUL */
};

/* 16 hex digits; `to` holds ID_TEXT_SIZE. */
const char *id_format(uint64_t id, char *to);

/*
 * FIELD_IDS, FIELD_FLAGS, FIELD_CODECS: a JSON list of strings; FIELD_PAYLOAD_TYPES: an
 * object of numbers; FIELD_HISTOGRAM: a list of numbers.  `to` holds FIELD_LIST_SIZE;
 * returns the length without the NUL.
 */
size_t field_format_list(const struct field *field, const struct record *record, char *to);
/* The inverse; what is no such list leaves the field as it was, or cut. */
void field_parse_list(const struct field *field, struct text t, struct record *record);

/* Name of a FIELD_NAME or FIELD_CODEC; NULL when it is not known. */
const char *field_name_of(const struct field *field, const struct record *record);
/* The index of a name in the field's table, 0 when it is none of them. */
unsigned int field_name_index(const struct field *field, struct text name);

/* "198.18.0.1:4000" or, of FIELD_ADDRESS, "198.18.0.1"; `to` holds ENDPOINT_TEXT_SIZE. */
size_t field_format_endpoint(const struct field *field, const struct record *record,
                             char *to);
MUST_CHECK enum status endpoint_parse(struct text t, struct endpoint *out);

/* Every field as not known (record.h), of this kind. */
void record_clear(struct record *record, enum record_kind kind);

#endif
