#include "schema/aliases.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

struct alias {
	uint64_t was, call;
};

enum status aliases_note(struct aliases *aliases, const struct call_record *call)
{
	for (uint8_t i = 0; i < call->aliases.count; i++) {
		if (aliases->count == aliases->room) {
			const size_t room = aliases->room ? 2 * aliases->room : FIRST_ROOM;
			struct alias *list = realloc(aliases->list, room * sizeof *list);
			if (!list)
				return ERR_NOMEM;
			aliases->list = list;
			aliases->room = room;
		}
		aliases->list[aliases->count++] =
		        (struct alias){ call->aliases.ids[i], call->id };
	}
	return OK;
}

int aliases_apply(const struct aliases *aliases, sqlite3 *db, int64_t run)
{
	static const char sql[] = "UPDATE report SET call = ? WHERE call = ? AND run = ?";
	sqlite3_stmt *update = NULL;
	if (aliases->count == 0)
		return SQLITE_OK;
	int code = sqlite3_prepare_v2(db, sql, -1, &update, NULL);
	for (size_t i = 0; i < aliases->count && code == SQLITE_OK; i++) {
		const struct alias *alias = &aliases->list[i];
		code = sqlite3_bind_int64(update, 1, (int64_t)alias->call);
		if (code == SQLITE_OK)
			code = sqlite3_bind_int64(update, 2, (int64_t)alias->was);
		if (code == SQLITE_OK)
			code = sqlite3_bind_int64(update, 3, run);
		if (code == SQLITE_OK && sqlite3_step(update) != SQLITE_DONE)
			code = sqlite3_errcode(db);
		sqlite3_reset(update);
	}
	sqlite3_finalize(update);
	return code;
}

void aliases_free(struct aliases *aliases)
{
	free(aliases->list);
	*aliases = (struct aliases){ 0 };
}
