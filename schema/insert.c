#include "schema/insert.h"

#include <assert.h>
#include <stdio.h>

/* What a row has beside the record's fields. */
static const char *const tail_columns[RECORD_KIND_COUNT] = {
	[RECORD_LEG] = "ladder",
	[RECORD_STREAM] = "timeline",
};

void insert_compose(enum record_kind kind, bool lean, char sql[INSERT_SQL_MAX])
{
	const struct field_table table = record_fields(kind);
	size_t parameters = 1;
	int len = snprintf(sql, INSERT_SQL_MAX, "INSERT INTO \"%s\" (run",
	                   record_kind_names[kind]);
	for (size_t i = 0; i < table.count; i++) {
		if (lean && table.fields[i].rare)
			continue;
		len += snprintf(sql + len, INSERT_SQL_MAX - (size_t)len, ", \"%s\"",
		                table.fields[i].name);
		parameters++;
	}
	if (tail_columns[kind]) {
		len += snprintf(sql + len, INSERT_SQL_MAX - (size_t)len, ", %s",
		                tail_columns[kind]);
		parameters++;
	}
	len += snprintf(sql + len, INSERT_SQL_MAX - (size_t)len, ") VALUES (?");
	for (size_t i = 1; i < parameters; i++)
		len += snprintf(sql + len, INSERT_SQL_MAX - (size_t)len, ",?");
	len += snprintf(sql + len, INSERT_SQL_MAX - (size_t)len, ")");
	assert((size_t)len < INSERT_SQL_MAX);
}
