/*
 * Whatever somebody types into a filter: an error points into it, and what is no error is a
 * statement that SQLite takes, with as many parameters as are bound, and says of an empty
 * record what it says in memory.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/field_text.h"
#include "schema/filter_tree.h"
#include "schema/migrations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { FIRST = 3 };

static const enum record_kind kinds[] = { RECORD_CALL, RECORD_LEG, RECORD_STREAM,
	                                  RECORD_REGISTRATION };

static void must(bool done)
{
	assert(done);
}

static sqlite3 *open_empty(void)
{
	sqlite3 *db = NULL;
	must(sqlite3_open(":memory:", &db) == SQLITE_OK);
	must(filter_register(db) == SQLITE_OK);
	for (size_t i = 0; i < migration_count; i++) {
		must(sqlite3_exec(db, migrations[i].sql, NULL, NULL, NULL) == SQLITE_OK);
		sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	}
	return db;
}

static void check_error(struct text t, const struct filter_error *error)
{
	assert(error->column >= 1 && error->column <= t.len + 1);
	assert(error->text[0] && strlen(error->text) < sizeof error->text);
}

/* The table is empty: the condition is prepared, bound and stepped over nothing. */
static void check_sql(sqlite3 *db, const struct filter *filter)
{
	sqlite3_stmt *statement = NULL;
	char *condition = filter_condition(filter, FIRST);
	char *sql = NULL;
	must(condition);
	must(asprintf(&sql, "SELECT id FROM \"%s\" AS t WHERE %s",
	              record_kind_names[filter->kind], condition) > 0);
	must(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
	must(filter_bind(filter, statement, FIRST, 0) == SQLITE_OK);
	must(sqlite3_step(statement) == SQLITE_DONE);
	sqlite3_finalize(statement);
	free(condition);
	free(sql);
}

static void check_kind(sqlite3 *db, struct text t, enum record_kind kind)
{
	struct filter_error error = { 0 };
	struct filter *filter = NULL;
	struct record record;
	if (filter_parse(t, kind, &filter, &error) != OK) {
		check_error(t, &error);
		return;
	}
	record_clear(&record, kind);
	const struct filter_subject subject = { .record = &record, .now = 0 };
	(void)filter_matches(filter, &subject);
	check_sql(db, filter);
	filter_free(filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static sqlite3 *db;
	if (!db)
		db = open_empty();
	const struct text t = { (const char *)data, len };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		check_kind(db, t, kinds[i]);
	return 0;
}
