/*
 * record_csv.h - records of one kind as RFC 4180 rows under a line of names.
 */
#ifndef EARSHOT_WEB_RECORD_CSV_H
#define EARSHOT_WEB_RECORD_CSV_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

void csv_add_header(struct buffer *to, enum record_kind kind);
/* Numbers rounded as for people; an empty cell is not known. */
void csv_add_record(struct buffer *to, const struct record *record);

#endif
