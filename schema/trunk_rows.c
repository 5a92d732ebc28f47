#include "schema/trunk_rows.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

/* --- writing -------------------------------------------------------------------------- */

static int bind_text(sqlite3_stmt *insert, int parameter, const char *text)
{
	return text && *text ? sqlite3_bind_text(insert, parameter, text, -1, SQLITE_STATIC)
	                     : sqlite3_bind_null(insert, parameter);
}

static int write_one(sqlite3_stmt *insert, const struct trunk *trunk)
{
	const char *const texts[] = {
		trunk->name,
		trunk->site,
		trunk_role_names[trunk->role],
		trunk_type_names[trunk->type],
		trunk->group,
		trunk_redundancy_names[trunk->redundancy],
	};
	int parameter = 2; /* 1 is the run */
	int code = SQLITE_OK;
	for (size_t i = 0; code == SQLITE_OK && i < ARRAY_LEN(texts); i++)
		code = bind_text(insert, parameter++, texts[i]);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(insert, parameter++, trunk->priority);
	if (code == SQLITE_OK)
		code = trunk->channels
		               ? sqlite3_bind_int64(insert, parameter, trunk->channels)
		               : sqlite3_bind_null(insert, parameter);
	if (code == SQLITE_OK)
		code = sqlite3_step(insert);
	sqlite3_reset(insert);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int forget_run(sqlite3 *db, int64_t run)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, "DELETE FROM trunk WHERE run = ?", -1, &statement,
	                              NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, run);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int trunk_rows_write(sqlite3 *db, int64_t run, const struct trunks *trunks)
{
	static const char sql[] =
	        "INSERT INTO trunk (run, name, site, role, type, \"group\", redundancy, "
	        "priority, channels) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
	sqlite3_stmt *insert = NULL;
	int code = forget_run(db, run);
	if (code != SQLITE_OK || trunks_count(trunks) == 0)
		return code;
	code = sqlite3_prepare_v2(db, sql, -1, &insert, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(insert, 1, run);
	for (size_t i = 0; code == SQLITE_OK && i < trunks_count(trunks); i++)
		code = write_one(insert, trunks_at(trunks, i));
	sqlite3_finalize(insert);
	return code;
}

/* --- reading -------------------------------------------------------------------------- */

enum column { NAME, SITE, ROLE, TYPE, GROUP, REDUNDANCY, PRIORITY, CHANNELS };

static struct text text_at(sqlite3_stmt *row, enum column column)
{
	const void *bytes = sqlite3_column_blob(row, (int)column);
	return (struct text){ bytes ? bytes : "",
		              (size_t)sqlite3_column_bytes(row, (int)column) };
}

/* The place of the word in a table of names; 0: in none. */
static unsigned int word_at(sqlite3_stmt *row, enum column column, const char *const *names,
                            unsigned int count)
{
	const struct text word = text_at(row, column);
	for (unsigned int i = 0; i < count; i++) {
		if (names[i] && text_equal(word, text_from(names[i])))
			return i;
	}
	return 0;
}

static uint32_t number_at(sqlite3_stmt *row, enum column column)
{
	const int64_t number = sqlite3_column_int64(row, (int)column);
	return number < 0 || number > UINT32_MAX ? 0 : (uint32_t)number;
}

static struct trunk read_one(sqlite3_stmt *row)
{
	struct trunk trunk = trunk_default();
	text_copy(trunk.name, sizeof trunk.name, text_at(row, NAME));
	text_copy(trunk.site, sizeof trunk.site, text_at(row, SITE));
	text_copy(trunk.group, sizeof trunk.group, text_at(row, GROUP));
	trunk.role =
	        (enum trunk_role)word_at(row, ROLE, trunk_role_names, TRUNK_ROLE_COUNT);
	trunk.type =
	        (enum trunk_type)word_at(row, TYPE, trunk_type_names, TRUNK_TYPE_COUNT);
	trunk.redundancy = (enum trunk_redundancy)word_at(
	        row, REDUNDANCY, trunk_redundancy_names, TRUNK_REDUNDANCY_COUNT);
	trunk.priority = number_at(row, PRIORITY);
	trunk.channels = number_at(row, CHANNELS);
	return trunk;
}

static bool add(struct trunk_rows *rows, const struct trunk *trunk)
{
	if (rows->count == rows->room) {
		const size_t room = rows->room ? 2 * rows->room : FIRST_ROOM;
		struct trunk *list = realloc(rows->list, room * sizeof *list);
		if (!list)
			return false;
		rows->list = list;
		rows->room = room;
	}
	rows->list[rows->count++] = *trunk;
	return true;
}

enum status trunk_rows_read(struct query *query, struct trunk_rows *out)
{
	static const char sql[] =
	        "SELECT name, site, role, type, \"group\", redundancy, priority, channels "
	        "FROM trunk WHERE run = (SELECT max(run) FROM trunk AS other WHERE "
	        "other.name = trunk.name) ORDER BY name";
	sqlite3_stmt *row = NULL;
	*out = (struct trunk_rows){ 0 };
	int code = sqlite3_prepare_v2(query_db(query), sql, -1, &row, NULL);
	bool whole = true;
	while (whole && (code == SQLITE_OK || code == SQLITE_ROW) &&
	       (code = sqlite3_step(row)) == SQLITE_ROW) {
		const struct trunk trunk = read_one(row);
		whole = add(out, &trunk);
	}
	const enum status status = code == SQLITE_DONE ? OK
	                           : !whole            ? query_no_memory(query)
	                                               : query_failed(query);
	sqlite3_finalize(row);
	return status;
}

void trunk_rows_free(struct trunk_rows *rows)
{
	free(rows->list);
	*rows = (struct trunk_rows){ 0 };
}

const struct trunk *trunk_rows_find(const struct trunk_rows *rows, struct text name)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (text_equal(text_from(rows->list[i].name), name))
			return &rows->list[i];
	}
	return NULL;
}
