#include "schema/insert.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a row has beside the record's fields. */
static const char *const tail_columns[RECORD_KIND_COUNT] = {
	[RECORD_LEG] = "ladder, digits_from, digits_to, digits_asserted, digits_diverted",
	[RECORD_STREAM] = "timeline",
	[RECORD_KPI] = "bins",
};

struct sql {
	char *at; /* INSERT_SQL_MAX */
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct sql *sql, const char *format,
                                                      ...)
{
	va_list arguments;
	va_start(arguments, format);
	const int len =
	        vsnprintf(sql->at + sql->len, INSERT_SQL_MAX - sql->len, format, arguments);
	va_end(arguments);
	sql->len += (size_t)len;
	assert(sql->len < INSERT_SQL_MAX);
}

/* What a bucket is unique by may not be NULL: no two of those are the same to SQL. */
static const char *parameter_of(enum record_kind kind, const struct field *field)
{
	if (kind != RECORD_KPI)
		return "?";
	if (field->type == FIELD_TEXT || field->type == FIELD_NAME ||
	    field->type == FIELD_CODEC)
		return "ifnull(?, '')";
	return field->type == FIELD_NUMBER ? "ifnull(?, 0)" : "?";
}

static void add_to_bucket(struct sql *sql)
{
	const struct field_table table = record_fields(RECORD_KPI);
	add(sql,
	    " ON CONFLICT (start, run, \"view\", trunk, site, peer, direction, prefix, "
	    "codec, status) DO UPDATE SET bins = kpi_merge(bins, excluded.bins)");
	for (size_t i = 0; i < table.count; i++) {
		if (table.fields[i].type == FIELD_COUNT)
			add(sql, ", \"%s\" = \"%s\" + excluded.\"%s\"",
			    table.fields[i].name, table.fields[i].name,
			    table.fields[i].name);
	}
}

void insert_compose(enum record_kind kind, bool quick, char to[INSERT_SQL_MAX])
{
	const struct field_table table = record_fields(kind);
	const bool if_new = quick && kind == RECORD_KPI;
	const bool lean = quick && !if_new;
	struct sql sql = { .at = to };
	add(&sql, "INSERT %sINTO \"%s\" (run", if_new ? "OR IGNORE " : "",
	    record_kind_names[kind]);
	for (size_t i = 0; i < table.count; i++) {
		if (!lean || !table.fields[i].rare)
			add(&sql, ", \"%s\"", table.fields[i].name);
	}
	if (tail_columns[kind])
		add(&sql, ", %s", tail_columns[kind]);
	add(&sql, ") VALUES (?");
	for (size_t i = 0; i < table.count; i++) {
		if (!lean || !table.fields[i].rare)
			add(&sql, ",%s", parameter_of(kind, &table.fields[i]));
	}
	for (const char *c = tail_columns[kind]; c; c = strchr(c + 1, ','))
		add(&sql, ",?");
	add(&sql, ")");
	if (kind == RECORD_KPI && !if_new)
		add_to_bucket(&sql);
}
