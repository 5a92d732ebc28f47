/* database.h - what a statement answers whose answer is one value. */
#ifndef EARSHOT_TESTS_UNIT_DATABASE_H
#define EARSHOT_TESTS_UNIT_DATABASE_H

#include <sqlite3.h>
#include <stdio.h>

#include "tests/unit/unit.h"

static inline sqlite3_stmt *database_row(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	return statement;
}

static inline int64_t database_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = database_row(db, sql);
	const int64_t number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

/* Until it is asked again. */
static inline const char *database_text(sqlite3 *db, const char *sql)
{
	static char answer[4096];
	sqlite3_stmt *statement = database_row(db, sql);
	const unsigned char *text = sqlite3_column_text(statement, 0);
	snprintf(answer, sizeof answer, "%s", text ? (const char *)text : "NULL");
	sqlite3_finalize(statement);
	return answer;
}

#endif
